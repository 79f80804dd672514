// How connections travel: as a copy of their descriptor, which the receiver gets as its own; the sender's stays open, as in Python. Over a pipe
// it goes with the message itself (tree-data.ts), everywhere else by the keeper of the tree (channel/descriptors.ts).
import { NotSerializableError } from '../base/errors.ts'
import { descriptorOf, handleOf } from '../channel/descriptors.ts'
import { teach } from '../channel/teach.ts'
import { TREE_DATA } from './tree-data.ts'
import { Connection, connectionOver, messagesOf, streamOf } from './connection.ts'
import { PLAIN_DATA } from './messages.ts'
import type { StreamOptions } from './stream/stream.ts'

/** One end of a pipe, over a descriptor that is its own from here on. */
export function endOfPipe(fd: number, options: StreamOptions): Connection {
  return connectionOver(fd, options, TREE_DATA)
}

type Data = readonly [handle: Uint8Array, readable: boolean, writable: boolean, isOfTree: boolean]

teach<Connection, Data>(
  'Connection',
  Connection,
  connection => {
    const stream = streamOf(connection)
    const handle = handleOf(stream.fd)
    // The other process would take the rest of the message for the beginning of one.
    if (stream.isInMessage) throw new NotSerializableError('connection', 'a part of a message is under way over it')
    return [handle, stream.readable, stream.writable, messagesOf(connection) === TREE_DATA]
  },
  ([handle, readable, writable, isOfTree]) =>
    connectionOver(descriptorOf(handle), { readable, writable }, isOfTree ? TREE_DATA : PLAIN_DATA),
)
