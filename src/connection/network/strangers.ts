import { type Connection, connectionOver } from '../connection.ts'
import { PLAIN_DATA } from '../messages.ts'

/** A connection to whoever is at the other end of the socket, which it owns from here on: it carries data only. */
export function connectionToStranger<S, R>(fd: number): Connection<S, R> {
  return connectionOver<S, R>(fd, { readable: true, writable: true }, PLAIN_DATA)
}
