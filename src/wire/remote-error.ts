// What a task throws, on its way home. First form: classes of the language keep their class; everything else arrives as a
// RemoteError with its text. The far stack stays beneath the near one.
import { RemoteError } from '../base/errors.ts'
import { encode } from './encoder.ts'

/** An error as a plain object, so that the codec carries it. */
export interface ErrorDescription {
  readonly name: string
  readonly className: string
  readonly message: string
  readonly stack: string
  readonly properties: Record<string, unknown>
  readonly cause?: ThrownDescription
}

/** Anything can be thrown, not only errors. */
export type ThrownDescription = { readonly error: ErrorDescription } | { readonly value: unknown }

const STANDARD: Readonly<Record<string, ErrorConstructor>> = Object.assign(Object.create(null), {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
})

const DEEPEST_CAUSE = 8

export function describeThrown(thrown: unknown, depth = 0): ThrownDescription {
  if (!(thrown instanceof Error)) return { value: sendable(thrown) ? thrown : String(thrown) }
  const properties: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(thrown)) if (key !== 'cause' && sendable(value)) properties[key] = value
  return {
    error: {
      name: String(thrown.name),
      className: thrown.constructor?.name ?? 'Error',
      message: String(thrown.message),
      stack: String(thrown.stack),
      properties,
      ...(thrown.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeThrown(thrown.cause, depth + 1) }),
    },
  }
}

/** The error again, as far as this process can build it. `where` names the process it comes from. */
export function rebuildThrown(description: ThrownDescription, where: string): unknown {
  if (!('error' in description)) return description.value
  const { className, message, stack, properties, cause } = description.error
  const constructor = STANDARD[className]
  const options = cause === undefined ? undefined : { cause: rebuildThrown(cause, where) }
  const error = constructor === undefined ? new RemoteError(describe(description.error), stack, options) : new constructor(message, options)
  for (const [key, value] of Object.entries(properties)) {
    if (key in error && constructor === undefined) continue
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true })
  }
  const here = constructor === undefined ? `${error.name}: ${error.message}` : ''
  error.stack = `${here === '' ? stack : `${here}\n${framesOf(stack)}`}\n    at (in ${where})`
  return error
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
