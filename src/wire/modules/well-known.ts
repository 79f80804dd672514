// Objects and functions that every process has under the same name: those of the language, of Node's builtin modules, and what
// CommonJS files export. They travel by that name.
import { builtinModules, createRequire, isBuiltin } from 'node:module'
import { builtinKey, requireKey } from './modules.ts'

/** `export` of the module with this key; a null key: a global, by its path from `globalThis`. */
export interface WellKnown {
  readonly module: string | null
  readonly exportName: string
}

/** The name under which every process has this object; null: it has none. `mainFile` is no module that another process may load. */
export function findWellKnown(value: object, mainFile: string | null): WellKnown | null {
  globals ??= collectGlobals()
  return globals.get(value) ?? findInBuiltins(value) ?? findInRequired(value, mainFile)
}

let globals: Map<object, WellKnown> | null = null

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** Getters are not called: some of Node's globals load a whole module, or warn. */
function* ownObjects(holder: object): Generator<[name: string, value: object]> {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    if (isObject(value)) yield [name, value]
  }
}

/** `Math`, `Math.max`, `Array.prototype`, `Array.prototype.slice`. */
function collectGlobals(): Map<object, WellKnown> {
  const found = new Map<object, WellKnown>()
  const add = (value: object, path: string): boolean => {
    if (found.has(value)) return false
    found.set(value, { module: null, exportName: path })
    return true
  }
  add(globalThis, 'globalThis')
  for (const [name, value] of intrinsics) add(value, name)
  for (const [name, value] of [...ownObjects(globalThis), ['process', process] as const, ['Buffer', Buffer] as const]) {
    if (!isGlobalOfNode(name) || !add(value, name)) continue
    for (const [inner, member] of ownObjects(value)) {
      if (!add(member, `${name}.${inner}`) || inner !== 'prototype') continue
      for (const [method, fn] of ownObjects(member)) add(fn, `${name}.prototype.${method}`)
    }
  }
  return found
}

/** A program's own globals are not there in other processes. Those of the language and of Node are not enumerable, or these. */
function isGlobalOfNode(name: string): boolean {
  return !Object.prototype.propertyIsEnumerable.call(globalThis, name) || ENUMERABLE_GLOBALS.has(name)
}

/** What the language has and no global names. */
const intrinsics = new Map<string, object>([
  ['%TypedArray%', Object.getPrototypeOf(Uint8Array) as object],
  ['%AsyncFunction%', (async () => {}).constructor],
  ['%GeneratorFunction%', function* () {}.constructor],
  ['%AsyncGeneratorFunction%', async function* () {}.constructor],
])

/** For what every process with this library has and no module exports. `name`: between percent signs. */
export function nameIntrinsic(name: string, value: object): void {
  intrinsics.set(name, value)
  named.set(value, name)
  globals?.set(value, { module: null, exportName: name })
}

const named = new WeakMap<object, string>()

/** What `nameIntrinsic` called it; null: nothing. */
export function nameOfIntrinsic(value: object): string | null {
  return named.get(value) ?? null
}

/** What stands under a path that `findWellKnown` gave; undefined: nothing. */
export function globalAt(path: string): unknown {
  const intrinsic = intrinsics.get(path)
  if (intrinsic !== undefined) return intrinsic
  let found: unknown = globalThis
  for (const name of path.split('.')) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined
    found = (found as Record<string, unknown>)[name]
  }
  return found
}

const ENUMERABLE_GLOBALS = new Set(
  'global clearImmediate clearInterval clearTimeout setImmediate setInterval setTimeout queueMicrotask structuredClone atob btoa performance fetch crypto navigator'.split(
    ' ',
  ),
)

const inBuiltins = new Map<object, WellKnown>()
const searched = new Set<string>()

/** Among the builtin modules that are loaded: what nobody loaded nobody has a function of. */
function findInBuiltins(value: object): WellKnown | null {
  const { moduleLoadList } = process as typeof process & { readonly moduleLoadList?: readonly string[] }
  const isLoaded = moduleLoadList === undefined ? null : new Set(moduleLoadList)
  for (const name of builtinModules) {
    if (searched.has(name) || name.startsWith('_') || isLoaded?.has(`NativeModule ${name.replace(/\/.*$/, '')}`) === false) continue
    searched.add(name)
    collectBuiltin(name)
  }
  return inBuiltins.get(value) ?? null
}

function collectBuiltin(name: string): void {
  const exported: unknown = process.getBuiltinModule(name)
  if (!isObject(exported)) return
  const key = builtinKey(isBuiltin(`node:${name}`) ? `node:${name}` : name)
  if (!inBuiltins.has(exported)) inBuiltins.set(exported, { module: key, exportName: 'default' })
  for (const [exportName, value] of ownObjects(exported)) {
    if (!inBuiltins.has(value)) inBuiltins.set(value, { module: key, exportName })
  }
}

interface CachedModule {
  readonly exports: unknown
  readonly loaded: boolean
}

/** By what a file exports as a whole; a single function that it exports is found by the file that it was made in. */
function findInRequired(value: object, mainFile: string | null): WellKnown | null {
  for (const [path, module] of Object.entries(requireCache())) {
    if (module?.exports === value && path !== mainFile) return { module: requireKey(path), exportName: 'default' }
  }
  return null
}

/** The CommonJS files that have been loaded. */
export function requiredFiles(): string[] {
  return Object.keys(requireCache()).filter(path => path.startsWith('/'))
}

/** What a CommonJS file exports; undefined: it was not loaded as one. */
export function exportsOfFile(path: string): unknown {
  return requireCache()[path]?.exports
}

let cache: Record<string, CachedModule | undefined> | null = null

function requireCache(): Record<string, CachedModule | undefined> {
  // Every require function has the same one.
  cache ??= createRequire('/').cache as Record<string, CachedModule | undefined>
  return cache
}

/** A `require` of whatever file. */
export function isRequire(value: unknown): boolean {
  return typeof value === 'function' && (value as { cache?: unknown }).cache === requireCache()
}
