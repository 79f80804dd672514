// What a forked child does first, however it was forked. The addon has given V8 threads and the event loop a life of its own by then;
// here is what JavaScript must forget, and what must be new.
import { calledInChild, runInChild } from '../base/at-fork.ts'
import type { ForkAddon } from './addon.ts'
import { startCpuProfile } from './cpu-profile.ts'
import { leaveByExit, onBeforeExit } from './leave.ts'
import { clearTimers } from './node-queues.ts'
import { dropBufferedOutput } from './output.ts'
import { reseed } from './random.ts'
import { forgetWorkers } from './workers.ts'

export type ChildMechanism = Pick<ForkAddon, 'seed' | 'hasDroppedOutput' | 'callSoon' | 'isLoopAlive'>

/** @param pid of this process */
export function becomeForkedChild(addon: ChildMechanism, pid: number): void {
  // Node looks the pid up once.
  Object.defineProperty(process, 'pid', { value: pid, writable: false, enumerable: true, configurable: true })
  clearTimers()
  if (addon.hasDroppedOutput()) dropBufferedOutput()
  reseed(addon)
  forgetWorkers()
  // The channel to whoever started the parent is the parent's.
  if (process.connected) process.connected = false
  leaveWithoutParents(addon)
  runInChild()
  startCpuProfile()
}

let isForked = false

/**
 * From now on this process ends with its `exit` event. When there is nothing left to do it calls `process.exit`, before Node asks for
 * the `await` at the top of the parent's main module.
 */
function leaveWithoutParents(addon: ChildMechanism): void {
  for (const listener of process.listeners('exit')) if (listener.name === 'handleProcessExit') process.off('exit', listener)
  leaveByExit()
  if (isForked) return
  isForked = true
  onBeforeExit(() => addon.callSoon(() => addon.isLoopAlive() || process.exit()))
}

calledInChild(becomeForkedChild, leaveWithoutParents, runInChild)
