// A function as it can be sent: by the name under which another process finds it, or as code with the variables it uses.
//
//   known        a function of the language or of Node, and an export of a module that another process can import
//   bound        what bind() made of another function
//   code         everything else: text, and each free name as a variable with its value, or as what it imports
//
// A description whose variables can never change is kept with its function, and V8 is not asked again. The values themselves are
// read when the description is written, so an object is sent as it is then.
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { type AnyFunction, addressOfReference } from '../function-reference.ts'
import { type CodeSite, codeSiteOf } from './code-site.ts'
import { declaredName } from './compile.ts'
import { type BoundFunction, type FunctionFacts, inspectFunction } from './inspector.ts'
import { isMainModule } from '../modules/main-module.ts'
import { importKey, requireKey } from '../modules/modules.ts'
import type { FreeName } from '../syntax/script-analysis.ts'
import { type Script, scriptOf } from './scripts.ts'
import { exportsOfFile, nameOfIntrinsic } from '../modules/well-known.ts'
import { type Content, contentOf, type Known, known, lookUp, read, staysSo, superclassOf, wellKnown } from './variables.ts'

export interface Variable {
  readonly name: string
  /** Needed before the class exists: its text is evaluated with it. */
  readonly eager: boolean
  readonly content: Content
}

export interface Code {
  readonly kind: 'code'
  readonly site: CodeSite
  readonly variables: readonly Variable[]
  /** Of the function around an arrow function that uses them. */
  readonly outerArguments: readonly unknown[] | null
}

/** Why a function cannot travel. */
export interface Refused {
  readonly kind: 'refused'
  readonly reason: string
}

export type Description = Known | ({ readonly kind: 'bound' } & BoundFunction) | Code | Refused

const fixed = new WeakMap<AnyFunction, Description>()

/** Never throws for a function that cannot travel; see Refused. @throws NotSupportedError where there is no inspector */
export function describeFunction(fn: AnyFunction): Description {
  const address = addressOfReference(fn)
  if (address !== null) return known(importKey(address.url, null), address.exportName)
  const kept = fixed.get(fn)
  if (kept !== undefined) return kept
  const named = nameOfIntrinsic(fn)
  if (named !== null) return known(null, named)
  if (types.isProxy(fn)) return refused('a Proxy cannot leave its process')
  const facts = inspectFunction(fn)
  const described = describeByFacts(fn, facts)
  if (described.isFixed) fixed.set(fn, described.description)
  return described.description
}

/** Whether the description is the same at any later time. */
export function isFixed(fn: AnyFunction): boolean {
  return fixed.has(fn) || addressOfReference(fn) !== null
}

/** Whether Node itself made the function, for its own use or the program's. */
export function isInsideNode(fn: AnyFunction): boolean {
  return isOfNode(scriptOf(fn, inspectFunction(fn)))
}

function isOfNode(script: Script | null): boolean {
  return script === null || isBuiltin(script.url) || script.url.startsWith('node:')
}

const sites = new WeakMap<AnyFunction, { readonly site: CodeSite | null }>()

/** The text of a function or class, wherever another process finds it; null: it has none. */
export function siteOf(fn: AnyFunction): CodeSite | null {
  let found = sites.get(fn)
  if (found === undefined) {
    found = { site: codeSiteOf(fn, inspectFunction(fn)) }
    sites.set(fn, found)
  }
  return found.site
}

interface Described {
  readonly description: Description
  /** It is the same at any later time. */
  readonly isFixed: boolean
}

function describeByFacts(fn: AnyFunction, facts: FunctionFacts): Described {
  if (facts.bound !== null) return always(describeBound(fn, facts.bound))
  const script = scriptOf(fn, facts)
  if (script === null || isOfNode(script)) return always(describeNative(fn, script))
  const exported = findExport(fn, facts, script)
  if (exported !== null) return always(exported)
  const site = codeSiteOf(fn, facts)
  if (site === null) return always(refused('its source cannot be read: it is written in a syntax that is newer than the parser'))
  sites.set(fn, { site })
  const reason = whyNot(site)
  if (reason !== null) return always(refused(reason))
  return describeCode(fn, site, facts)
}

function always(description: Description): Described {
  return { description, isFixed: true }
}

function refused(reason: string): Refused {
  return { kind: 'refused', reason }
}

/** Some of Node's own functions were made by `bind`. */
function describeBound(fn: AnyFunction, bound: BoundFunction): Description {
  return wellKnown(fn) ?? { kind: 'bound', ...bound }
}

function describeNative(fn: AnyFunction, script: Script | null): Description {
  const found = wellKnown(fn)
  if (found !== null) return found
  return refused(
    script === null
      ? 'a native function cannot leave its process'
      : `a function from inside Node (${script.url}) cannot leave its process: wrap it in one of your own`,
  )
}

/** The module that exports the function, if another process may import it. */
function findExport(fn: AnyFunction, facts: FunctionFacts, script: Script): Known | null {
  if (isMainModule(script.url)) return null
  if (script.isModule) return findModuleExport(fn, facts, script)
  const file = script.url.startsWith('file:') ? fileURLToPath(script.url) : script.url
  const exported = exportsOfFile(file)
  if (exported === fn) return known(requireKey(file), 'default')
  if ((typeof exported !== 'object' && typeof exported !== 'function') || exported === null) return null
  // What TypeScript and bundlers compile exports through getters.
  const name = Object.getOwnPropertyNames(exported).find(each => read(exported as Record<string, unknown>, each)?.value === fn)
  return name === undefined ? null : known(requireKey(file), name)
}

function findModuleExport(fn: AnyFunction, facts: FunctionFacts, script: Script): Known | null {
  const module = facts.scopes.find(({ kind }) => kind === 'Module')?.variables ?? {}
  const key = importKey(script.url, null)
  const written = exportWrittenAt(script, fn, facts)
  if (written !== null && read(module, written)?.value === fn) return known(key, written)
  for (const { exportName, localName, start } of script.analysis?.exports ?? []) {
    // `export default <expression>` has no variable; the expression is evaluated once, so its place says it all.
    const isIt = localName === null ? start === codeSiteOf(fn, facts)?.start : read(module, localName)?.value === fn
    if (isIt) return known(key, exportName)
  }
  return null
}

/** In front of a function, with the name of an arrow function or function expression. */
const EXPORT = /\bexport[ \t]+(?:(?:const|let|var)[ \t]+([\w$]+)[ \t]*=[ \t]*)?$/
const EXPORT_LENGTH = 200

/**
 * The name in a module's `export function name` or `export const name = …`, where that stands in one line in front of the function; null: it
 * does not, which says nothing. V8 says where a function's text begins, and what ends there can be no comment, string or the like: they
 * would have to be closed in between. So the parser, which takes 5 ms to load, is not needed for what programs export mostly.
 */
function exportWrittenAt(script: Script, fn: AnyFunction, facts: FunctionFacts): string | null {
  const text = Function.prototype.toString.call(fn)
  const start = script.find(fn, facts, text)
  if (start === -1) return null
  const found = EXPORT.exec((script.source as string).slice(Math.max(0, start - EXPORT_LENGTH), start))
  return found === null ? null : (found[1] ?? declaredName(text) ?? null)
}

function whyNot({ analysis }: CodeSite): string | null {
  if (analysis.callsEval) return 'a function that calls eval() cannot travel: which variables it uses is not known'
  if (analysis.privateKey) return 'a private method cannot travel without its class'
  if (analysis.usesSuper) return 'a function that uses `super` cannot travel without its class'
  if (analysis.outerPrivateNames.length > 0) return `a function that uses ${analysis.outerPrivateNames[0]} cannot travel without its class`
  if (analysis.form === 'class') return null
  if (analysis.usesThis)
    return 'an arrow function that uses the `this` around it cannot travel, because V8 does not show it: assign it to a variable before (`const self = this`)'
  if (analysis.usesNewTarget) return 'an arrow function that uses the `new.target` around it cannot travel: assign it to a variable before'
  return null
}

function describeCode(fn: AnyFunction, site: CodeSite, facts: FunctionFacts): Described {
  let isAlways = true
  const variables: Variable[] = []
  if (site.superName !== '') variables.push({ name: site.superName, eager: true, content: superclassOf(fn) })
  for (const free of site.analysis.free) {
    const content = contentOf(free, site, facts.scopes)
    if (content === null && free.eager && isDeclared(free)) return always(refused(whyGone(free)))
    isAlways &&= staysSo(free, content)
    if (content === null) continue // A global: the other process has its own.
    variables.push({ name: free.name, eager: free.eager, content })
  }
  let outerArguments: readonly unknown[] | null = null
  if (site.analysis.usesArguments) {
    outerArguments = [...((lookUp('arguments', facts.scopes)?.value ?? []) as Iterable<unknown>)]
    isAlways = false
  }
  return { description: { kind: 'code', site, variables, outerArguments }, isFixed: isAlways }
}

function isDeclared({ binding }: FreeName): boolean {
  return binding === 'constant' || binding === 'variable'
}

function whyGone({ name }: FreeName): string {
  return `a class that needs the variable ${name} while it is made cannot travel, because V8 keeps only variables that functions use: use it in one of its methods, or export the class from a module`
}
