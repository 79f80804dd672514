// How queues travel: as the places of their ring and lists, to other processes of the tree only.
import { teach } from '../channel/teach.ts'
import type { SharedHandle } from '../sync/state/shared-block.ts'
import { MessageQueue } from './message-queue.ts'

type Data = readonly [ring: number, ...lists: number[]]

function toData(messages: MessageQueue): Data {
  const { ring, lists } = messages.handle
  return [ring, ...lists.flatMap(({ reference, generation }) => [reference, generation])]
}

function fromData([ring, ...numbers]: Data): MessageQueue {
  const lists: SharedHandle[] = []
  for (let at = 0; at < numbers.length; at += 2) lists.push({ reference: numbers[at] as number, generation: numbers[at + 1] as number })
  return MessageQueue.find({ ring, lists })
}

/** Instances of `cls` travel, under this name. `make`: one for the messages of a queue that is there. */
export function teachQueue<T extends object>(
  name: string,
  cls: object & { readonly prototype: T },
  messagesOf: (queue: T) => MessageQueue,
  make: (messages: MessageQueue) => T,
): void {
  teach(
    name,
    cls,
    queue => toData(messagesOf(queue)),
    (data: Data) => make(fromData(data)),
  )
}
