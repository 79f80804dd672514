// Whether the instances of a class have fields that only the class can read.
import type { AnyFunction } from '../function-reference.ts'
import { isInsideNode, siteOf } from './describe.ts'

const answers = new WeakMap<AnyFunction, boolean>()

/** Whether the class itself declares some. */
export function declaresPrivateFields(cls: AnyFunction): boolean {
  return siteOf(cls)?.analysis.hasPrivateFields === true
}

/** True also if a class that it inherits from has `#fields`. Private methods count: without its class an object does not have them. */
export function hasPrivateFields(cls: AnyFunction): boolean {
  let answer = answers.get(cls)
  if (answer === undefined) {
    answer = declaresPrivateFields(cls) || inheritsThem(cls)
    answers.set(cls, answer)
  }
  return answer
}

/** Node's own classes may use them, as URL does; how their instances travel the codec knows. */
function inheritsThem(cls: AnyFunction): boolean {
  const parent: unknown = Object.getPrototypeOf(cls)
  if (typeof parent !== 'function' || parent === Function.prototype || isInsideNode(parent as AnyFunction)) return false
  return hasPrivateFields(parent as AnyFunction)
}
