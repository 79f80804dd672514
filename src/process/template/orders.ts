// An order as the template and the child see it; protocol.ts has the messages.
import { constants } from 'node:os'
import type { OwnerId } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { native } from '../../native/load.ts'
import { FAILED, FORKED, ORDER } from './protocol.ts'
import { readNumber, writeNumbers } from './sockets.ts'

export interface ReceivedOrder {
  /** The child's. */
  readonly id: OwnerId
  /** A block with an Order. */
  readonly reference: Reference
  /** Standard output and standard error; -1 where there was no room for the descriptor. */
  readonly outputs: readonly [stdout: number, stderr: number]
}

/** Null: nobody is there any more. Waiting: until it has come. */
export function receiveOrder(socket: number): ReceivedOrder | null {
  try {
    return receive(socket)
  } catch {
    return null // ECONNRESET: whoever was there was killed with something of ours unread.
  }
}

function receive(socket: number): ReceivedOrder | null {
  const stdout = native().receiveDescriptor(socket)
  if (stdout === null) return null
  if (stdout.byte !== ORDER) {
    if (stdout.fd >= 0) native().close(stdout.fd)
    return null
  }
  const stderr = native().receiveDescriptor(socket)
  const id = readNumber(socket)
  const reference = readNumber(socket)
  if (stderr === null || id === null || reference === null) return null
  return { id: id >>> 0, reference: reference >>> 0, outputs: [stdout.fd, stderr.fd] }
}

/** @throws the system's error when nobody is there any more */
export function sendOrder(socket: number, { id, reference, outputs }: ReceivedOrder): void {
  for (const fd of outputs) native().sendDescriptor(socket, fd, ORDER)
  writeNumbers(socket, id, reference)
}

export function confirmOrder(socket: number, pid: number, pidfd: number): void {
  try {
    native().sendDescriptor(socket, pidfd, FORKED)
    writeNumbers(socket, pid)
  } catch {
    // Who asked is gone, and the child ends when it sees that.
  }
}

export function refuseOrder(socket: number, error: unknown): void {
  const { errno } = error as { errno?: number }
  try {
    // Any descriptor but the arena's: who closes one of those gives up its locks.
    native().sendDescriptor(socket, 0, FAILED)
    writeNumbers(socket, errno ?? -constants.errno.EAGAIN)
  } catch {
    // Who asked is gone.
  }
}
