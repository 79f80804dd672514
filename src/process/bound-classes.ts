// Classes that start processes, bound to a start method: `getContext('spawn').Process` is a subclass that differs in nothing else.
import { getStartMethod, type StartMethod } from './start-method.ts'

const bound = new WeakMap<object, StartMethod>()

/** A subclass that uses this start method, as its own subclasses do. */
export function bindClass<C extends abstract new (...args: never[]) => unknown>(cls: C, method: StartMethod, name: string): C {
  const parent = cls as unknown as new (...args: never[]) => object
  const made = { [name]: class extends parent {} }[name] as unknown as C
  bound.set(made, method)
  return made
}

/** Of a class or one that it extends; the default, which is fixed by this, if none is bound. */
export function methodOf(cls: unknown): StartMethod {
  return boundMethodOf(cls) ?? getStartMethod()
}

/** Of a class or one that it extends; null: none is bound. */
export function boundMethodOf(cls: unknown): StartMethod | null {
  for (let each: unknown = cls; typeof each === 'function'; each = Object.getPrototypeOf(each)) {
    const method = bound.get(each)
    if (method !== undefined) return method
  }
  return null
}
