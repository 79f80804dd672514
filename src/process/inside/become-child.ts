// The first steps of a child, before any user code: take its place in the arena, watch the process it belongs to, look like the
// program that started it. Who it is, it learns from its command line (a fresh `node`), from what its thread was given, or from those
// who forked it.
import { setImmediate } from 'node:timers'
import { calledInChild } from '../../base/at-fork.ts'
import { MultiprocessingError } from '../../base/errors.ts'
import { isMainThread, workerData } from '../../base/this-node.ts'
import { arena, attachArena, attachForkedArena, holdsLock } from '../../memory/arena.ts'
import type { OwnerId } from '../../memory/identity.ts'
import { native } from '../../native/load.ts'
import { ring } from '../../sync/waiting/doorbell.ts'
import { describeFailure, leaveByExit } from '../../fork/leave.ts'
import { ARENA_FD } from '../handed-down.ts'
import { startWithKey } from '../auth-key.ts'
import { readArgument } from '../life/argument.ts'
import { startWithLog } from '../log.ts'
import { takeIdFromCommandLine } from '../methods/command-line.ts'
import type { ThreadData } from '../methods/thread.ts'
import { setStartMethod } from '../start-method.ts'
import type { ChildArgument } from './child-argument.ts'
import { currentName, describeCurrent, mainHasNotRun } from './current.ts'
import { writeDirectly } from './thread-output.ts'
import { takeSignals } from './thread-signals.ts'

/** Time between SIGTERM and SIGKILL for a child whose parent has ended. */
const GRACE = 500

/** Set by those who forked this process. */
let forkedAs: OwnerId | null = null

export interface Becoming<A extends ChildArgument> {
  readonly isTemplate?: boolean
  readonly argument?: A | undefined
}

/** In a forked child: takes its place in the arena. If there is none, the parent has ended and been reaped, and so this process ends. */
export function takePlace(id: OwnerId): void {
  forkedAs = id
  try {
    attachForkedArena(id)
  } catch {
    native().exitNow(1)
  }
  if (isForkedByParent()) watchParentSoon()
  else {
    watchParent()
    showParent()
  }
}

/**
 * Makes this process a member of its parent's tree and returns what it is to do. A template looks itself whether its parent lives: it
 * has no threads. `argument`: what this process is to do, if it need not be sent.
 * @throws MultiprocessingError if it was not started by the library
 */
export function becomeChild<A extends ChildArgument>({ isTemplate = false, argument: given }: Becoming<A> = {}): A {
  const thread = (workerData as ThreadData | null)?.polyprocessThread
  if (forkedAs === null) {
    mainHasNotRun()
    if (!isMainThread && thread !== undefined) takePlaceAsThread(thread)
    else takePlaceAsFresh(isTemplate)
  }
  const argument = given ?? (readArgument(arena().slot, isOrphan) as A)
  if (given === undefined) process.argv.splice(1, process.argv.length, ...argument.argv.slice(1))
  describeCurrent(argument)
  setStartMethod(argument.startMethod, { force: true })
  startWithKey(argument.authKey)
  startWithLog(argument.log)
  if (isMainThread) leaveAsChild()
  else leaveAsThread()
  return argument
}

/** Or by a template; or nobody knows, because the parent has ended since. */
function isForkedByParent(): boolean {
  return process.ppid === parentsPid()
}

function parentsPid(): number {
  const { slots, slot } = arena()
  return slots.pidOf(slots.processSlotOf(slots.responsibleFor(slot)))
}

/**
 * From the next turn of the event loop on, because the helper thread costs a child that begins a tenth of a ms. Until then the kernel kills
 * it when the parent ends: no JavaScript could hear a gentler signal.
 */
function watchParentSoon(): void {
  native().dieWithForker(true)
  if (!isForkedByParent()) native().exitNow(1)
  let pidfd: number
  try {
    // Before user code, which may use up the descriptors.
    pidfd = native().pidfdOpen(parentsPid())
  } catch {
    return // There is no room: the kernel goes on watching.
  }
  setImmediate(() => {
    try {
      native().watchUser(pidfd, GRACE)
      native().dieWithForker(false)
    } catch {
      // The same.
    } finally {
      native().close(pidfd)
    }
  })
}

/** For the system the parent of a template's child is the template. */
function showParent(): void {
  const pid = parentsPid()
  // Node's own keeps its getter when it is only redefined.
  Reflect.deleteProperty(process, 'ppid')
  Object.defineProperty(process, 'ppid', { value: pid, enumerable: true, configurable: true })
}

function takePlaceAsThread({ id, fd, processSlot, direct }: ThreadData['polyprocessThread']): void {
  const { slots, slot } = attachArena(fd, id, processSlot)
  slots.setThread(slot, native().threadId())
  for (const name of direct) writeDirectly(name)
}

function takePlaceAsFresh(isTemplate: boolean): void {
  const id = takeIdFromCommandLine()
  if (id === null) throw new MultiprocessingError('This program is started by polyprocess and by nobody else')
  attachArena(ARENA_FD, id)
  native().setCloseOnExec(ARENA_FD, true)
  if (!isTemplate) watchParent()
}

/** An orphan ends without a word: whoever could have wanted to know is gone. */
function watchParent(): void {
  const { slots, slot } = arena()
  const parent = slots.processSlotOf(slots.responsibleFor(slot))
  const id = slots.idOf(parent)
  const pid = slots.pidOf(parent)
  if (!holdsLock(id, pid)) native().exitNow(1)
  const pidfd = openOrLeave(pid)
  // Between its death and the call above the pid may have become somebody else's; who still has the lock is the right one.
  if (!holdsLock(id, pid)) native().exitNow(1)
  native().watchUser(pidfd, GRACE)
  native().close(pidfd)
}

/** For those who have nobody yet that watches the parent. A thread has the same process. */
function isOrphan(): boolean {
  const { slots, slot } = arena()
  const parent = slots.processSlotOf(slots.responsibleFor(slot))
  if (parent === slots.processSlotOf(slot)) return false
  return !holdsLock(slots.idOf(parent), slots.pidOf(parent))
}

function openOrLeave(pid: number): number {
  try {
    return native().pidfdOpen(pid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    return native().exitNow(1)
  }
}

/** A thread tells with its last word that it is about to end, for those who block this process's main thread until then. */
function tellEnd(code: number): void {
  const { slots, slot, root } = arena()
  slots.setLastWord(slot, code)
  native().futexWake(root, slots.lastWordWordOf(slot), 1)
  ring(slots.responsibleFor(slot))
}

/** A thread's errors go where its other output goes; its parent is told that there was one. */
function leaveAsThread(): void {
  takeSignals()
  process.on('exit', tellEnd)
  process.on('uncaughtExceptionMonitor', error => {
    if (process.listenerCount('uncaughtException') === 0) process.stderr.write(describeFailure(currentName(), error))
  })
}

/** Ends with the `exit` event; the exit code is left in the arena for those whom the system does not tell. */
export function leaveAsChild(): void {
  const { slots, slot } = arena()
  leaveByExit({
    name: () => `${currentName()} (process ${process.pid})`,
    lastWord: code => slots.setLastWord(slot, code),
  })
}

calledInChild(takePlace, becomeChild, isForkedByParent, parentsPid, watchParentSoon, showParent, watchParent, openOrLeave, leaveAsChild)
