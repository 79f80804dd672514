// Which waits a signal ends. libuv's handler writes each signal that has a listener into a pipe of the event loop, where it stays while
// the thread is blocked, so whoever blocks looks into that pipe before each sleep: a signal that came before the sleep counts as well as
// one that interrupts it, and which signal it was is known. Each is told once, because who is told may block again before the event loop
// has had a turn: what has been told is a count from the beginning of the pipe, good as long as the pipe begins with the same message.
//
// In a thread of Node's that is not its main thread this finds nothing: Node tells no signals there.
import { constants } from 'node:os'
import { atFork } from '../../base/at-fork.ts'
import { native } from '../../native/load.ts'

/** Node handles these for itself: somebody else's child that ends, or a window that changes, is no reason to stop waiting. */
const HANDLED_BY_NODE = ['SIGCHLD', 'SIGWINCH']

/** So many messages at the beginning of the pipe have been told. */
let told = 0
/** With which message the pipe began then. */
let toldFrom = ''

// A forked child has a pipe of its own.
atFork({
  inChild() {
    told = 0
  },
})

/**
 * Whether a signal has come for which this program has a listener, and which no earlier call has told of. Does not wait.
 * `interrupted`: whether a handler has just interrupted a sleep, which decides where the event loop's pipe cannot be looked into.
 */
export function signalCame({ interrupted }: { interrupted: boolean }): boolean {
  const count = native().countSignals()
  if (count < 0) return interrupted && handled().length > 0
  if (count === 0) {
    told = 0
    return false
  }
  const { oldest, signals } = native().peekSignals()
  const before = oldest === toldFrom && told <= count ? told : 0
  toldFrom = oldest
  told = Math.max(count, signals.length)
  const fresh = signals.slice(before)
  // What could not be read may be anything.
  const isKnown = before + fresh.length >= count
  return handled().some(signal => fresh.includes(signal) || !isKnown)
}

/** The numbers of the signals for which the program has listeners of its own. */
function handled(): number[] {
  const names = process.eventNames().filter(name => typeof name === 'string' && !HANDLED_BY_NODE.includes(name))
  return names.map(name => constants.signals[name as NodeJS.Signals]).filter(number => number !== undefined)
}
