// Rewrites compiled modules so that a scheduler can stop them before every access to shared memory: what reaches an access, by
// whatever calls, becomes a generator; the access itself becomes a `yield` of what is to be done, and a call of such a function
// a `yield*`. Functions are told apart by name only, so the rewriting is strict: what it cannot follow by name it refuses.
//
//   function f() { return load(words, 1) }     →   function* f() { return (yield ["load", "file.js:1", words, 1]) }
//   get limit() { return f() }   … table.limit →   *limit() { return (yield* f()) }   … (yield* table.limit())
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'
import { Effects, type Module } from './effects.ts'
import { Renderer } from './renderer.ts'

/** Replaces text that occurs exactly once: another geometry, or a bug planted on purpose. */
export interface Patch {
  readonly module: string
  readonly from: string
  readonly to: string
}

export interface TransformOptions {
  /** The folder of compiled modules. */
  readonly from: string
  /** Where what they import, and is not rewritten, is imported from; `from`, if nothing is said. */
  readonly beside?: string
  readonly to: string
  /** File names in `from`. What they import from elsewhere is imported as it is. */
  readonly modules: readonly string[]
  /** Functions whose calls are the accesses; they keep their bodies, which the scheduler runs. */
  readonly primitives: readonly string[]
  /** Functions and methods after whose return nothing but the result is left of what they saw: see `forgetful`. */
  readonly forgetful?: readonly string[]
  readonly patches?: readonly Patch[]
}

export function transform(options: TransformOptions): void {
  const modules = options.modules.map(name => parseModule(name, patched(name, options)))
  const effects = new Effects(modules, options.primitives, options.forgetful ?? [])
  mkdirSync(options.to, { recursive: true })
  for (const module of modules) {
    const folder = join(options.to, dirname(module.name))
    mkdirSync(folder, { recursive: true })
    const operations = JSON.stringify(relative(folder, fileURLToPath(new URL('operations.js', import.meta.url))))
    const header = `import { forgetful } from ${operations};\n`
    const text = header + new Renderer(module, effects, specifier => resolve(specifier, module.name, options)).render()
    // Several test programs may write the same file at once, and others read it.
    const draft = join(options.to, `${module.name}.${process.pid}`)
    writeFileSync(draft, text)
    renameSync(draft, join(options.to, module.name))
  }
}

function patched(name: string, options: TransformOptions): string {
  let text = readFileSync(join(options.from, name), 'utf8')
  for (const patch of options.patches ?? []) {
    if (patch.module !== name) continue
    const parts = text.split(patch.from)
    if (parts.length !== 2) throw new Error(`Expected ${JSON.stringify(patch.from)} once in ${name}, found it ${parts.length - 1} times`)
    text = parts.join(patch.to)
  }
  return text
}

function parseModule(name: string, text: string): Module {
  return { name, text, program: parse(text, { ecmaVersion: 2023, sourceType: 'module', locations: true }) }
}

function resolve(specifier: string, importer: string, options: TransformOptions): string {
  if (!specifier.startsWith('.')) return specifier
  const target = normalize(join(dirname(importer), specifier))
  if (options.modules.includes(target)) return specifier
  return relative(join(options.to, dirname(importer)), join(options.beside ?? options.from, target))
}
