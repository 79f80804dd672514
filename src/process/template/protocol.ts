// What is said between a process and the template that it has children forked off.
//
// They share a pair of sockets that nobody else has, so nobody else can ask: the one who starts the template passes it one end, and
// the template makes a pair for each child it forks. What is long goes through a block of the arena.
//
//   template → its owner       HELLO byte                                            once, when it is up
//   process → template         ORDER byte with stdout, a byte with stderr, then the id of the child's slot, then the place of a block
//                              with an Order, which is the asking process's and stays until the child has ended
//   template → process         FORKED byte with the child's pidfd, or FAILED; then the pid, or the (negative) errno
//   its owner → template       GOODBYE byte; when the template has no reserve any more, it closes the socket
//   template → its reserve     the order as it came
//   reserve → template         TAKEN, as a number

import type { Program } from '../programs.ts'

/** The template is up. */
export const HELLO = 1
/** The template cannot be forked: a loader of modules runs in a thread of its own, which a fork does not copy, or the inspector is forbidden. */
export const USELESS = 2
export const ORDER = 3
export const FORKED = 4
export const FAILED = 5
export const TAKEN = 6
export const GOODBYE = 7

/** Where a template finds its owner's socket: behind the arena. */
export const SOCKET_FD = 4

export interface Order {
  readonly program: Program
  /** What is different from the environment that the template was started with; null: nothing. */
  readonly env: Record<string, string | undefined> | null
  readonly cwd: string
  readonly umask: number
}

/** An Int32 by itself. */
export const NUMBER_BYTES = 4
