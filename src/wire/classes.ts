// How the instances of a class travel, as far as the class or its user has something to say about it.
import { checkString, expected } from '../base/validate.ts'
import type { AnyFunction } from './function-reference.ts'

/** The name of the method that gives what travels in place of an instance. */
export const reduce: unique symbol = Symbol.for('polyprocess.reduce') as never
/** The name of the static method that makes an instance again from what `reduce` gave. */
export const rebuild: unique symbol = Symbol.for('polyprocess.rebuild') as never

/** An object that says itself what travels in its place. Its class has a static method `[rebuild]` which takes it. */
export interface Reducible<D = unknown> {
  [reduce](): D
}

// biome-ignore lint/suspicious/noExplicitAny: any class at all; unknown[] would refuse constructors with typed parameters.
type AnyClass<T> = abstract new (...args: any[]) => T

export interface RegisterClassOptions<T, D> {
  /** Under which both sides know the class. Each of them registers it; where two classes have one name, the later one has it. */
  name?: string
  /** What travels in place of the instance; without it its own properties do, and what its built-in base holds. */
  reduce?: (instance: T) => D
  /** Makes an instance of what `reduce` gave. */
  rebuild?: (data: D) => T
}

export interface Registration {
  readonly cls: AnyFunction
  readonly name: string | null
  readonly reduce: ((instance: object) => unknown) | null
  readonly rebuild: ((data: unknown) => unknown) | null
}

const byClass = new WeakMap<object, Registration>()
const byName = new Map<string, Registration>()

/**
 * Says how instances of a class travel. A class that the other side can import or that is sent to it needs this only if its
 * instances are more than their properties: private fields, something open, a cache that should not travel.
 *
 * With a `name`, registered on both sides, instances also travel where code does not: between programs that share no tree of
 * processes.
 * @throws TypeError if `cls` is no class
 * @example registerClass(Money, { name: 'Money', reduce: money => money.toString(), rebuild: Money.parse })
 */
export function registerClass<T, D = unknown>(cls: AnyClass<T>, options: RegisterClassOptions<T, D> = {}): void {
  const { prototype } = (cls ?? {}) as { prototype?: unknown }
  if (typeof cls !== 'function' || typeof prototype !== 'object' || prototype === null) {
    throw new TypeError(expected('cls', 'a class', cls))
  }
  const registration = {
    cls: cls as unknown as AnyFunction,
    name: options.name === undefined ? null : checkString(options.name, 'name'),
    reduce: checkHook(options.reduce, 'reduce') as Registration['reduce'],
    rebuild: checkHook(options.rebuild, 'rebuild') as Registration['rebuild'],
  }
  byClass.set(cls, registration)
  if (registration.name !== null) byName.set(registration.name, registration)
}

function checkHook(hook: unknown, name: string): unknown {
  if (hook === undefined) return null
  if (typeof hook !== 'function') throw new TypeError(expected(name, 'a function', hook))
  return hook
}

/** What was registered for exactly this class, not for one that it extends. */
export function registrationOf(cls: object): Registration | null {
  return byClass.get(cls) ?? null
}

export function registrationByName(name: string): Registration | null {
  return byName.get(name) ?? null
}
