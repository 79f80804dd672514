// From a function to where another process can import it. V8 knows in which script a function was made, and Node's own inspector
// tells, in this process and synchronously, without the Debugger domain (which makes every await ten times slower while it is on).
// Then the module, which is loaded already, is asked under which name it exports the function.
import { realpathSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { pathToFileURL } from 'node:url'
import { NotSerializableError } from '../base/errors.ts'
import { type AnyFunction, addressOfReference, type FunctionAddress, GLOBAL_SCHEME } from './function-reference.ts'

const known = new WeakMap<AnyFunction, Promise<FunctionAddress> | FunctionAddress>()

/**
 * Where the function can be imported from. A function that was found once is found at once: then it is no promise.
 * @throws NotSerializableError for a function that no importable module exports, with what to do about it
 */
export function findFunction(fn: AnyFunction): FunctionAddress | Promise<FunctionAddress> {
  const found = addressOfReference(fn) ?? known.get(fn)
  if (found !== undefined) return found
  const search = searchFor(fn)
  known.set(fn, search)
  search.then(
    address => known.set(fn, address),
    () => known.delete(fn),
  )
  return search
}

async function searchFor(fn: AnyFunction): Promise<FunctionAddress> {
  const name = fn.name || 'an anonymous function'
  const scriptId = scriptOf(fn)
  if (scriptId === null) return findGlobal(fn, name)
  const url = urlOfScript(scriptId)
  if (url === null || !(url.startsWith('file:') || isBuiltin(url))) throw refusal(name, 'it was made by code that is in no file')
  if (url === mainModuleUrl())
    throw refusal(
      name,
      `it is defined in the main module, which another process must not run again. Move it to a module of its own and export it`,
    )
  const namespace: Record<string, unknown> = await import(url)
  const exportName = findExport(namespace, fn)
  if (exportName !== null) return { url, exportName }
  throw refusal(name, `${url} does not export it. Export it there`)
}

function refusal(name: string, reason: string): NotSerializableError {
  return new NotSerializableError(
    name,
    `this function cannot be imported by another process: ${reason}, or pass reference(url, exportName)`,
  )
}

function findExport(namespace: Record<string, unknown>, fn: AnyFunction): string | null {
  for (const key of Object.keys(namespace)) if (namespace[key] === fn) return key
  const whole = namespace.default
  if (typeof whole !== 'object' || whole === null) return null
  for (const [key, value] of Object.entries(whole)) if (value === fn) return key
  return null
}

/** Native functions of the language: `Math.sqrt`, `String`, `JSON.parse`. */
function findGlobal(fn: AnyFunction, name: string): FunctionAddress {
  for (const holder of Object.getOwnPropertyNames(globalThis)) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, holder)
    const value: unknown = descriptor?.value
    if (value === fn) return { url: GLOBAL_SCHEME, exportName: holder }
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || value === globalThis) continue
    const inner = Object.getOwnPropertyDescriptor(value, fn.name)
    if (inner !== undefined && inner.value === fn) return { url: GLOBAL_SCHEME, exportName: `${holder}.${fn.name}` }
  }
  throw refusal(name, fn.name.startsWith('bound ') ? 'bind() made it' : 'it is native code')
}

let session: import('node:inspector').Session | null = null

function post<R>(method: string, parameters: object): R {
  session ??= connect()
  let failure: Error | null = null
  let answer: unknown
  // The inspector answers before `post` returns.
  session.post(method, parameters, (error, result) => {
    failure = error
    answer = result
  })
  if (failure !== null) throw failure
  return answer as R
}

function connect(): import('node:inspector').Session {
  const { Session } = process.getBuiltinModule('node:inspector')
  const connected = new Session()
  connected.connect()
  return connected
}

interface InternalProperty {
  readonly name: string
  readonly value?: { readonly value?: { readonly scriptId: string } }
}

const HANDOVER = Symbol.for('polyprocess.handover')

/** The id of the script that made the function; null for native code. */
function scriptOf(fn: AnyFunction): string | null {
  const global = globalThis as Record<symbol, unknown>
  global[HANDOVER] = fn
  try {
    const { result } = post<{ result: { objectId: string } }>('Runtime.evaluate', {
      expression: "globalThis[Symbol.for('polyprocess.handover')]",
    })
    const { internalProperties = [] } = post<{ internalProperties?: InternalProperty[] }>('Runtime.getProperties', {
      objectId: result.objectId,
      ownProperties: true,
    })
    post('Runtime.releaseObject', { objectId: result.objectId })
    return internalProperties.find(property => property.name === '[[FunctionLocation]]')?.value?.value?.scriptId ?? null
  } finally {
    delete global[HANDOVER]
  }
}

const scriptUrls = new Map<string, string>()

function urlOfScript(scriptId: string): string | null {
  if (!scriptUrls.has(scriptId)) learnFromCoverage()
  if (!scriptUrls.has(scriptId)) learnFromDebugger()
  return scriptUrls.get(scriptId) ?? null
}

function learnFromCoverage(): void {
  const { result } = post<{ result: { scriptId: string; url: string }[] }>('Profiler.getBestEffortCoverage', {})
  for (const script of result) scriptUrls.set(script.scriptId, script.url)
}

/**
 * Coverage leaves out a module with a top-level await none of whose functions has run. The Debugger domain names every script, but
 * once it was on, promises stay about a fifth slower: only for such a module, and once for all that are loaded by then.
 */
function learnFromDebugger(): void {
  const debuggerSession = connect()
  debuggerSession.on('Debugger.scriptParsed', ({ params }) => scriptUrls.set(params.scriptId, params.url))
  debuggerSession.post('Debugger.enable')
  debuggerSession.disconnect()
}

function mainModuleUrl(): string | null {
  const main = process.argv[1]
  if (main === undefined) return null
  try {
    // `node work` and `node .` leave the name as it was given: it is resolved as Node does for a main module.
    return pathToFileURL(realpathSync(createRequire(`${main}/`).resolve(main))).href
  } catch {
    return null // `node -e` and the like: there is no main module's file.
  }
}
