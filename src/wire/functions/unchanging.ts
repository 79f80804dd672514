// Whether a function's message is the same whenever it is written.
import type { AnyFunction } from '../function-reference.ts'
import { describeFunction, isFixed } from './describe.ts'
import type { Content } from './variables.ts'
import { ownMembers, prototypeMembers } from './write-function.ts'

/** To be asked once the function has been written. True for what is found by name, and for code all of whose variables are constants of primitive values or functions like that. */
export function isUnchanging(fn: AnyFunction): boolean {
  return check(fn, new Set())
}

/** `seen`: functions that refer to each other are unchanging if nothing else about them says no. */
function check(fn: AnyFunction, seen: Set<AnyFunction>): boolean {
  if (seen.has(fn)) return true
  seen.add(fn)
  if (!isFixed(fn)) return false
  const description = describeFunction(fn)
  if (description.kind === 'known') return true
  if (description.kind !== 'code') return false
  // What was given to a function or to a prototype can be changed at any time.
  if (ownMembers(fn, description).length > 0 || prototypeMembers(fn, description) !== null) return false
  return description.variables.every(({ content }) => checkContent(content, seen))
}

function checkContent(content: Content, seen: Set<AnyFunction>): boolean {
  if (content.kind !== 'value') return true
  if (typeof content.value === 'function') return check(content.value as AnyFunction, seen)
  return typeof content.value !== 'object' || content.value === null
}
