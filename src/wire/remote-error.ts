// What a task throws, on its way home. First form: classes of the language and of this library keep their class; everything else
// arrives as a RemoteError with its text. The far stack stays beneath the near one.
import {
  BrokenPoolError,
  ClosedError,
  InterruptedError,
  MultiprocessingError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
} from '../base/errors.ts'
import { encode } from './encoder.ts'

/** An error as a plain object, so that the codec carries it. */
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

/** Never throws, whatever it is given. */
export function describeThrown(thrown: unknown): ThrownDescription {
  try {
    return describeAny(thrown, 0)
  } catch (error) {
    // A getter or a toString of what was thrown throws itself.
    return describeAny(
      new Error('A value was thrown that cannot be described', { cause: error instanceof Error ? error.message : undefined }),
      0,
    )
  }
}

/** Its own property: somebody may have put an `error` on Object.prototype. */
function isError(description: ThrownDescription): description is { readonly error: ErrorDescription } {
  return Object.hasOwn(description, 'error')
}

/** The error again, as far as this process can build it. `where` names the process it comes from. */
export function rebuildThrown(description: ThrownDescription, where: string): unknown {
  if (!isError(description)) return description.value
  const { className, message, stack, properties, cause } = description.error
  const constructor = KNOWN.get(className)
  const options = cause === undefined ? undefined : { cause: rebuildThrown(cause, where) }
  const error =
    constructor === undefined ? new RemoteError(describe(description.error), stack, options) : construct(constructor, message, options)
  for (const [key, value] of Object.entries(properties)) {
    if (key in error && constructor === undefined) continue
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true })
  }
  const near = constructor === undefined ? `${error.name}: ${error.message}\n${framesOf(stack)}` : stack
  error.stack = `${near}\n    at (in ${where})`
  return error
}

/** An instance of the class whose own fields come from the far side: the library's constructors want other arguments. */
function construct(constructor: { prototype: Error }, message: string, options: ErrorOptions | undefined): Error {
  return Reflect.construct(Error, [message, options], constructor as unknown as ErrorConstructor) as Error
}

function describeAny(thrown: unknown, depth: number): ThrownDescription {
  if (!(thrown instanceof Error)) return { value: sendable(thrown) ? thrown : String(thrown) }
  // Without a prototype, so that a property of any name is just a property.
  const properties: Record<string, unknown> = Object.create(null)
  for (const [key, value] of Object.entries(thrown)) if (key !== 'cause' && sendable(value)) properties[key] = value
  return {
    error: {
      name: String(thrown.name),
      className: KNOWN.get(thrown.constructor?.name) === thrown.constructor ? thrown.constructor.name : '',
      message: String(thrown.message),
      stack: String(thrown.stack),
      properties,
      ...(thrown.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeAny(thrown.cause, depth + 1) }),
    },
  }
}

function describe({ name, message }: ErrorDescription): string {
  return message === '' ? name : `${name}: ${message}`
}

function framesOf(stack: string): string {
  const first = stack.indexOf('\n    at ')
  return first === -1 ? stack : stack.slice(first + 1)
}

function sendable(value: unknown): boolean {
  try {
    encode(value, 'error')
    return true
  } catch {
    return false
  }
}
