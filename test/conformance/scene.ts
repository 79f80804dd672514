// What a row plays with: a context, others who run what it asks them to, shared objects that are closed at its end.
import { inspect } from 'node:util'
import type { Closable, Pool } from '../../src/index.ts'
import { type Form, FORMS } from '../fixtures/conformance/forms.ts'
import { until } from '../helpers/conditions.ts'
import type { Context } from '../process/methods.ts'
import { Check } from './check.ts'
import type { Crew } from './crew.ts'

type Child = InstanceType<Context['Process']>
/** Called elsewhere: gets the form that it is to use, and what it was started with. What it throws fails the row. */
type Target<A extends unknown[]> = (form: Form, ...args: A) => unknown

/** `crew`: of the row's start method. `threads`: those beside it. */
export interface Crews {
  readonly crew: Crew
  readonly threads: Crew
}

export class Scene {
  readonly ctx: Context
  readonly check = new Check()
  readonly #crews: Crews
  readonly #children: Child[] = []
  readonly #tasks: Promise<void>[] = []
  readonly #endings: (() => void)[] = []
  #failure: unknown = null

  constructor(ctx: Context, crews: Crews) {
    this.ctx = ctx
    this.#crews = crews
  }

  /** Closed at the end. */
  own = <T extends Closable>(object: T): T => {
    this.atEnd(() => object.close())
    return object
  }

  atEnd = (ending: () => void): void => {
    this.#endings.push(ending)
  }

  /** A process of its own that is expected to end well. */
  start = async <A extends unknown[]>(form: Form, target: Target<A>, ...args: A): Promise<Child> => {
    return await this.startNamed(undefined, form, target, ...args)
  }

  /** The same with a name. */
  startNamed = async <A extends unknown[]>(name: string | undefined, form: Form, target: Target<A>, ...args: A): Promise<Child> => {
    const options = { target, args: [form, ...args] as [Form, ...A], ...(name === undefined ? {} : { name }) }
    const child = new this.ctx.Process(options)
    await child.start()
    // Whoever looks at children does not care what they were given.
    const started = child as unknown as Child
    this.#children.push(started)
    return started
  }

  /** It is expected to end in another way, which the row looks at itself. */
  disown = (child: Child): void => {
    this.#children.splice(this.#children.indexOf(child), 1)
  }

  /** Of as many workers as the file's crew has, which stay for all rows: it is not the row's to close. */
  pool = (): Promise<Pool> => this.#crews.crew.open()

  /** One process, whose failure the row wants to see: rejects with what the target throws. */
  ask = async <A extends unknown[]>(form: Form, target: Target<A>, ...args: A): Promise<void> => {
    await this.#crews.crew.run(target, [form, ...args])
  }

  /** So many processes; every second one uses the other form. Settles when they have been asked. */
  team = async <A extends unknown[]>(size: number, target: Target<A>, ...args: A): Promise<void> => {
    await this.#ask(this.#crews.crew, size, target, args)
  }

  /** The same with threads beside them, `size` of each. The processes come first: one with threads is not to be forked. */
  mixedTeam = async <A extends unknown[]>(size: number, target: Target<A>, ...args: A): Promise<void> => {
    await this.#ask(this.#crews.crew, size, target, args)
    await this.#ask(this.#crews.threads, size, target, args)
  }

  /** Settles when all who were started have ended and all who were asked are done. An assertion each: it went well. */
  joined = async (): Promise<void> => {
    for (const task of this.#tasks.splice(0)) {
      await task
      this.check.equal(this.#failure, null)
    }
    for (const child of this.#children.splice(0)) {
      await child.join()
      this.check.equal(child.exitCode, 0, `${child.name} ended with ${child.exitCode}`)
    }
  }

  /** Settles once so many threads wait for the object, as it says itself. */
  waiting = async (object: Closable, count: number): Promise<void> => {
    await this.#until(() => (/waiting (\d+) }$/.exec(inspect(object))?.[1] ?? '0') === String(count), `${count} wait`)
  }

  /** Settles once the semaphore's value is no less; an assertion that it is no more. */
  counted = async (semaphore: { readonly value: number }, count: number): Promise<void> => {
    await this.#until(() => semaphore.value >= count, `${count} have counted themselves`)
    this.check.equal(semaphore.value, count)
  }

  /** After a row that failed, nobody knows what the others are doing. */
  async close({ failed }: { failed: boolean }): Promise<void> {
    for (const child of this.#children.splice(0)) child.kill()
    if (failed) await Promise.all([this.#crews.crew.close(), this.#crews.threads.close()])
    for (const ending of this.#endings.splice(0)) ending()
  }

  async #ask<A extends unknown[]>(crew: Crew, size: number, target: Target<A>, args: A): Promise<void> {
    await crew.open()
    for (let index = 0; index < size; index += 1) {
      const form = FORMS[index % FORMS.length] as Form
      this.#tasks.push(crew.run(target, [form, ...args]).catch(this.#fail))
    }
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= error
  }

  /** Who waits for somebody who has failed is told so. */
  async #until(condition: () => boolean, what: string): Promise<void> {
    await until(() => this.#failure !== null || condition(), what)
    if (this.#failure !== null) throw this.#failure
  }
}
