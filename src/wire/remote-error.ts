// What a task throws, on its way home. What can travel as a value does, with its class and all that is in it. Of the rest, errors
// of the language and of this library keep their class, others arrive as a RemoteError with their text, and what cannot travel
// inside them is left out. The stack is the far one, and says which process it is from.
import { setStack } from '../base/call-site.ts'
import { isOurs } from '../base/own-files.ts'
import {
  BrokenPoolError,
  CancelledError,
  ClosedError,
  InterruptedError,
  MultiprocessingError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
} from '../base/errors.ts'
import type { AnyFunction } from './function-reference.ts'
import { isInsideNode } from './functions/describe.ts'
import type { Capability } from './values/capability.ts'
import { encode } from './values/encoder.ts'

/** An error of which not everything can travel, as a plain object. */
export interface ErrorDescription {
  readonly name: string
  /** Of a class that both sides know; empty for every other, whatever its name. */
  readonly className: string
  readonly message: string
  readonly stack: string
  readonly properties: Record<string, unknown>
  readonly cause?: ThrownDescription
}

/** Anything can be thrown, not only errors. */
export type ThrownDescription = { readonly error: ErrorDescription } | { readonly value: unknown }

const ERRORS_OF_THE_LANGUAGE = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]
const ERRORS_OF_THE_LIBRARY = [
  MultiprocessingError,
  BrokenPoolError,
  CancelledError,
  ClosedError,
  InterruptedError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
]
const KNOWN = new Map<string, { prototype: Error }>(
  [...ERRORS_OF_THE_LANGUAGE, ...ERRORS_OF_THE_LIBRARY].map(constructor => [constructor.name, constructor]),
)

const DEEPEST_CAUSE = 8

/** Never throws, whatever it is given. `capability`: of the channel that the description goes over. */
export function describeThrown(thrown: unknown, capability: Capability | null): ThrownDescription {
  if (sendable(thrown, capability)) return { value: thrown }
  try {
    return describeAny(thrown, capability, 0)
  } catch (error) {
    // A getter or a toString of what was thrown throws itself.
    const cause = error instanceof Error ? error.message : undefined
    return describeAny(new Error('A value was thrown that cannot be described', { cause }), capability, 0)
  }
}

/** Its own property: somebody may have put an `error` on Object.prototype. */
function isError(description: ThrownDescription): description is { readonly error: ErrorDescription } {
  return Object.hasOwn(description, 'error')
}

/** The error again, as far as this process can build it. `where` names the process it comes from. */
export function rebuildThrown(description: ThrownDescription, where: string): unknown {
  if (!isError(description)) return withPlace(description.value, where)
  const { name, className, message, stack, properties, cause } = description.error
  const constructor = KNOWN.get(className)
  const options = cause === undefined ? undefined : { cause: rebuildThrown(cause, where) }
  const error =
    constructor === undefined ? new RemoteError(describe(description.error), stack, options) : construct(constructor, message, options)
  // A subclass that is inside Node is known by its name alone.
  if (constructor !== undefined && error.name !== name)
    Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true })
  for (const [key, value] of Object.entries(properties)) {
    if (key in error && constructor === undefined) continue
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true })
  }
  const near = constructor === undefined ? `${error.name}: ${error.message}\n${framesOf(stack)}` : stack
  error.stack = near
  return withPlace(error, where)
}

function withPlace(thrown: unknown, where: string): unknown {
  if (thrown instanceof Error && typeof thrown.stack === 'string') {
    setStack(thrown, `${withoutOurFrames(thrown.stack)}\n    at (in ${where})`)
  }
  return thrown
}

/** Up to the last frame of the program: what is below it is how this library, and Node, came to call it. */
function withoutOurFrames(stack: string): string {
  const lines = stack.split('\n')
  const isNobodys = (line: string): boolean => isOurs(line) || /\(?node:internal\//.test(line)
  let end = lines.length
  while (end > 1 && isNobodys(lines[end - 1] as string)) end -= 1
  return lines.slice(0, end).join('\n')
}

/** An instance of the class whose own fields come from the far side: the library's constructors want other arguments. */
function construct(constructor: { prototype: Error }, message: string, options: ErrorOptions | undefined): Error {
  return Reflect.construct(Error, [message, options], constructor as unknown as ErrorConstructor) as Error
}

function describeAny(thrown: unknown, capability: Capability | null, depth: number): ThrownDescription {
  if (sendable(thrown, capability)) return { value: thrown }
  if (!(thrown instanceof Error)) return { value: String(thrown) }
  // Without a prototype, so that a property of any name is just a property.
  const properties: Record<string, unknown> = Object.create(null)
  for (const [key, value] of Object.entries(thrown)) if (key !== 'cause' && sendable(value, capability)) properties[key] = value
  return {
    error: {
      name: String(thrown.name),
      className: knownClassOf(thrown),
      message: String(thrown.message),
      stack: String(thrown.stack),
      properties,
      ...(thrown.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeAny(thrown.cause, capability, depth + 1) }),
    },
  }
}

/** Node's own errors are of classes that nobody else has; above those is the class that people know. Empty: a class of the program. */
function knownClassOf(error: Error): string {
  let prototype: unknown = Object.getPrototypeOf(error)
  while (prototype instanceof Error || prototype === Error.prototype) {
    const { constructor } = prototype as { constructor: AnyFunction & { prototype: Error } }
    if (KNOWN.get(constructor.name) === constructor) return constructor.name
    if (!isInsideNode(constructor)) return ''
    prototype = Object.getPrototypeOf(prototype)
  }
  return ''
}

function describe({ name, message }: ErrorDescription): string {
  return message === '' ? name : `${name}: ${message}`
}

function framesOf(stack: string): string {
  const first = stack.indexOf('\n    at ')
  return first === -1 ? stack : stack.slice(first + 1)
}

/** Tried without blocks beside the message, which nobody would free. */
function sendable(value: unknown, capability: Capability | null): boolean {
  try {
    encode(value, 'error', { capability: capability === null ? null : { ...capability, storeBytes: () => null } })
    return true
  } catch {
    return false
  }
}
