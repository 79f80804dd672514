// Whether the instances of a class have fields that only the class can read.
import type { AnyFunction } from '../function-reference.ts'
import { siteOf } from './describe.ts'

const answers = new WeakMap<AnyFunction, boolean>()

/** True also if a class that it inherits from has `#fields`. Private methods count: without its class an object does not have them. */
export function hasPrivateFields(cls: AnyFunction): boolean {
  let answer = answers.get(cls)
  if (answer === undefined) {
    answer = siteOf(cls)?.analysis.hasPrivateFields === true || inheritsThem(cls)
    answers.set(cls, answer)
  }
  return answer
}

function inheritsThem(cls: AnyFunction): boolean {
  const parent: unknown = Object.getPrototypeOf(cls)
  return typeof parent === 'function' && parent !== Function.prototype && hasPrivateFields(parent as AnyFunction)
}
