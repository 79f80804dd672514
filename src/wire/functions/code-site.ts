// A code site: one place in the program's text where functions are made, however many closures come from it. What its text says
// is found out once.
import { pathToFileURL } from 'node:url'
import type { AnyFunction } from '../function-reference.ts'
import type { FunctionFacts } from './inspector.ts'
import { analyseText, type FunctionAnalysis } from '../syntax/script-analysis.ts'
import { type Script, scriptOf } from './scripts.ts'

export interface CodeSite {
  /** As it is compiled elsewhere: `import.meta` is replaced by `metaName`, which is as long, and what a class extends by `superName`. */
  readonly text: string
  readonly analysis: FunctionAnalysis
  readonly script: Script
  /** The file that the code belongs to: a path or URL, also for code that is in none. */
  readonly file: string
  /** Of its first character, counted from 0. */
  readonly line: number
  readonly column: number
  /** Its distance from the start of the script. */
  readonly start: number
  /** Empty: it does not use `import.meta`. */
  readonly metaName: string
  /** Empty: it is no class that extends another. */
  readonly superName: string
}

const sitesOfScripts = new WeakMap<Script, Map<string, CodeSite>>()

/** The place where `fn` was made; null: it is native, or its text cannot be read by the parser. */
export function codeSiteOf(fn: AnyFunction, facts: FunctionFacts): CodeSite | null {
  const script = scriptOf(fn, facts)
  if (script === null) return null
  const text = Function.prototype.toString.call(fn)
  const start = script.find(fn, facts, text)
  let sites = sitesOfScripts.get(script)
  if (sites === undefined) {
    sites = new Map()
    sitesOfScripts.set(script, sites)
  }
  const key = start === -1 ? text : `${start}:${text.length}`
  const known = sites.get(key)
  if (known !== undefined) return known
  const site = readSite(script, text, start, facts)
  if (site !== null) sites.set(key, site)
  return site
}

function readSite(script: Script, written: string, start: number, facts: FunctionFacts): CodeSite | null {
  const found = (start === -1 ? null : script.analysis?.functionAt(start, start + written.length)) ?? analyseText(written)
  if (found === null) return null
  const { text, superName, analysis } = replaceSuperclass(written, found)
  const metaName = analysis.importMeta.length === 0 ? '' : unusedName(text)
  const place = start === -1 ? facts.location : script.lineAndColumn(start)
  return {
    text: metaName === '' ? text : replaceImportMeta(text, analysis.importMeta, metaName),
    analysis,
    script,
    file: fileOf(script.url),
    line: place?.line ?? 0,
    column: place?.column ?? 0,
    start: Math.max(0, start),
    metaName,
    superName,
  }
}

interface WithoutSuperclass {
  readonly text: string
  readonly superName: string
  readonly analysis: FunctionAnalysis
}

/**
 * What a class extends is known from the class, whereas the variable that it was written with may be gone: V8 keeps only those that
 * functions use. What is left of the text is read again, for the names in it.
 */
function replaceSuperclass(text: string, analysis: FunctionAnalysis): WithoutSuperclass {
  const { superclass } = analysis
  if (superclass === null || isImport(text.slice(superclass.start, superclass.end), analysis)) return { text, superName: '', analysis }
  let superName = '$'
  while (text.includes(superName)) superName += '$'
  // What follows stays in its line and, if there is room for the name, in its column.
  const blank = text.slice(superclass.start, superclass.end).replace(/[^\n\r\u2028\u2029]/g, ' ')
  const hasRoom = blank.startsWith(' '.repeat(superName.length))
  const replaced = text.slice(0, superclass.start) + superName + blank.slice(hasRoom ? superName.length : 0) + text.slice(superclass.end)
  const rest = analyseText(replaced)
  if (rest === null) return { text, superName: '', analysis }
  const known = new Map(analysis.free.map(free => [free.name, free]))
  const free = rest.free.filter(({ name }) => name !== superName).map(one => ({ ...one, ...known.get(one.name), eager: one.eager }))
  return { text: replaced, superName, analysis: { ...rest, isDeclaration: analysis.isDeclaration, free } }
}

/** The receiver imports it too, and has then the very class that its other modules have. */
function isImport(written: string, { free }: FunctionAnalysis): boolean {
  return free.some(({ name, binding }) => name === written && binding === 'import')
}

/** As long as `import.meta`, so that what follows stays in its column. */
function unusedName(text: string): string {
  for (let number = 0; ; number += 1) {
    const name = `$meta$${String(number).padStart(5, '0')}`
    if (!text.includes(name)) return name
  }
}

function replaceImportMeta(text: string, places: readonly number[], name: string): string {
  let replaced = ''
  let end = 0
  for (const place of places) {
    const [written = ''] = /^import(\s|\/\*.*?\*\/)*\.(\s|\/\*.*?\*\/)*meta/s.exec(text.slice(place)) ?? []
    replaced += text.slice(end, place) + name
    end = place + written.length
  }
  return replaced + text.slice(end)
}

/** What `import()` in code without a file is relative to: the working directory, as for `node -e`. */
function fileOf(url: string): string {
  return url.includes(':') || url.startsWith('/') ? url : pathToFileURL(`${process.cwd()}/${url || '[eval]'}`).href
}
