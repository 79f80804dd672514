// A child as its parent sees it: started, signalled, and ended exactly once. One reaper a child: the helper thread waits for a
// process, this thread hears of its end by its doorbell, lets the owner of the child save what can be saved, and then reaps its slot.
import { constants as osConstants } from 'node:os'
import { atFork, calledInChild } from '../../base/at-fork.ts'
import { openKeeper } from '../../channel/descriptors.ts'
import { arena } from '../../memory/arena.ts'
import { type OwnerId, slotOf } from '../../memory/identity.ts'
import { SLOT_ALIVE } from '../../memory/process-table.ts'
import { native } from '../../native/load.ts'
import { doorbell, ringByForce } from '../../sync/waiting/doorbell.ts'
import { MultiprocessingError } from '../../base/errors.ts'
import { freeArgument, writeArgument } from './argument.ts'
import { endChildren, hasLastWord } from './at-exit.ts'
import { checkBootstrapping } from '../inside/bootstrapping.ts'
import { logStep } from '../log.ts'
import { type Body, type Launch, LaunchLostError, type LaunchOptions, type LaunchRequest, type PendingLaunch } from '../methods/launch.ts'
import { endFamilyOf, endProcess, POLL_IN, reapOrphans } from './orphans.ts'
import { awaitThreadEnd, pause } from './native-threads.ts'
import { ParentEnds } from './outputs.ts'
import { statusOf, UNKNOWN } from './status.ts'

export interface ChildEnd {
  /** Null: ended by a signal, or never started. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Why it could not be started. */
  readonly error?: unknown
}

export interface ChildOptions extends LaunchOptions {
  /** How it is brought to life. */
  readonly launch: Launch
  /** For those who look at what it holds. */
  readonly name: string
  readonly daemon: boolean
  /** Needed by other children until they have ended. */
  readonly isNeeded?: boolean
  /** It runs. */
  readonly onStart?: () => void
  /** This process is about to end, and the child with it. */
  readonly beforeEnd?: () => void
  readonly isSecondTry?: boolean
  /** Called once, before what the child owned is taken back: the last moment to read what it sent. */
  readonly onEnd: (end: ChildEnd) => void
}

export class Child {
  readonly slot: number
  readonly id: OwnerId
  readonly daemon: boolean
  readonly isNeeded: boolean
  readonly #options: ChildOptions
  #body: Body | null = null
  #launchGoingOn: PendingLaunch | undefined
  #pid: number | undefined
  #outputs: ParentEnds | null = null
  #end: ChildEnd | null = null
  /** Sent before there was anybody to get it. */
  #waitingSignal: NodeJS.Signals | null = null

  private constructor(id: OwnerId, options: ChildOptions) {
    this.slot = slotOf(id)
    this.id = id
    this.daemon = options.daemon
    this.isNeeded = options.isNeeded ?? false
    this.#options = options
  }

  /**
   * Starts a child, which waits to be told what to do: what is left to prepare is prepared while it comes up.
   * Waiting: spawn blocks until the program is executed, about a millisecond; the others go on behind this call's back unless `isSync`.
   * @throws the system's error when it is known at once; later it is the child's end. See also `checkBootstrapping`.
   */
  static start(options: ChildOptions): Child {
    checkBootstrapping()
    openKeeper()
    const { slots, me, reaper, slot: mySlot } = arena()
    if (reapOrphans(isChild) > 0) wakeOthers(mySlot)
    const id = slots.idOf(slots.claim(me))
    slots.setName(slotOf(id), options.name)
    const child = new Child(id, options)
    children.set(child.slot, child)
    try {
      child.#launch()
    } catch (error) {
      children.delete(child.slot)
      child.#outputs?.drop()
      child.#endBody()
      endProcess(id)
      reaper.reap(id, me)
      if (error instanceof LaunchLostError && options.isSecondTry !== true) return Child.start({ ...options, isSecondTry: true })
      throw error
    }
    return child
  }

  #launch(): void {
    const options = this.#options
    const outputs = new ParentEnds(options)
    this.#outputs = outputs
    const request: LaunchRequest = { ...options, id: this.id, outputs: outputs.theirs }
    this.#launchGoingOn = options.launch(request, {
      started: body => this.#started(body),
      failed: error => this.#failed(error),
      ended: (exitCode, signal) => this.#ended(exitCode, signal),
    })
  }

  #started(body: Body): void {
    this.#body = body
    this.#launchGoingOn = undefined
    this.#pid = body.pid
    this.#outputs?.childHasThem(body)
    if (body.pidfd >= 0) {
      const { root, slots, slot: mySlot } = arena()
      listenForEnds()
      native().watchChild(body.pidfd, this.slot, root, slots.bellOf(mySlot), mySlot)
    }
    if (this.#waitingSignal !== null) body.signal(osConstants.signals[this.#waitingSignal])
    logStep(`child process ${body.pid} started`)
    this.#options.onStart?.()
  }

  #failed(error: unknown): void {
    this.#outputs?.drop()
    this.#finish({ exitCode: null, signal: null, error })
  }

  /** Tells the child what to do, once. `argument`: any value that can be encoded. If it cannot, the child is ended. @throws NotSerializableError */
  tell(argument: unknown): void {
    try {
      writeArgument(this.slot, argument)
    } catch (error) {
      this.signal('SIGKILL')
      throw error
    }
  }

  /** The child has read what it was told: nobody needs it any more. */
  wasTold(): void {
    if (this.#end === null) freeArgument(this.slot)
  }

  get isPending(): boolean {
    return this.#body === null && this.#end === null
  }

  /** Of a pending child, for a thread that blocks: when this can be read, `lookAtLaunch` gets further; -1: it does at once. */
  get launchDescriptor(): number {
    return this.isPending ? (this.#launchGoingOn?.descriptor ?? -1) : -1
  }

  /** For a thread that blocks: goes on with a launch that was left to the event loop. */
  lookAtLaunch(): void {
    if (this.isPending) this.#launchGoingOn?.look()
  }

  /** Undefined: not yet started. A thread's is that of its process. */
  get pid(): number | undefined {
    return this.#pid
  }

  /** Ends a child that waits to be launched, for a template that does not come up. False: it has been launched, or will be in a moment. */
  callOff(): boolean {
    const callOff = this.isPending ? this.#launchGoingOn?.callOff : undefined
    if (callOff === undefined) return false
    callOff()
    this.#outputs?.drop()
    this.#finish({ exitCode: null, signal: this.#waitingSignal ?? 'SIGTERM' })
    return true
  }

  get stdout(): ParentEnds['stdout'] {
    return this.#outputs?.stdout ?? null
  }

  get stderr(): ParentEnds['stderr'] {
    return this.#outputs?.stderr ?? null
  }

  /** -1: it has none, or not yet. */
  get pidfd(): number {
    return this.#body?.pidfd ?? -1
  }

  /** To be called before this process ends. */
  prepareEnd(): void {
    if (this.#end === null) this.#options.beforeEnd?.()
  }

  /** Null while it runs, as far as this thread has heard. */
  get end(): ChildEnd | null {
    return this.#end
  }

  /** Blocks until the child has ended, for at most so many ms. A thread that was terminated says no word, and is as good as over. */
  block(timeout: number): 'ended' | 'timeout' | 'interrupted' {
    const { pidfd } = this
    if (pidfd >= 0) {
      const events = native().pollDescriptor(pidfd, POLL_IN, timeout)
      return events < 0 ? 'interrupted' : events === 0 ? 'timeout' : 'ended'
    }
    return this.#blockForThread(timeout)
  }

  /** For who blocks for more than this child: hears of what the event loop would have told. Waiting: for somebody who is about to tell, some ms. */
  lookWhileBlocked(): void {
    hearOfEnds()
    for (let look = 0; look < RECHECK_AFTER && unsettled.has(this); look += 1) {
      pause()
      hearOfEnds()
    }
    if (this.#body !== null && this.#body.pidfd < 0) this.#blockForThread(0)
  }

  #blockForThread(timeout: number): 'ended' | 'timeout' | 'interrupted' {
    const { root, slots } = arena()
    const word = slots.lastWordWordOf(this.slot)
    // Asked before its word is read: it says that while it is there.
    const isGone = this.#body?.isGone?.() ?? false
    const result = !isGone && slots.lastWordOf(this.slot) === null ? native().futexWait(root, word, 0, timeout) : 0
    const code = slots.lastWordOf(this.slot)
    const killedBy = this.#body?.terminatedBy ?? 0
    if (code !== null) {
      awaitThreadEnd(slots.threadOf(this.slot))
      this.#ended(code, 0)
    } else if (killedBy !== 0) {
      awaitThreadEnd(slots.threadOf(this.slot))
      this.#ended(-1, killedBy)
    } else if (isGone) this.#vanished()
    return this.#end !== null ? 'ended' : result === FUTEX_INTERRUPTED ? 'interrupted' : 'timeout'
  }

  /** A thread that was there and said no word: Node ended it, as when its heap is full, or it came no further than to its birth. */
  #vanished(): void {
    if (arena().slots.threadOf(this.slot) !== 0) this.#ended(UNKNOWN.exitCode, UNKNOWN.signal)
    else this.#failed(new MultiprocessingError(NOTHING_RAN, { code: 'ERR_WORKER_INIT_FAILED' }))
  }

  /** False: it has ended. */
  signal(signal: NodeJS.Signals): boolean {
    if (this.#end !== null) return false
    if (this.#body !== null) return this.#body.signal(osConstants.signals[signal])
    if (this.#waitingSignal !== 'SIGKILL') this.#waitingSignal = signal
    return true
  }

  /** The helper thread, or the body itself, tells how it ended; -1 and 0: only the child's real parent knows. True: that is settled. */
  static heard(child: Child, exitCode: number, signal: number): boolean {
    const body = child.#body
    if (body === null || child.#end !== null) return true
    const status = exitCode === -1 && signal === 0 && body.isParentGone !== undefined ? statusOf(child.slot, body) : { exitCode, signal }
    if (status === null) return false
    child.#ended(status.exitCode, status.signal)
    return true
  }

  #ended(exitCode: number, signal: number): void {
    this.#finish({ exitCode: signal > 0 || exitCode < 0 ? null : exitCode, signal: signalName(signal) })
  }

  #finish(end: ChildEnd): void {
    if (this.#end !== null) return
    this.#end = end
    logStep(`child process ${this.#pid ?? 'that never ran'} ended with ${end.signal ?? end.exitCode ?? 'no status'}`)
    try {
      this.#options.onEnd(end)
    } finally {
      this.#body?.release()
      freeArgument(this.slot)
      endFamilyOf(this.id)
      arena().reaper.reap(this.id, arena().me)
      children.delete(this.slot)
      reapOrphans(isChild)
      wakeOthers(this.slot)
    }
  }

  /** In a forked child, of a child of its parent. */
  static forget(child: Child): void {
    child.#body?.forget()
    child.#body = null
  }

  /** A child that nobody watches would stay a zombie for ever. */
  #endBody(): void {
    const body = this.#body
    if (body === null) return
    body.signal(osConstants.signals.SIGKILL)
    while (body.pidfd >= 0 && body.isParentGone === undefined && native().waitPid(body.pidfd) === null) {
      native().pollDescriptor(body.pidfd, POLL_IN, Infinity)
    }
    body.release()
  }
}

const FUTEX_INTERRUPTED = 2
const NOTHING_RAN =
  'A thread could not be made: it ended before anything ran in it, mostly because this process has no descriptors left (see `ulimit -n`)'
/** The children of this thread that run, by slot. */
const children = new Map<number, Child>()
/** Those that have ended, but nobody has said how. */
const unsettled = new Set<Child>()
let isListening = false
let _recheck: NodeJS.Timeout | undefined

const RECHECK_AFTER = 5

function listenForEnds(): void {
  if (isListening) return
  isListening = true
  doorbell().listen(hearOfEnds)
}

function isChild(slot: number): boolean {
  return children.has(slot)
}

/** Taken, but not told: who is told of one may block, and look for the others himself. */
let exits: number[] = []

function hearOfEnds(): void {
  const taken = native().takeExits()
  if (taken.length > 0) exits.push(...taken)
  while (exits.length > 0) {
    const [slot, exitCode, signal] = exits.splice(0, 3) as [number, number, number]
    const child = children.get(slot)
    if (child !== undefined && !Child.heard(child, exitCode, signal)) unsettled.add(child)
  }
  for (const child of unsettled) if (Child.heard(child, -1, 0)) unsettled.delete(child)
  if (unsettled.size > 0) _recheck ??= setTimeout(lookAgain, RECHECK_AFTER)
}

function lookAgain(): void {
  _recheck = undefined
  hearOfEnds()
}

/** Asks whether children have ended, without waiting for the event loop. */
export function lookForEnds(): void {
  if (children.size > 0) hearOfEnds()
}

/** The dead one may have been about to wake somebody: everybody is rung once. */
function wakeOthers(dead: number): void {
  const { slots, slot: mySlot } = arena()
  for (let slot = 1; slot < slots.limit; slot += 1) {
    if (slot !== dead && slot !== mySlot && slots.stateAt(slot) === SLOT_ALIVE) ringByForce(slot)
  }
}

function signalName(signal: number): NodeJS.Signals | null {
  if (signal <= 0) return null
  for (const [name, number] of Object.entries(osConstants.signals)) if (number === signal) return name as NodeJS.Signals
  return null
}

process.on('exit', code => endChildren([...children.values()], { afterLastWord: hasLastWord(code) }))

atFork({
  inChild() {
    for (const child of children.values()) Child.forget(child)
    children.clear()
    if (unsettled.size > 0) unsettled.clear()
    exits = []
    isListening = false
    _recheck = undefined
  },
})

calledInChild(Child)
