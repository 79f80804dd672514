// What the free names of a function stand for: an import, a variable in one of its scopes, or neither, which is a global.
import { builtinModules } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { isLoadedInNode } from '../../base/this-node.ts'
import type { AnyFunction } from '../function-reference.ts'
import { fileOfMeta } from '../modules/import-meta.ts'
import { mainModule } from '../modules/main-module.ts'
import { importKey, keyOfNamespace } from '../modules/modules.ts'
import { findWellKnown, isRequire } from '../modules/well-known.ts'
import type { FreeName } from '../syntax/script-analysis.ts'
import type { CodeSite } from './code-site.ts'
import type { Scope } from './inspector.ts'
import type { Script } from './scripts.ts'

/** `module` null: a global. `exportName` null: the module's namespace. */
export interface Known {
  readonly kind: 'known'
  readonly module: string | null
  readonly exportName: string | null
}

export type Content =
  | Known
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'cell'; readonly cell: Cell }
  | { readonly kind: 'require' | 'meta'; readonly file: string }

/** A variable that several functions have in common; the same object for all functions of a script. */
export interface Cell {
  value: unknown
}

const cellsOfScripts = new WeakMap<Script, Map<string, Cell>>()

function cellOf(script: Script, name: string, value: unknown): Cell {
  let cells = cellsOfScripts.get(script)
  if (cells === undefined) {
    cells = new Map()
    cellsOfScripts.set(script, cells)
  }
  const cell = cells.get(name) ?? { value }
  cells.set(name, cell)
  cell.value = value
  return cell
}

export function known(module: string | null, exportName: string | null): Known {
  return { kind: 'known', module, exportName }
}

/** The name under which every process has it; null: there is none. */
export function wellKnown(value: object): Known | null {
  const found = findWellKnown(value, mainModule()?.path ?? null)
  return found === null ? null : known(found.module, found.exportName)
}

/** Null: the name is a global's, of which the other process has its own, or its declaration has not run yet. */
export function contentOf(free: FreeName, { file, script }: CodeSite, scopes: readonly Scope[]): Content | null {
  const imported = free.binding === 'import' ? script.analysis?.imports.get(free.name) : undefined
  if (imported !== undefined) return known(importKey(imported.specifier, file, imported.attributes), imported.importedName)
  const found = lookUp(free.name, scopes) ?? lookUpGlobal(free, script)
  if (found === null) return null
  const content = contentOfValue(found.value, free.name, file)
  return content.kind === 'value' && free.isShared ? { kind: 'cell', cell: cellOf(script, free.name, content.value) } : content
}

/** Whether the content is the same at any later time. A constant that is not there, or undefined, may be one whose declaration has not run yet. */
export function staysSo({ binding }: FreeName, content: Content | null): boolean {
  if (binding === 'import') return content?.kind === 'known'
  if (binding === 'unresolved') return content === null || content.kind === 'require' || content.kind === 'meta'
  return binding === 'constant' && content !== null && (content.kind !== 'value' || content.value !== undefined)
}

/** `extends null` is a class that inherits from nothing. */
export function superclassOf(cls: AnyFunction): Content {
  const superclass: unknown = Object.getPrototypeOf(cls)
  return { kind: 'value', value: superclass === Function.prototype ? null : superclass }
}

export function lookUp(name: string, scopes: readonly Scope[]): { value: unknown } | null {
  for (const { variables } of scopes) {
    if (!Object.hasOwn(variables, name)) continue
    return read(variables, name)
  }
  return null
}

/** Null for what cannot be read, as a variable that is not initialized: in the other process it does not exist, and using it throws there as it would here. */
export function read(variables: Readonly<Record<string, unknown>>, name: string): { value: unknown } | null {
  try {
    return { value: variables[name] }
  } catch {
    return null
  }
}

/** What Node declares around a CommonJS file, and gives to `node -e` as globals. */
const NAMES_OF_A_FILE = new Set(['require', 'module', 'exports', '__filename', '__dirname'])

/** A script that is neither a module nor a CommonJS file, as that of `node -e`, has its `var` and its functions in the global object. */
function lookUpGlobal({ name, binding }: FreeName, script: Script): { value: unknown } | null {
  const isItsOwn = binding === 'unresolved' ? NAMES_OF_A_FILE.has(name) : binding !== 'import' && !script.isModule
  const property = isItsOwn ? Object.getOwnPropertyDescriptor(globalThis, name) : undefined
  return property !== undefined && 'value' in property ? { value: property.value } : null
}

function contentOfValue(value: unknown, name: string, file: string): Content {
  if (isRequire(value)) return { kind: 'require', file: fileOfRequire(value as NodeJS.Require, file) }
  if (typeof value !== 'object' || value === null) return { kind: 'value', value }
  const key = keyOfNamespace(value)
  if (key !== null) return known(key, null)
  const metaFile = fileOfMeta(value)
  if (metaFile !== null) return { kind: 'meta', file: metaFile }
  // A namespace does not say which module it is of. One that was not loaded here by its name is sent as an object like it.
  if (types.isModuleNamespaceObject(value)) return ofBuiltin(value) ?? { kind: 'value', value: Object.assign(Object.create(null), value) }
  if (name === 'module' && value instanceof process.getBuiltinModule('node:module')) return { kind: 'value', value: plainModule(value) }
  return wellKnown(value) ?? wrappedModule(value) ?? { kind: 'value', value }
}

/** What the program got by `await import('node:fs')`: its default is the module itself. */
function ofBuiltin(namespace: object): Content | null {
  const { default: whole } = namespace as { default?: unknown }
  if (typeof whole !== 'object' && typeof whole !== 'function') return null
  const loaded = builtinModules.filter(name => isLoadedInNode(name))
  const name = loaded.find(each => process.getBuiltinModule(each) === whole)
  return name === undefined ? null : known(importKey(`node:${name}`, null), null)
}

/** `createRequire` makes one for another file than the one that uses it. Which folder it is relative to is all that counts. */
function fileOfRequire({ resolve }: NodeJS.Require, file: string): string {
  const [folder = ''] = resolve.paths('./') ?? []
  const here = file.startsWith('file:') ? fileURLToPath(file) : file
  return isAbsolute(folder) && folder !== dirname(here) ? join(folder, 'require') : file
}

/** What code of a CommonJS module may use of its `module`. */
function plainModule({ exports, filename, id, path }: NodeModule): object {
  return { exports, filename, id, path }
}

/**
 * What compilers make of `import` when they translate it to `require`: an object that has the module's exports as its `default`, and
 * perhaps one by one (`__importDefault` and `__importStar` of TypeScript, `__toESM` of esbuild). Null: it is something else.
 */
function wrappedModule(value: object): Known | null {
  if (types.isProxy(value)) return null
  const exported: unknown = Object.getOwnPropertyDescriptor(value, 'default')?.value
  if ((typeof exported !== 'object' && typeof exported !== 'function') || exported === null) return null
  const found = wellKnown(exported)
  if (found?.exportName !== 'default' || found.module === null) return null
  const isWrapper = Object.keys(value).every(name => name === 'default' || name === '__esModule' || isCopy(value, exported, name))
  return isWrapper ? known(found.module, null) : null
}

/** What is behind a getter is not asked for: some of Node's warn. */
function isCopy(copy: object, exported: object, name: string): boolean {
  const [mine, original] = [Object.getOwnPropertyDescriptor(copy, name), Object.getOwnPropertyDescriptor(exported, name)]
  return original !== undefined && (mine?.get !== undefined || original.get !== undefined || mine?.value === original.value)
}
