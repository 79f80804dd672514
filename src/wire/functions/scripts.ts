// The scripts that functions were made by: their URL, their source as V8 has it (which need not be what the file says: loaders
// translate, coverage tools instrument, files are edited), and what the source says about names.
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { RecentMap } from '../../base/recent-map.ts'
import type { AnyFunction } from '../function-reference.ts'
import { takeCompiled } from './compile.ts'
import { connect, type FunctionFacts, inspectFunction, post } from './inspector.ts'
import { requiredFiles } from '../modules/well-known.ts'
import { analyseScript, type ScriptAnalysis } from '../syntax/script-analysis.ts'

export interface Script {
  readonly id: string
  /** Empty for code that has none. */
  readonly url: string
  /** Null where it cannot be had. */
  readonly source: string | null
  readonly isModule: boolean
  /** Null: its source is unknown or newer than the parser. */
  readonly analysis: ScriptAnalysis | null
  /** Where the text of one of its functions begins; -1: it cannot be told. */
  find(fn: AnyFunction, facts: FunctionFacts, text: string): number
  /** The line and the column of a place in the source, as stacks have them, but counted from 0. */
  lineAndColumn(position: number): { line: number; column: number }
  /** The source map that Node uses for the stacks of this script, as JSON without the sources' text; null: none. */
  readonly sourceMap: string | null
}

/** Programs make scripts without end: each `new Function` is one. */
const KEPT_SCRIPTS = 500
const KEPT_URLS = 20_000
const scripts = new RecentMap<string, Script>(KEPT_SCRIPTS)

/** The script that made `fn`. */
export function scriptOf(fn: AnyFunction, facts: FunctionFacts): Script | null {
  if (facts.location === null) return null
  const known = scripts.get(facts.location.scriptId)
  if (known !== undefined) return known
  const script = new LoadedScript(fn, facts, facts.location.scriptId)
  scripts.set(script.id, script)
  return script
}

class LoadedScript implements Script {
  readonly id: string
  readonly url: string
  readonly source: string | null
  readonly #hasModuleScope: boolean
  readonly #lines: readonly number[]
  /** A script can be made to believe that it begins somewhere down its file. */
  readonly #firstLine: number
  #analysis: ScriptAnalysis | null | undefined
  #sourceMap: string | null | undefined

  constructor(fn: AnyFunction, facts: FunctionFacts, id: string) {
    this.id = id
    const seen = askV8(fn)
    this.url = urlOfScript(id, facts, seen?.source ?? '')
    this.source = seen?.source ?? readFile(this.url)
    this.#hasModuleScope = facts.scopes.some(({ kind }) => kind === 'Module')
    this.#lines = lineStarts(this.source ?? '')
    this.#firstLine = seen === null ? 0 : (facts.location?.line ?? 0) - this.#lineAt(seen.position)
  }

  find(fn: AnyFunction, facts: FunctionFacts, text: string): number {
    if (this.source === null || facts.location === null) return -1
    const { line, column } = facts.location
    const found = this.#firstLine === 0 ? this.#textAt(text, (this.#lines[line] ?? Number.NaN) + column) : -1
    return found === -1 ? this.#textAt(text, askV8(fn)?.position ?? Number.NaN) : found
  }

  /** The text begins at or before the position that V8 gives for a function, and ends after it. */
  #textAt(text: string, position: number): number {
    const start = Number.isNaN(position) ? -1 : (this.source as string).lastIndexOf(text, position)
    return start !== -1 && start + text.length > position ? start : -1
  }

  lineAndColumn(position: number): { line: number; column: number } {
    const line = this.#lineAt(position)
    return { line: line + this.#firstLine, column: position - (this.#lines[line] as number) }
  }

  /** The last line that begins at or before the position, by halving. */
  #lineAt(position: number): number {
    let low = 0
    let high = this.#lines.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lines[middle] as number) <= position) low = middle
      else high = middle - 1
    }
    return low
  }

  get isModule(): boolean {
    return this.#hasModuleScope || this.analysis?.isModule === true
  }

  get analysis(): ScriptAnalysis | null {
    if (this.#analysis === undefined) this.#analysis = this.source === null ? null : this.#analyse(this.source)
    return this.#analysis
  }

  /** A module none of whose variables is used by a function has no scope; then its syntax tells, if it is a module's alone. */
  #analyse(source: string): ScriptAnalysis | null {
    const isSurely = this.#hasModuleScope || this.url.endsWith('.mjs')
    return (isSurely ? null : analyseScript(source, false)) ?? analyseScript(source, true)
  }

  get sourceMap(): string | null {
    if (this.#sourceMap === undefined) this.#sourceMap = sourceMapOf(this.url)
    return this.#sourceMap
  }
}

const NATIVES = '--allow-natives-syntax'

/**
 * V8's own copy of the source, and where in it the function is. Only functions of V8's test interface give them without the
 * Debugger domain; their syntax is allowed for just this call, because V8 may throw compiled code away and read it again later.
 */
function askV8(fn: AnyFunction): { source: string; position: number } | null {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  const { Script } = process.getBuiltinModule('node:vm')
  const isUsers = process.execArgv.includes(NATIVES)
  try {
    if (!isUsers) setFlagsFromString(NATIVES)
    const ask = new Script('fn => [%FunctionGetScriptSource(fn), %FunctionGetScriptSourcePosition(fn)]').runInThisContext()
    const [source, position] = ask(fn) as [unknown, unknown]
    return typeof source === 'string' && typeof position === 'number' ? { source, position } : null
  } catch {
    return null // A V8 without them: the file is the next best.
  } finally {
    if (!isUsers) setFlagsFromString(NATIVES.replace('--', '--no-'))
  }
}

function lineStarts(source: string): number[] {
  const starts = [0]
  // V8 ends lines where the language does.
  for (const { index, 0: end } of source.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length)
  return starts
}

function readFile(url: string): string | null {
  try {
    return readFileSync(fileURLToPath(url), 'utf8')
  } catch {
    return null
  }
}

const urls = new RecentMap<string, string>(KEPT_URLS)

/** What V8 makes of the arguments of `Function` and its like. */
const MADE_OF_TEXT = /^\((async )?function\*? anonymous\(/
/** Stands for the scripts that Node is made of, which V8 does not list. Hardly one of them does without these. */
const INSIDE_NODE = 'node:internal'
const MARKS_OF_NODE = /\b(primordials|internalBinding)\b/

/**
 * Where the script comes from, asked as cheaply as can be: V8 takes 3 ms to list the scripts of a small program and 50 of a large one,
 * and leaves out those none of whose functions has run.
 */
function urlOfScript(scriptId: string, { scopes }: FunctionFacts, source: string): string {
  const mayBeNode = !scopes.some(({ kind }) => kind === 'Module')
  const ways = [
    () => MADE_OF_TEXT.test(source) && urls.set(scriptId, ''),
    learnFromCompiled,
    learnFromCoverage,
    () => mayBeNode && learnFromRequired(scriptId, source),
    () => mayBeNode && MARKS_OF_NODE.test(source) && urls.set(scriptId, INSIDE_NODE),
    learnFromDebugger,
  ]
  for (const learn of ways) {
    if (urls.has(scriptId)) break
    learn()
  }
  return urls.get(scriptId) ?? ''
}

/** The CommonJS file with exactly this source, if it has been loaded. */
function learnFromRequired(scriptId: string, source: string): void {
  const size = Buffer.byteLength(source)
  for (const path of requiredFiles()) {
    if (statSync(path, { throwIfNoEntry: false })?.size !== size || readFileSync(path, 'utf8') !== source) continue
    urls.set(scriptId, pathToFileURL(path).href)
    return
  }
}

/** Functions that arrived here, and those that they made. */
function learnFromCompiled(): void {
  for (const { factory, file } of takeCompiled()) {
    const { location } = inspectFunction(factory)
    if (location !== null) urls.set(location.scriptId, file)
  }
}

function learnFromCoverage(): void {
  const { result } = post<{ result: { scriptId: string; url: string }[] }>('Profiler.getBestEffortCoverage', {})
  for (const script of result) urls.set(script.scriptId, script.url)
}

/**
 * The Debugger domain names every script, but once it was on, promises stay about a fifth slower: only for what is left, such as a
 * module with a top-level await none of whose functions has run, and once for all that are loaded by then.
 */
function learnFromDebugger(): void {
  const debuggerSession = connect()
  debuggerSession.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  debuggerSession.post('Debugger.enable')
  debuggerSession.disconnect()
}

function sourceMapOf(url: string): string | null {
  const { findSourceMap } = process.getBuiltinModule('node:module')
  const map = url === '' ? undefined : findSourceMap(url)
  if (map === undefined) return null
  const { version, sources, names, mappings, sourceRoot, file } = map.payload
  return JSON.stringify({ version, file, sourceRoot, sources, names, mappings })
}
