// Python's Process: a function that runs in a process of its own, brought to life by one of four start methods.
import { launcherOf } from './methods/launchers.ts'
import type { Readable } from 'node:stream'
import { atFork } from '../base/at-fork.ts'
import { atDeadline, type Deadline, deadlineAfter, timeLeft } from '../base/deadline.ts'
import { ClosedError, InterruptedError, MultiprocessingError, NotSerializableError } from '../base/errors.ts'
import { checkBoolean, checkString } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { dropForOne, encodeForOne } from '../channel/stored-value.ts'
import { arena, hasArena } from '../memory/arena.ts'
import type { OwnerId } from '../memory/identity.ts'
import { doorbell } from '../sync/waiting/doorbell.ts'
import { signalCame } from '../sync/waiting/signals.ts'
import { besideEventLoop } from '../sync/waiting/waits.ts'
import { rebuild, reduce } from '../wire/classes.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import { declaresPrivateFields } from '../wire/functions/private-fields.ts'
import { authKey, checkAuthKey } from './auth-key.ts'
import { exitCodeOf } from './life/exit-status.ts'
import { childArgument } from './inside/child-argument.ts'
import { describedCurrent, nextName } from './inside/current.ts'
import { type ProcessArgument, type ProcessCall, runForked } from './inside/run-child.ts'
import { Child, type ChildEnd, lookForEnds } from './life/child.ts'
import { methodOf } from './bound-classes.ts'
import { type ProcessOptions, readProcessOptions } from './process-options.ts'
import { type ProcessSentinel, type Sentinel, sentinelOfChild } from './sentinel.ts'
import type { StartMethod } from './start-method.ts'

/** What a process object is in another process: its data, and nothing that can be done with it. */
interface Travelling {
  readonly name: string
  readonly daemon: boolean
  readonly target: AnyFunction | undefined
  readonly args: readonly unknown[]
  readonly fields: Readonly<Record<string, unknown>>
}

/** The processes that this one has started and that have not ended. */
const active = new Set<Process>()

/** Ms after which a blocking join looks anew, so that a signal's handler or `worker.terminate()` is not kept waiting. */
const LONGEST_BLOCK = 100

/**
 * A process of its own that runs `target(...args)`, or `run()` of a subclass.
 *
 * It ends when its event loop is empty, or by `process.exit`; an error that it does not catch is printed by it and makes its exit
 * code 1. A child that is no daemon keeps this process running, also at `process.exit()`; daemons are ended with it. If this process
 * is killed, all its children end.
 * @example const child = await new Process({ target: work, args: [1] }).start(); await child.join()
 */
// biome-ignore lint/suspicious/noExplicitAny: the arguments of any function.
export class Process<A extends unknown[] = any[]> implements AsyncDisposable {
  readonly #options: ProcessOptions<A>
  readonly #joiners = new Set<() => void>()
  #name: string
  #daemon: boolean
  #authKey: Uint8Array | null = null
  #child: Child | null = null
  #end: ChildEnd | null = null
  /** The thread that started it; null: not started; 0: it was sent here from elsewhere. */
  #starter: OwnerId | null = null
  #closed = false
  #sentinel: Sentinel | null = null

  /** @throws TypeError or RangeError for options of the wrong type, and for an option that does not exist */
  constructor(options?: ProcessOptions<A>) {
    this.#options = readProcessOptions<A>(options)
    this.#name = this.#options.name ?? nextName('Process')
    this.#daemon = this.#options.daemon ?? describedCurrent().daemon
  }

  /** What the child does. A subclass may do something else; async or a generator if it likes. */
  run(): unknown {
    const { target, args = [] } = this.#options
    return (target as AnyFunction | undefined)?.(...args)
  }

  /**
   * Starts the child. Settles when it runs, not when `target` does. Under fork the child begins when the JavaScript that is running now
   * is done.
   * @throws NotSerializableError when `target` or `args` cannot travel, which they need not under fork
   * @throws NotSupportedError when this system or this Node.js lacks the start method
   * @throws MultiprocessingError when it was started before, or this process is a daemon; the system's error when it has no room
   */
  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#begin(false, resolve, reject)
    })
    return this
  }

  /** The same at once. Waiting: under forkserver until the template has forked, the first time until it is up. */
  startSync(): this {
    let failure: { readonly error: unknown } | null = null
    this.#begin(
      true,
      () => {},
      error => {
        failure = { error }
      },
    )
    const failed = failure as { readonly error: unknown } | null
    if (failed !== null) throw failed.error
    return this
  }

  #begin(isSync: boolean, started: () => void, failed: (error: unknown) => void): void {
    this.#checkStartable()
    const startMethod = methodOf(this.constructor)
    const argument = this.#argument(startMethod)
    this.#starter = arena().me
    try {
      this.#child = this.#launch(argument, isSync, started, failed)
    } catch (error) {
      this.#starter = null
      if (argument.call !== null) dropForOne(argument.call)
      throw error
    }
    active.add(this)
    if (!this.#daemon) doorbell().hold()
    if (startMethod !== 'fork') this.#child.tell(argument)
  }

  #launch(argument: ProcessArgument, isSync: boolean, started: () => void, failed: (error: unknown) => void): Child {
    const { env, execArgv, stdout, stderr, inspectPort } = this.#options
    const { startMethod: method } = argument
    return Child.start({
      method,
      launch: launcherOf(method),
      program: 'programs/child-main',
      name: this.#name,
      daemon: this.#daemon,
      ...{ env, execArgv, stdout, stderr, inspectPort, isSync },
      inForkedChild: () => void runForked(this, argument),
      firstCalls: [this.run, this.#options.target],
      onStart: started,
      onEnd: end => {
        if (argument.call !== null) dropForOne(argument.call)
        this.#ended(end)
        if (end.error !== undefined) failed(end.error)
      },
    })
  }

  #argument(startMethod: StartMethod): ProcessArgument {
    const told = childArgument({
      name: this.#name,
      daemon: this.#daemon,
      mayHaveChildren: !this.#daemon,
      startMethod,
      ...(this.#authKey === null ? {} : { authKey: this.#authKey }),
    })
    return { ...told, call: startMethod === 'fork' ? null : encodeForOne(this.#call(), '') }
  }

  #call(): ProcessCall {
    const { target, args = [] } = this.#options
    const isOverridden = this.run !== Process.prototype.run
    if (isOverridden) this.#checkFields()
    if (isOverridden) return { target: undefined, args: [], self: this }
    return { target: target as AnyFunction | undefined, args: [...args], self: undefined }
  }

  /** Those of a subclass travel as long as they are properties. @throws NotSerializableError */
  #checkFields(): void {
    if (this[reduce] !== Process.prototype[reduce]) return
    for (let cls = this.constructor; cls !== Process && typeof cls === 'function'; cls = Object.getPrototypeOf(cls) as AnyFunction) {
      if (!declaresPrivateFields(cls as AnyFunction)) continue
      throw new NotSerializableError(
        cls.name || 'a subclass of Process',
        'it has private fields, which its object in the child would not have: make them properties, or start it by fork',
      )
    }
  }

  #checkStartable(): void {
    this.#checkOpen()
    if (this.#starter !== null) {
      this.#checkOurs('start()')
      throw new MultiprocessingError(`${this.#name} was started before; a process object starts one process`)
    }
    if (!describedCurrent().mayHaveChildren) {
      throw new MultiprocessingError('This process is a daemon, which may have no children: they would be left behind when it is ended')
    }
  }

  /** Settles with true when the child has ended, with false after `timeout` ms. @throws MultiprocessingError before `start()` */
  async join(options?: WaitOptions): Promise<boolean> {
    const { timeout, signal } = readWaitOptions(options)
    const deadline = deadlineAfter(timeout)
    this.#startedChild('join()')
    signal?.throwIfAborted()
    lookForEnds()
    if (this.#end !== null) return true
    return this.#waitForEnd(deadline, signal)
  }

  /** The same, blocking. What a thread writes meanwhile comes out afterwards. @throws InterruptedError when a signal has a listener that wants to run */
  joinSync(options?: { timeout?: number }): boolean {
    const deadline = deadlineAfter(readSyncWaitOptions(options))
    const child = this.#startedChild('joinSync()')
    return besideEventLoop(() => this.#blockFor(child, deadline))
  }

  #blockFor(child: Child, deadline: Deadline): boolean {
    let interrupted = false
    for (;;) {
      lookForEnds()
      if (this.#end !== null) return true
      const left = timeLeft(deadline)
      if (left === 0) return false
      if (signalCame({ interrupted })) throw new InterruptedError()
      interrupted = child.block(Math.min(left, LONGEST_BLOCK)) === 'interrupted'
    }
  }

  /** Whether it was started and has not ended. */
  isAlive(): boolean {
    this.#checkOpen()
    if (this.#starter === null) return false
    this.#checkOurs('isAlive()')
    lookForEnds()
    return this.#child !== null && this.#end === null
  }

  /** SIGINT. Does nothing to a child that has ended. */
  interrupt(): void {
    this.#startedChild('interrupt()').signal('SIGINT')
  }

  /** SIGTERM. Does nothing to a child that has ended. */
  terminate(): void {
    this.#startedChild('terminate()').signal('SIGTERM')
  }

  /** SIGKILL. Does nothing to a child that has ended. */
  kill(): void {
    this.#startedChild('kill()').signal('SIGKILL')
  }

  /** Lets go of the child. Twice is fine. @throws MultiprocessingError while it runs: terminate and join it first */
  close(): void {
    if (this.#closed) return
    if (this.isAlive()) throw new MultiprocessingError(`${this.#name} still runs: terminate() or join() it before close()`)
    this.#closed = true
  }

  get name(): string {
    return this.#name
  }

  set name(name: string) {
    this.#name = checkString(name, 'name')
  }

  get daemon(): boolean {
    return this.#daemon
  }

  set daemon(daemon: boolean) {
    if (this.#starter !== null) throw new MultiprocessingError(`${this.#name} was started: \`daemon\` is set before that`)
    this.#daemon = checkBoolean(daemon, 'daemon')
  }

  /** The secret that the child is told: this process's, unless it is given another before `start()`. */
  get authKey(): Uint8Array {
    return this.#authKey ?? authKey()
  }

  set authKey(key: Uint8Array) {
    this.#authKey = checkAuthKey(key)
  }

  /** Undefined before `start()`. A thread's is that of its process. */
  get pid(): number | undefined {
    this.#checkOpen()
    return this.#child?.pid
  }

  /** Undefined: not started; null: running; negative: the number of the signal that ended it. */
  get exitCode(): number | null | undefined {
    this.#checkOpen()
    if (this.#starter === null || this.#child === null) return undefined
    this.#checkOurs('exitCode')
    lookForEnds()
    return this.#end === null ? null : exitCodeOf(this.#end)
  }

  /** For `wait()`. @throws MultiprocessingError before `start()` */
  get sentinel(): ProcessSentinel {
    const child = this.#startedChild('sentinel')
    this.#sentinel ??= sentinelOfChild(child, this.#joiners, () => !this.isAlive())
    return this.#sentinel
  }

  /** What the child writes, if `stdout` is 'pipe'; null otherwise, and before `start()`. */
  get stdout(): Readable | null {
    return this.#options.stdout === 'pipe' ? (this.#child?.stdout ?? null) : null
  }

  get stderr(): Readable | null {
    return this.#options.stderr === 'pipe' ? (this.#child?.stderr ?? null) : null
  }

  /** Terminates the child if it runs, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    if (this.isAlive()) {
      this.terminate()
      await this.join()
    }
    this.#closed = true
  }

  /** Its data travel, with the fields of a subclass; in another process it cannot be started, joined or ended. */
  [reduce](): Travelling {
    const { target, args = [] } = this.#options
    return { name: this.#name, daemon: this.#daemon, target: target as AnyFunction | undefined, args, fields: { ...(this as object) } }
  }

  static [rebuild](this: new (options: ProcessOptions) => Process, { name, daemon, target, args, fields }: Travelling): Process {
    const options: ProcessOptions = { name, daemon, args: [...args], ...(target === undefined ? {} : { target }) }
    // The constructor of a subclass has run, on the other side.
    const made = Reflect.construct(Process, [options], this) as Process
    made.#starter = 0
    return Object.assign(made, fields)
  }

  #ended(end: ChildEnd): void {
    this.#end = end
    active.delete(this)
    if (!this.#daemon) doorbell().letGo()
    for (const joiner of this.#joiners) joiner()
  }

  #waitForEnd(deadline: Deadline, signal: AbortSignal | undefined): Promise<boolean> {
    doorbell().hold()
    return new Promise<boolean>((resolve, reject) => {
      let callOff = (): void => {}
      const leave = (): void => {
        callOff()
        this.#joiners.delete(onEnd)
        signal?.removeEventListener('abort', onAbort)
        doorbell().letGo()
      }
      const onEnd = (): void => {
        leave()
        resolve(true)
      }
      const onAbort = (): void => {
        leave()
        reject(signal?.reason)
      }
      callOff = atDeadline(deadline, () => {
        leave()
        resolve(false)
      })
      signal?.addEventListener('abort', onAbort)
      this.#joiners.add(onEnd)
    })
  }

  #startedChild(method: string): Child {
    this.#checkOpen()
    this.#checkOurs(method)
    if (this.#child === null) throw new MultiprocessingError(`${method} needs a started process: call start() of ${this.#name} first`)
    return this.#child
  }

  /** A child is its starter's; the object may have come here in a message, or be a copy that a fork made. */
  #checkOurs(method: string): void {
    if (this.#starter === null || (hasArena() && this.#starter === arena().me)) return
    throw new MultiprocessingError(
      `${this.#name} belongs to another process: ${method} is for the one that started it, which has to tell the others`,
    )
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError(`${this.#name} is closed`)
  }
}

/** The processes that this one has started and that still run. */
export function activeChildren(): Process[] {
  lookForEnds()
  return [...active]
}

// In a forked child: they are its parent's.
atFork({
  inChild() {
    if (active.size > 0) active.clear()
  },
})
