// A fork of the template, whoever it becomes.
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { forkNow } from '../../fork/fork.ts'
import { native } from '../../native/load.ts'

/** A process that has been forked and not yet reaped. */
export interface Forked {
  readonly pid: number
  readonly pidfd: number
  /** To the template, for children of that child: the template's end. */
  readonly line: number
}

let line = -1

/** In a child: its end of its line to the template. */
export function lineToTemplate(): number {
  return line
}

/** Null in the child. `leftBehind`: descriptors that are not for it. @throws the system's error */
export function forkChild(leftBehind: readonly number[]): Forked | null {
  const pair = native().socketPair()
  const [ours, theirs] = pair
  try {
    if (Math.max(...pair) + NEEDED_BY_CHILD > descriptorLimit()) throw descriptorsRunOut()
    const pid = forkNow()
    if (pid === 0) {
      for (const fd of [ours, ...leftBehind]) native().close(fd)
      line = theirs
      return null
    }
    const pidfd = openOrEnd(pid)
    native().close(theirs)
    return { pid, pidfd, line: ours }
  } catch (error) {
    for (const fd of pair) native().close(fd)
    throw error
  }
}

/** Descriptors that a child opens before it can say that it has none. */
const NEEDED_BY_CHILD = 32
let limit: number | undefined

function descriptorLimit(): number {
  limit ??= Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? Infinity)
  return limit
}

/** What came with a message had no room here, or what a child needs would have none. */
export function descriptorsRunOut(): Error {
  return Object.assign(new Error('the template has no room for more descriptors'), { errno: -constants.errno.EMFILE })
}

/** Nobody but us can reap it, so it is there. @throws the system's error; then the child has been ended */
function openOrEnd(pid: number): number {
  try {
    return native().pidfdOpen(pid)
  } catch (error) {
    process.kill(pid, 'SIGKILL')
    throw error
  }
}
