// Python's Process: a function that runs in a process of its own. This version starts a fresh `node` for each ('spawn').
import { join } from 'node:path'
import { atDeadline, deadlineAfter } from '../base/deadline.ts'
import { ClosedError, MultiprocessingError } from '../base/errors.ts'
import {
  checkArray,
  checkBoolean,
  checkEnvironment,
  checkFunction,
  checkString,
  checkStrings,
  checkTimeout,
  expected,
  readOptions,
} from '../base/validate.ts'
import { encodeStored } from '../channel/stored-value.ts'
import { doorbell } from '../sync/doorbell.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import { Child, type ChildEnd, lookForEnds, type OutputMode } from './child.ts'
import type { ProcessArgument, ProcessCall } from './run-child.ts'
import { nextName } from './current.ts'
import { exitCodeOf } from './exit-status.ts'

// biome-ignore lint/suspicious/noExplicitAny: the arguments of any function.
export interface ProcessOptions<A extends unknown[] = any[]> {
  /** Runs in the child, with the variables that it captured as they are at `start()`. Without it the child does nothing and ends. */
  target?: (...args: A) => unknown
  args?: readonly [...A]
  /** Default: `Process-1` and so on. */
  name?: string
  /** Ended with this process instead of being waited for. */
  daemon?: boolean
  /** Beside this process's own variables; undefined removes one. */
  env?: Record<string, string | undefined>
  /** Flags of the child's `node`. Default: this process's, without those for a debugger or the test runner. */
  execArgv?: readonly string[]
  stdout?: OutputMode
  stderr?: OutputMode
}

const OPTIONS = ['target', 'args', 'name', 'daemon', 'env', 'execArgv', 'stdout', 'stderr'] as const

/**
 * A process of its own that runs `target(...args)`.
 *
 * It ends when its event loop is empty, or by `process.exit`; an error that it does not catch is printed by it and makes its exit
 * code 1. If this process ends, however it does, the child is ended too; a child that is no daemon keeps this process running.
 * @example const child = await new Process({ target: work, args: [1] }).start(); await child.join()
 */
// biome-ignore lint/suspicious/noExplicitAny: the arguments of any function.
export class Process<A extends unknown[] = any[]> implements AsyncDisposable {
  readonly #options: ProcessOptions<A>
  readonly #joiners = new Set<(end: ChildEnd) => void>()
  #name: string
  #daemon: boolean
  #child: Child | null = null
  #end: ChildEnd | null = null
  #started = false
  #closed = false

  /** @throws TypeError for options of the wrong type, and for an option that does not exist */
  constructor(options?: ProcessOptions<A>) {
    const read = readOptions<ProcessOptions<A>>(options, OPTIONS)
    if (read.target !== undefined) checkFunction(read.target, 'target')
    if (read.args !== undefined) checkArray(read.args, 'args')
    if (read.env !== undefined) checkEnvironment(read.env, 'env')
    if (read.execArgv !== undefined) checkStrings(read.execArgv, 'execArgv')
    for (const output of ['stdout', 'stderr'] as const) checkOutput(read[output], output)
    this.#options = read
    this.#name = read.name === undefined ? nextName('Process') : checkString(read.name, 'name')
    this.#daemon = read.daemon === undefined ? false : checkBoolean(read.daemon, 'daemon')
  }

  /**
   * Starts the child. Settles when its `node` runs, not when `target` does.
   * @throws NotSerializableError when `target` or `args` cannot travel
   * @throws MultiprocessingError when it was started before
   */
  async start(): Promise<this> {
    this.#checkOpen()
    if (this.#started) throw new MultiprocessingError(`${this.#name} was started before; a process object starts one process`)
    this.#started = true
    try {
      const { target, args = [] } = this.#options
      const call: ProcessCall = { target: target as AnyFunction | undefined, args: [...args] }
      const message = new Uint8Array(encodeStored(call, ''))
      const argument: ProcessArgument = { name: this.#name, daemon: this.#daemon, argv: process.argv, call: message }
      this.#spawn(argument)
    } catch (error) {
      this.#started = this.#child !== null
      throw error
    }
    return this
  }

  /** Settles with true when the child has ended, with false after `timeout` ms. @throws MultiprocessingError before `start()` */
  async join(options?: { timeout?: number; signal?: AbortSignal }): Promise<boolean> {
    const { timeout, signal } = readOptions<{ timeout?: number; signal?: AbortSignal }>(options, ['timeout', 'signal'])
    const deadline = deadlineAfter(checkTimeout(timeout))
    this.#startedChild('join')
    signal?.throwIfAborted()
    lookForEnds()
    if (this.#end !== null) return true
    return this.#waitForEnd(deadline, signal)
  }

  /** Whether it was started and has not ended. */
  isAlive(): boolean {
    lookForEnds()
    return this.#child !== null && this.#end === null
  }

  /** SIGINT. Does nothing to a child that has ended. */
  interrupt(): void {
    this.#startedChild('interrupt').signal('SIGINT')
  }

  /** SIGTERM. Does nothing to a child that has ended. */
  terminate(): void {
    this.#startedChild('terminate').signal('SIGTERM')
  }

  /** SIGKILL. Does nothing to a child that has ended. */
  kill(): void {
    this.#startedChild('kill').signal('SIGKILL')
  }

  /** Lets go of the child. @throws MultiprocessingError while it runs: terminate and join it first */
  close(): void {
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
    if (this.#started) throw new MultiprocessingError(`${this.#name} was started: \`daemon\` is set before that`)
    this.#daemon = checkBoolean(daemon, 'daemon')
  }

  get pid(): number | undefined {
    this.#checkOpen()
    return this.#child?.pid
  }

  /** Undefined: not started; null: running; negative: the number of the signal that ended it. */
  get exitCode(): number | null | undefined {
    this.#checkOpen()
    lookForEnds()
    if (this.#child === null) return undefined
    return this.#end === null ? null : exitCodeOf(this.#end)
  }

  /** Terminates the child if it runs, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isAlive()) {
      this.terminate()
      await this.join()
    }
    this.#closed = true
  }

  #spawn(argument: ProcessArgument): void {
    this.#checkOpen() // It may have been disposed while its target was looked for.
    const { env, execArgv, stdout, stderr } = this.#options
    const entry = join(import.meta.dirname, 'child-main.js')
    this.#child = Child.spawn({ entry, env, execArgv, stdout, stderr, onEnd: end => this.#ended(end) })
    if (!this.#daemon) doorbell().hold()
    this.#child.tell(argument)
  }

  #ended(end: ChildEnd): void {
    this.#end = end
    if (!this.#daemon) doorbell().letGo()
    for (const joiner of this.#joiners) joiner(end)
  }

  #waitForEnd(deadline: number, signal: AbortSignal | undefined): Promise<boolean> {
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
    if (this.#child === null) throw new MultiprocessingError(`${method}() needs a started process: call start() of ${this.#name} first`)
    return this.#child
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError(`${this.#name} is closed`)
  }
}

function checkOutput(mode: unknown, name: string): void {
  if (mode !== undefined && mode !== 'inherit' && mode !== 'ignore') throw new TypeError(expected(name, "'inherit' or 'ignore'", mode))
}
