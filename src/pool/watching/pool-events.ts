// The events of a pool: what `pool.on`, `pool.once` and `pool.off` do.
import { EventEmitter } from 'node:events'
import { checkFunction, expected } from '../../base/validate.ts'
import type { TaskInfo, WorkerEnd, WorkerInfo } from './reports.ts'
import { stackOf, throwLater } from './thrown.ts'

/** What listeners of a pool are called with. */
export interface PoolEvents {
  /** A worker has begun a try of a task. Only while somebody listens do workers announce it. */
  taskStart: [task: TaskInfo]
  /** A try has ended; `error` is an own property only if it failed. `runTime` is in ms. */
  taskEnd: [task: TaskInfo & { readonly runTime: number; readonly error?: unknown }]
  /** A worker is up. */
  workerStart: [worker: WorkerInfo]
  workerExit: [worker: WorkerInfo & WorkerEnd]
  /** Failures that nobody observed, of tasks, callbacks and traces. Without a listener each is a process warning, `PoolWarning`. */
  error: [error: unknown, task?: TaskInfo]
}

type EventName = keyof PoolEvents
export type PoolListener<E extends EventName> = (...args: PoolEvents[E]) => void
type AnyListener = (...args: never[]) => unknown

const NAMES: readonly EventName[] = ['taskStart', 'taskEnd', 'workerStart', 'workerExit', 'error']

/**
 * The listeners of one pool, which is their `this`.
 *
 * A listener that throws disturbs neither the pool nor the other listeners: what it throws is an `uncaughtException`.
 */
export class PoolListeners {
  readonly #pool: object
  readonly #emitter = new EventEmitter()
  /** Looked at for every task: counting listeners would take longer. */
  readonly #listenedTo = { taskStart: false, taskEnd: false, workerStart: false, workerExit: false, error: false }

  constructor(pool: object) {
    this.#pool = pool
    // The warning of a leak would tell people to call a method that pools do not have.
    this.#emitter.setMaxListeners(0)
  }

  /** Adds a listener; one that is added twice is called twice. @throws TypeError for an unknown event, or what is no function */
  on<E extends EventName>(event: E, listener: PoolListener<E>): void {
    checkListener(event, listener)
    this.#add(event, listener)
  }

  /** Adds a listener that is called at most once. @throws TypeError as `on` does */
  once<E extends EventName>(event: E, listener: PoolListener<E>): void {
    checkListener(event, listener)
    const wrapper = (...args: PoolEvents[E]): void => {
      this.#remove(event, wrapper)
      Reflect.apply(listener, this.#pool, args)
    }
    // By this property the emitter finds the wrapper of a listener that is removed.
    this.#add(event, Object.assign(wrapper, { listener }))
  }

  /** Removes what was added last of this listener; does nothing if it was not added. @throws TypeError as `on` does */
  off<E extends EventName>(event: E, listener: PoolListener<E>): void {
    checkListener(event, listener)
    this.#remove(event, listener)
  }

  /** Whether an event has a listener. */
  has(event: EventName): boolean {
    return this.#listenedTo[event]
  }

  /** Calls the listeners that there are now, in the order in which they were added. Never throws. */
  emit<E extends EventName>(event: E, ...args: PoolEvents[E]): void {
    // Not `listeners`: they would be those within the wrappers. Not `emit`: what one throws would keep it from the others.
    for (const listener of this.#emitter.rawListeners(event)) {
      try {
        Reflect.apply(listener, this.#pool, args)
      } catch (error) {
        throwLater(error)
      }
    }
  }

  /** To the listeners of `error`; if there are none, a process warning with the error's stack. Never throws. */
  fail(error: unknown, task?: TaskInfo): void {
    if (!this.has('error')) warn(error, task)
    else if (task === undefined) this.emit('error', error)
    else this.emit('error', error, task)
  }

  #add(event: EventName, listener: AnyListener): void {
    this.#emitter.on(event, listener as (...args: unknown[]) => void)
    this.#listenedTo[event] = true
  }

  #remove(event: EventName, listener: AnyListener): void {
    this.#emitter.off(event, listener as (...args: unknown[]) => void)
    this.#listenedTo[event] = this.#emitter.listenerCount(event) > 0
  }
}

function checkListener(event: unknown, listener: unknown): void {
  if (!NAMES.includes(event as EventName)) {
    const names = NAMES.map(name => `'${name}'`)
    throw new TypeError(expected('event', `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`, event))
  }
  checkFunction(listener, 'listener')
}

function warn(error: unknown, task: TaskInfo | undefined): void {
  const what = task === undefined ? 'A failure in a pool that nobody observed' : `A failure of the task ${task.name} that nobody observed`
  process.emitWarning(`${what}; listen to the pool's \`error\` event, or await what it belongs to`, {
    type: 'PoolWarning',
    detail: stackOf(error),
  })
}
