import { executionAsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers'
import { runBefore, runInParent, takeCalledInChild } from '../base/at-fork.ts'
import { NotSupportedError } from '../base/errors.ts'
import { native } from '../native/load.ts'
import { type ForkAddon, forkAddon } from './addon.ts'
import { becomeForkedChild } from './child.ts'
import { warnOfThreads } from './dangers.ts'
import { clearTicks, findNodeQueues } from './node-queues.ts'
import { prepareRandom } from './random.ts'
import { joinEnded } from './workers.ts'

/** What becomes of a fork that is to happen later. Exactly one of the three is called, in each process that there is then. */
export interface LaterFork {
  /** Functions of the program that the child calls first. */
  readonly calls?: readonly unknown[]
  inParent(pid: number): void
  /** Runs with nothing beneath it: its `process.nextTick` and promise jobs are its own. */
  inChild(): void
  failed(error: unknown): void
}

/**
 * fork(2), as `os.fork`: 0 in the child, the child's pid in the parent. The stack goes on on both sides, and so do its promise jobs.
 * @throws NotSupportedError where `forkSupport()` says no; the system's error, `EAGAIN` too when V8's threads do not come to rest
 */
export function forkNow(): number {
  const addon = preparedAddon()
  compileForChildren(addon)
  joinEnded(addon)
  runBefore()
  const result = addon.fork()
  if (result === 0) {
    becomeForkedChild(addon, native().threadId())
    return 0
  }
  goOnAsParent()
  if (result < 0) throw systemError(result)
  return result
}

/**
 * Forks from the event loop with no JavaScript beneath, as soon as the JavaScript that runs now is done; keeps the loop running until then.
 * Returns how to call that off, as long as none of the three has been called.
 * @throws NotSupportedError where `forkSupport()` says no
 */
export function forkLater({ calls = [], inParent, inChild, failed }: LaterFork): () => void {
  const addon = preparedAddon()
  compileForChildren(addon, [inChild, ...calls])
  let isCalledOff = false
  addon.forkLater({
    before() {
      if (isCalledOff) return false
      joinEnded(addon)
      runBefore()
      return true
    },
    notYet: runInParent,
    done(pid, errno) {
      if (pid === 0 && errno === 0) {
        becomeForkedChild(addon, native().threadId())
        inChild()
        return
      }
      goOnAsParent()
      if (errno < 0) failed(systemError(errno))
      else inParent(pid)
    },
  })
  return () => {
    isCalledOff = true
  }
}

/**
 * Forks now. The parent gets the child's pid; in the child the call never returns: all its JavaScript is unwound, past every catch and
 * finally, and `inChild` runs from the event loop.
 * @throws as `forkNow`
 */
export function forkUnwinding(inChild: () => void): number {
  const pid = forkNow()
  if (pid > 0) return pid
  clearTicks()
  const addon = preparedAddon()
  addon.callSoon(inChild)
  addon.unwind()
  // Termination comes when JavaScript looks for it, at the latest in a loop.
  for (;;);
}

/** What the first fork would do first, for those who want to know before whether it can be done. @throws NotSupportedError, also where there is no inspector */
export function prepareFork(): void {
  preparedAddon()
}

function preparedAddon(): ForkAddon {
  const addon = forkAddon()
  if (typeof addon === 'string') throw new NotSupportedError(addon)
  findNodeQueues()
  prepareRandom(addon)
  return addon
}

let isFirstFork = true

/**
 * From the second child on. The first is there sooner if it compiles for itself what it calls, which is a part of this; and many programs
 * have no other.
 */
function compileForChildren(addon: ForkAddon, calls: readonly unknown[] = []): void {
  if (isFirstFork) {
    isFirstFork = false
    return
  }
  const functions = takeCalledInChild()
  if (functions.length > 0 || calls.length > 0) addon.compile(...functions, ...calls)
  if (functions.length > 0) useNode()
}

/** What a child does of Node's, so that V8 has compiled that, too. */
function useNode(): void {
  const emitter = new EventEmitter()
  const listener = (): void => {}
  emitter.on('exit', listener).on('exit', () => {})
  emitter.off('exit', emitter.listeners('exit')[0] as typeof listener).removeAllListeners('exit')
  process.on('polyprocess', listener).off('polyprocess', listener)
  clearImmediate(setImmediate(listener))
  executionAsyncResource()
}

function goOnAsParent(): void {
  runInParent()
  warnOfThreads()
}

function systemError(errno: number): Error {
  const { getSystemErrorName } = process.getBuiltinModule('node:util')
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`fork ${code}: this process could not be forked`), { errno, code, syscall: 'fork' })
}
