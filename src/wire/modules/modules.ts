// Modules that a message refers to. The sender names one by a key; the receiver loads it, once, before it decodes.
//
//   a key is JSON    loaded by
//   ["import", specifier, importer, attributes]    import(specifier), as if written in the module `importer`: its loaders and conditions apply
//   ["require", path]                              require(path): the module of a CommonJS file
//   ["builtin", name]                              no loading: Node has it
import { isBuiltin } from 'node:module'
import { importModule } from '../../base/compiled-code.ts'
import { MultiprocessingError } from '../../base/errors.ts'

type ImportAttributes = Readonly<Record<string, string>>
type ParsedKey =
  | readonly ['import', specifier: string, importer: string | null, attributes: ImportAttributes]
  | readonly ['require', path: string]
  | readonly ['builtin', name: string]

/** The key of what `import` of the specifier gives in the module `importer`; null: the specifier is a URL or a package's name. */
export function importKey(specifier: string, importer: string | null, attributes: ImportAttributes = {}): string {
  if (isBuiltin(specifier)) return builtinKey(specifier)
  return JSON.stringify(['import', specifier, importer, attributes] satisfies ParsedKey)
}

export function requireKey(path: string): string {
  return JSON.stringify(['require', path] satisfies ParsedKey)
}

export function builtinKey(name: string): string {
  return JSON.stringify(['builtin', name] satisfies ParsedKey)
}

const loaded = new Map<string, object>()
const keys = new WeakMap<object, string>()
const loading = new Map<string, Promise<void>>()

/** The key under which a namespace was loaded here; null: the program imported it by itself. */
export function keyOfNamespace(namespace: object): string | null {
  return keys.get(namespace) ?? null
}

function remember(key: string, namespace: object): object {
  loaded.set(key, namespace)
  keys.set(namespace, key)
  return namespace
}

/** The module as messages name it: its URL, path or name. */
export function nameOfModule(namespace: object): string {
  const key = keyOfNamespace(namespace)
  return key === null ? 'a module' : parseKey(key)[1]
}

/** What is exported by the module with this key; undefined: it has to be imported first. @throws what the module throws */
export function loadedModule(key: string): object | undefined {
  const known = loaded.get(key)
  if (known !== undefined) return known
  const parsed = parseKey(key)
  if (parsed[0] === 'import') return undefined
  return remember(key, parsed[0] === 'builtin' ? builtinNamespace(parsed[1]) : requiredNamespace(parsed[1]))
}

/** Imports the modules that are not loaded yet. @throws what a module throws when it is loaded */
export async function loadModules(keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map(load))
}

async function load(key: string): Promise<void> {
  if (loadedModule(key) !== undefined) return
  const under = loading.get(key) ?? startLoading(key)
  loading.set(key, under)
  try {
    await under
  } finally {
    loading.delete(key) // What failed may succeed the next time.
  }
}

async function startLoading(key: string): Promise<void> {
  const [kind, specifier, importer, attributes] = parseKey(key)
  if (kind !== 'import') return
  const options = Object.keys(attributes).length === 0 ? undefined : { with: attributes }
  const namespace: object = importer === null ? await importModule(specifier) : await importFrom(importer)(specifier, options)
  remember(key, namespace)
}

function parseKey(key: string): ParsedKey {
  return JSON.parse(key) as ParsedKey
}

/** What `import *` of a builtin module sees, without the ES module loader, which takes Node 5 ms to start. */
function builtinNamespace(name: string): object {
  const exported = process.getBuiltinModule(name)
  if (exported === undefined) throw new MultiprocessingError(`This Node has no builtin module ${name}`)
  return Object.assign(Object.create(null), exported, { default: exported })
}

function requiredNamespace(path: string): object {
  const { createRequire } = process.getBuiltinModule('node:module')
  return Object.assign(Object.create(null), { default: createRequire(path)(path) })
}

/** The export of this name; null: the namespace itself. Exports of a CommonJS module may be known only as properties of its default export. */
export function readExport(namespace: object, exportName: string | null): unknown {
  if (exportName === null) return namespace
  const exports = namespace as Record<string, unknown>
  if (Object.hasOwn(exports, exportName)) return exports[exportName]
  const whole = exports.default
  if ((typeof whole !== 'object' && typeof whole !== 'function') || whole === null) return undefined
  return Object.hasOwn(whole, exportName) ? (whole as Record<string, unknown>)[exportName] : undefined
}

export type Import = (specifier: string, options?: { with: ImportAttributes }) => Promise<object>

/** `import()` as code in the file `importer` has it: a path or a `file:` URL. */
function importFrom(importer: string): Import {
  return compileInFile('(specifier, options) => import(specifier, options)', { filename: importer }) as Import
}

export interface Place {
  /** A path or URL: stacks name it, `import()` is relative to it. */
  readonly filename: string
  readonly lineOffset?: number
  readonly columnOffset?: number
}

/** Runs a script that may contain `import()`, as if it were in the file. */
export function compileInFile(code: string, place: Place): unknown {
  const { constants, Script } = process.getBuiltinModule('node:vm')
  silenceWarning()
  const loader = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  return new Script(code, { ...place, importModuleDynamically: loader }).runInThisContext()
}

let silenced = false

/**
 * Node calls the default loader for scripts experimental, and warns at the first `import()` of one, once in a process. It is used
 * here on purpose and does the same in all supported versions, and the warning would be about code that its reader never saw.
 */
function silenceWarning(): void {
  if (silenced) return
  silenced = true
  const { constants, Script } = process.getBuiltinModule('node:vm')
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    const options = { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }
    const imported: Promise<unknown> = new Script("import('node:module')", options).runInThisContext()
    imported.catch(() => {})
  } finally {
    process.emitWarning = emitWarning
  }
}
