// What V8 knows about a function and JavaScript does not: where it was made, what its variables hold, what bind() bound. Node's own
// inspector tells, in this process and synchronously, without the Debugger domain (which makes every await ten times slower while
// it is on).
import { NotSupportedError } from '../../base/errors.ts'
import type { AnyFunction } from '../function-reference.ts'

/** The variables of one scope around a function, as they are now; only those that some closure uses. */
export interface Scope {
  /** V8's own word: Closure, Block, Module, Script, Class, Catch, With. */
  readonly kind: string
  /** Reading a variable that is not initialized throws, on some versions; on others it is undefined. */
  readonly variables: Readonly<Record<string, unknown>>
}

export interface BoundFunction {
  readonly target: AnyFunction
  readonly self: unknown
  readonly args: readonly unknown[]
}

export interface FunctionFacts {
  /** Null for native code. `line` and `column` count from 0 and lie somewhere inside the function's text. */
  readonly location: { readonly scriptId: string; readonly line: number; readonly column: number } | null
  /** From the inside out, without the global one. */
  readonly scopes: readonly Scope[]
  /** Of a function that bind() made. */
  readonly bound: BoundFunction | null
}

interface RemoteObject {
  readonly objectId?: string
  readonly value?: unknown
  readonly unserializableValue?: string
  readonly description?: string
}

interface Property {
  readonly name: string
  readonly value?: RemoteObject
}

interface Properties {
  readonly result: readonly Property[]
  readonly internalProperties?: readonly Property[]
}

let session: import('node:inspector').Session | null = null

/** Calls a method of the inspector's protocol. @throws NotSupportedError where there is no inspector; what the inspector answers */
export function post<R>(method: string, parameters: object): R {
  session ??= connect()
  return postTo<R>(session, method, parameters)
}

/** As `post`, in a session of one's own. */
export function postTo<R>(connected: import('node:inspector').Session, method: string, parameters: object): R {
  let failure: Error | null = null
  let answer: unknown
  // The inspector answers before `post` returns.
  connected.post(method, parameters, (error, result) => {
    failure = error
    answer = result
  })
  if (failure !== null) throw failure
  return answer as R
}

/** A session of its own. */
export function connect(): import('node:inspector').Session {
  try {
    const { Session } = process.getBuiltinModule('node:inspector')
    const connected = new Session()
    connected.connect()
    return connected
  } catch (error) {
    throw new NotSupportedError(
      'A function can be sent only where Node has its inspector; here it has none (--permission and some builds switch it off). Pass reference(url, exportName) instead',
      { cause: error },
    )
  }
}

const HANDOVER = Symbol.for('polyprocess.handover')
const GROUP = 'polyprocess'

/** What V8 knows about a function. */
export function inspectFunction(fn: AnyFunction): FunctionFacts {
  const global = globalThis as Record<symbol, unknown>
  global[HANDOVER] = fn
  try {
    const { result } = post<{ result: RemoteObject }>('Runtime.evaluate', {
      expression: "globalThis[Symbol.for('polyprocess.handover')]",
      objectGroup: GROUP,
    })
    const objectId = result.objectId as string
    const { internalProperties = [] } = post<Properties>('Runtime.getProperties', { objectId, ownProperties: true })
    const internal = new Map(internalProperties.map(property => [property.name, property.value]))
    return {
      location: locationOf(internal.get('[[FunctionLocation]]')),
      scopes: scopesOf(objectId, internal.get('[[Scopes]]')),
      bound: boundBy(objectId, internal),
    }
  } finally {
    delete global[HANDOVER]
    post('Runtime.releaseObjectGroup', { objectGroup: GROUP })
  }
}

function locationOf(location: RemoteObject | undefined): FunctionFacts['location'] {
  if (location?.value === undefined) return null
  const { scriptId, lineNumber, columnNumber } = location.value as { scriptId: string; lineNumber: number; columnNumber: number }
  return { scriptId, line: lineNumber, column: columnNumber }
}

function scopesOf(objectId: string, scopes: RemoteObject | undefined): Scope[] {
  if (scopes?.objectId === undefined) return []
  const { result } = post<Properties>('Runtime.getProperties', { objectId: scopes.objectId, ownProperties: true })
  const entries = result.filter(({ name, value }) => /^\d+$/.test(name) && value?.objectId !== undefined && value.description !== 'Global')
  if (entries.length === 0) return []
  const values = valuesOf(
    objectId,
    entries.map(({ value }) => value as RemoteObject),
  )
  return entries.map(({ value }, index) => ({
    kind: String(value?.description).replace(/ \(.*$/s, ''),
    variables: variablesOf(values[index]),
  }))
}

/** The objects themselves, which the inspector hands over as arguments of a call. */
function valuesOf(objectId: string, remote: readonly RemoteObject[]): unknown[] {
  const global = globalThis as Record<symbol, unknown>
  post('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration: "function (...values) { globalThis[Symbol.for('polyprocess.handover')] = values }",
    arguments: remote.map(({ objectId: id, value, unserializableValue }) => {
      if (id !== undefined) return { objectId: id }
      return unserializableValue === undefined ? { value } : { unserializableValue }
    }),
    objectGroup: GROUP,
    silent: true,
  })
  return global[HANDOVER] as unknown[]
}

/** An entry of the list of scopes has a description and the scope itself. */
function variablesOf(entry: unknown): Record<string, unknown> {
  const { object } = entry as { object?: unknown }
  return typeof object === 'object' && object !== null ? (object as Record<string, unknown>) : {}
}

function boundBy(objectId: string, internal: ReadonlyMap<string, RemoteObject | undefined>): BoundFunction | null {
  const target = internal.get('[[TargetFunction]]')
  if (target === undefined) return null
  const remote = [target, internal.get('[[BoundThis]]') ?? {}, internal.get('[[BoundArgs]]') ?? {}]
  const [fn, self, args] = valuesOf(objectId, remote) as [AnyFunction, unknown, unknown[] | undefined]
  return { target: fn, self, args: args ?? [] }
}
