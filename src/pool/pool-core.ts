// What all calls of a pool stand on: its state, its workers, the tasks that are on their way.
//
//   open → closed       no more tasks; ends when those that there are have ended, and the inputs of maps and streams
//        → terminated   its workers are ended, its tasks have failed
//        → broken       the same, because no worker comes up
//   each → ended        the last worker is gone
//
// A pool keeps its process running exactly while a task of its has not ended.
import { atDeadline, type Deadline } from '../base/deadline.ts'
import { BrokenPoolError, ClosedError, DeadlockError, MultiprocessingError } from '../base/errors.ts'
import { checkFunction } from '../base/validate.ts'
import { encodeForTree } from '../channel/tree-messages.ts'
import { isMainProcess } from '../process/inside/current.ts'
import type { ChildEnd } from '../process/life/child.ts'
import { doorbell } from '../sync/waiting/doorbell.ts'
import { type BlockedFor, blockFor } from './calls/blocking.ts'
import { Unobserved } from './calls/unobserved.ts'
import type { PoolSettings } from './pool-options.ts'
import { Alarms } from './tasks/alarms.ts'
import { Dispatcher } from './tasks/dispatcher.ts'
import { Jobs } from './tasks/jobs.ts'
import { Stopping } from './tasks/stopping.ts'
import { SupervisedTask, type Supervisors } from './tasks/supervised-task.ts'
import { FIRST_TRY, type TaskOrder } from './tasks/task.ts'
import type { TaskSettings } from './tasks/task-options.ts'
import { CANCEL_ABORTED } from './protocol.ts'
import { residentMemory } from './workforce/resident-memory.ts'
import type { Seat } from './workforce/seat.ts'
import type { PoolStats } from './watching/counts.ts'
import { PoolWatch } from './watching/pool-watch.ts'
import { watchTasks } from './watching/watch-tasks.ts'
import { isThenable } from './worker/running-task.ts'
import { Workforce } from './workforce/workforce.ts'

export class PoolCore {
  readonly settings: PoolSettings
  readonly dispatcher: Dispatcher
  readonly alarms = new Alarms()
  readonly jobs = new Jobs()
  readonly unobserved = new Unobserved(error => this.watch.fail(error))
  readonly stopping: Stopping
  readonly watch: PoolWatch
  readonly #supervisors: Supervisors
  readonly #seats = new Set<Seat>()
  readonly #workforce: Workforce
  readonly #joiners = new Set<() => void>()
  #state: 'open' | 'closed' | 'terminated' | 'broken' = 'open'
  /** What tasks that were taken reject with, once the pool is over. */
  #failure: BrokenPoolError | null = null
  /**
   * How to end maps and streams whose input has not ended. They were begun before `close()`, so they may go on after it; when the
   * pool is over they cannot.
   */
  readonly #openInputs = new Set<(error: unknown) => void>()
  #isHolding = false
  #isStarted = false
  #isEnded = false
  #stopListening = (): void => {}
  /** For who blocks this thread for it, and maybe for others at the same time; see `checkMayBlock`. */
  readonly blockedFor: BlockedFor = {
    alarms: this.alarms,
    jobs: this.jobs,
    look: () => {
      this.#workforce.lookWhileBlocked()
      this.look()
    },
    launchDescriptors: () => this.#workforce.launchDescriptors,
  }
  /** A fork copies the object, but the workers are its maker's. */
  readonly #maker = process.pid

  /** `pool`: what users know it as. */
  constructor(settings: PoolSettings, pool: object) {
    this.settings = settings
    this.watch = new PoolWatch({ pool, load: () => this.dispatcher.load })
    this.dispatcher = new Dispatcher(
      this.#seats,
      watchTasks(this.watch, task => this.stopping.begun(task)),
    )
    this.stopping = new Stopping(this.dispatcher, this.alarms, () => this.#retired())
    this.#supervisors = {
      ...{ dispatcher: this.dispatcher, alarms: this.alarms, stopping: this.stopping },
      over: () => this.#failure,
      onRetry: () => this.watch.counts.taskRetried(),
    }
    this.#workforce = new Workforce(this.#seats, this.dispatcher, this.alarms, {
      settings: settings.workers,
      processes: settings.processes,
      minProcesses: settings.minProcesses,
      idleTimeout: settings.idleTimeout,
      onStart: seat => this.jobs.add(() => this.watch.workerStart({ pid: seat.pid, name: seat.name, started: seat.started })),
      onEnd: (seat, end) => this.#workerEnded(seat, end),
      onBroken: error => this.#break(error),
    })
    // Where a child loads a module that makes a pool, each worker of that pool would load it, too, and make one of its own.
    if (isMainProcess()) this.#start()
  }

  #start(): void {
    this.#isStarted = true
    try {
      this.#workforce.start()
      this.#stopListening = doorbell().listen(() => this.look())
    } catch (error) {
      this.terminate()
      throw error
    }
  }

  /** To note where each of very many calls came from would cost more than the calls. */
  get isBusy(): boolean {
    return this.dispatcher.pending > this.settings.processes * PENDING_PER_WORKER
  }

  /** Why nothing can be done any more; null: it can. */
  get failure(): BrokenPoolError | null {
    return this.#failure
  }

  /** @throws TypeError for what is no function, ClosedError, BrokenPoolError */
  check(fn: unknown): void {
    checkFunction(fn, 'fn')
    this.#checkOurs()
    if (this.#state !== 'open') throw this.#whyUnusable()
  }

  /** Submits a task. @throws NotSerializableError; the reason of a signal that is aborted already */
  submit(order: TaskOrder, values: unknown, { priority, supervision }: TaskSettings, root: string): Submitted {
    if (!this.#isStarted) this.#start()
    let submitted: Submitted
    if (supervision === null) {
      const rank = priority === 0 ? FIRST_TRY : { priority, attempt: 1 }
      submitted = this.dispatcher.submit(order, encodeForTree(values, root), rank)
    } else {
      submitted = new SupervisedTask(this.#supervisors, order, priority, supervision)
      submitted.start(values, root)
    }
    this.#submitted()
    return submitted
  }

  /** Drops the task, or stops it; its owner hears nothing more. */
  callOff(task: Submitted): void {
    if (typeof task === 'number') this.stopping.callOff(task, CANCEL_ABORTED)
    else task.callOff()
    this.#settle()
  }

  /** Drops the task if no worker has it: its owner hears nothing more. False: one has, or it has ended. */
  withdraw(task: Submitted): boolean {
    const isGone = typeof task === 'number' ? this.dispatcher.withdraw(task) : task.withdraw()
    if (isGone) this.#settle()
    return isGone
  }

  /** Whether no worker has the task yet. */
  isWaiting(task: Submitted): boolean {
    return typeof task === 'number' ? this.dispatcher.isWaiting(task) : task.isWaiting
  }

  #submitted(): void {
    if (this.settings.minProcesses < this.settings.processes) this.#workforce.grow()
    if (!this.#isHolding) this.#settle()
  }

  /** `end` is called with why, should the pool be over before the input of a map or a stream. Returns how to say that it has ended. */
  openInput(end: (error: unknown) => void): () => void {
    this.#openInputs.add(end)
    return () => {
      this.#openInputs.delete(end)
      this.#settle()
    }
  }

  close(): void {
    this.#checkOurs()
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.#settle()
  }

  /** `signal`: what its workers are ended with. `message`: of what its tasks fail with. */
  terminate({ signal = 'SIGTERM', message = 'The pool was terminated before this task ended' }: Termination = {}): void {
    this.#checkOurs()
    if (this.#failure !== null) return
    this.#state = 'terminated'
    this.#workforce.terminate(signal)
    this.#failure = new BrokenPoolError(message)
    this.#failAll(this.#failure)
    this.#settle()
  }

  /** @throws MultiprocessingError before `close()` or `terminate()` */
  async join(deadline: Deadline): Promise<boolean> {
    this.#checkJoinable('join()')
    if (this.#isEnded) return true
    doorbell().hold()
    const noLonger = this.unobserved.awaited()
    try {
      return await this.#waitForEnd(deadline)
    } finally {
      noLonger()
      doorbell().letGo()
    }
  }

  /** The same, blocking this thread. @throws InterruptedError; DeadlockError when the pool waits for somebody whom this thread keeps from going on */
  joinSync(deadline: Deadline): boolean {
    this.#checkJoinable('joinSync()')
    if (this.#isEnded) return true
    const isStuck = (): boolean => this.#openInputs.size > 0 && this.dispatcher.pending === 0 && !this.jobs.hasSome
    const isOver = this.block(() => this.#isEnded || isStuck(), deadline)
    if (!isOver || this.#isEnded) return isOver
    throw new DeadlockError(
      'The pool ends after its maps and streams, and one of them has to be read on, or waits for its input, while this thread blocks: ' +
        'read it to its end, call its return(), or await join()',
    )
  }

  /** @throws DeadlockError for who is called in the middle of what he would wait for */
  checkMayBlock(): void {
    this.#checkOurs()
    if (!this.dispatcher.isHandingOut) return
    throw new DeadlockError(
      'The results of this pool are being handed out, and the next one comes when this call is over: a listener and `retryIf` may not ' +
        'block for the pool that calls them',
    )
  }

  /** Blocks this thread until `isReady()`; false: the deadline passed. @throws InterruptedError, DeadlockError */
  block(isReady: () => boolean, deadline: Deadline): boolean {
    this.checkMayBlock()
    return blockFor(this.blockedFor, isReady, deadline)
  }

  /** Looks without waiting, for who asks again and again and gives the event loop no turn. */
  glance(): void {
    if (this.isOurs && !this.dispatcher.isHandingOut) this.look()
  }

  /** Calls a function of the user's, soon and by itself. What it throws or rejects with is a failure that nobody observes. */
  callBack(callback: () => unknown): void {
    const report = (error: unknown): void => this.watch.fail(error)
    this.jobs.add(() => {
      try {
        const returned = callback()
        if (isThenable(returned)) returned.then(undefined, report)
      } catch (error) {
        report(error)
      }
    })
  }

  get stats(): PoolStats {
    const workers = [...this.#seats].map(({ pid, name, words, done }) => ({
      pid,
      name,
      running: words.running,
      done,
      memory: residentMemory(pid),
    }))
    return { ...this.watch.counts.snapshot(), workers, ...this.dispatcher.load }
  }

  /** Workers there are, up or coming up. */
  get workers(): number {
    return this.#workforce.size
  }

  get isOurs(): boolean {
    return this.#maker === process.pid
  }

  /** Looks at everything once: what arrived, what can go out, what has come to its end. */
  look(): void {
    for (const seat of this.#seats) this.dispatcher.drain(seat)
    this.dispatcher.flush()
    this.#workforce.look()
    this.#settle()
  }

  /** Keeps the process running exactly while there is something to wait for, and ends what has come to its end. */
  #settle(): void {
    const { pending } = this.dispatcher
    if (pending > 0 !== this.#isHolding) {
      this.#isHolding = pending > 0
      if (this.#isHolding) doorbell().hold()
      else doorbell().letGo()
    }
    if (pending > 0 || this.#state === 'open' || this.#isEnded) return
    if (this.#state === 'closed' && this.#openInputs.size > 0) return
    if (!this.#workforce.isGone) {
      if (this.#state === 'closed') this.#workforce.dismiss()
      return
    }
    this.#end()
  }

  #end(): void {
    this.#isEnded = true
    this.#stopListening()
    this.alarms.clear()
    this.dispatcher.ring.free()
    this.watch.end()
    for (const joiner of this.#joiners) joiner()
  }

  /** A worker takes no more tasks, also if it was woken for one. */
  #retired(): void {
    this.dispatcher.wakeIdle(Infinity)
    this.#workforce.look()
  }

  #workerEnded({ name, words }: Seat, end: ChildEnd): void {
    if (!words.leaving && !this.#workforce.isDismissed) this.watch.counts.workerDied()
    this.watch.workerExit(name, end)
    this.#settle()
  }

  #break(error: BrokenPoolError): void {
    this.#state = 'broken'
    this.#failure = error
    this.#failAll(error)
  }

  #failAll(error: BrokenPoolError): void {
    this.dispatcher.failAll(error)
    for (const end of [...this.#openInputs]) end(error)
  }

  #checkOurs(): void {
    if (this.isOurs) return
    throw new MultiprocessingError('This pool belongs to the process that this one was forked off: make a Pool of your own here')
  }

  #checkJoinable(name: string): void {
    if (this.#state === 'open')
      throw new MultiprocessingError(`${name} waits for the end of the workers: call close() or terminate() first`)
  }

  #whyUnusable(): Error {
    return (this.#state === 'broken' ? this.#failure : null) ?? new ClosedError(`The pool is ${this.#state}: it takes no more tasks`)
  }

  #waitForEnd(deadline: Deadline): Promise<boolean> {
    return new Promise(resolve => {
      let callOff = (): void => {}
      const joiner = (): void => {
        callOff()
        this.#joiners.delete(joiner)
        resolve(true)
      }
      this.#joiners.add(joiner)
      callOff = atDeadline(deadline, () => {
        this.#joiners.delete(joiner)
        resolve(false)
      })
    })
  }
}

export interface Termination {
  readonly signal?: 'SIGTERM' | 'SIGKILL'
  readonly message?: string
}

/** A task on its way: the dispatcher's number, if nobody watches it. */
export type Submitted = number | SupervisedTask

/** So many tasks for each worker: it will not run out of them before this thread looks again. */
export const PENDING_PER_WORKER = 16
