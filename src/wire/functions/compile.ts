// The text of a function to the function. It is compiled inside a small function whose variables are the captured ones:
//
//   (function () { 'use strict'; var factor, table; return [() => (x => x * factor + table[x]), values => { [factor, table] = values }] })
//
// Variables that several functions share are not the small function's own, but properties of an object around it (`with`), each of which
// stands for the cell that all of them have.
//
// First its variables exist, then the function, then their values: functions that know each other can be made one after the other.
// What is in front of the text is not counted, so that stacks point at the line and column where the user wrote it.
import { RecentMap } from '../../base/recent-map.ts'
import type { AnyFunction } from '../function-reference.ts'
import { compileInFile } from '../modules/modules.ts'
import type { Cell } from './variables.ts'
import { FORM_EXPRESSION, FORM_GETTER, FORM_SETTER } from './records.ts'

export interface CodeText {
  readonly form: number
  readonly text: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly start: number
  readonly metaName: string
  /** Of the function; empty: none. */
  readonly name: string
  readonly sourceMap: string | null
  readonly isStrict: boolean
  readonly isStatement: boolean
  readonly imports: boolean
}

export interface Closure {
  /** Values for the first so many names. */
  set(values: readonly unknown[]): void
  /** The cells of the shared variables, in the order of their names. */
  share(cells: readonly Cell[]): void
  make(): AnyFunction
}

/** The names of captured variables. */
export interface Names {
  readonly names: readonly string[]
  readonly shared: readonly string[]
}

type Made = [make: () => unknown, set: (values: readonly unknown[]) => void]
type Factory = (shared: object, outerArguments: readonly unknown[]) => Made

/** Compiled code sites, by all that was compiled. */
const KEPT_FACTORIES = 500
const factories = new RecentMap<string, Factory>(KEPT_FACTORIES)

const compiled: { factory: AnyFunction; file: string }[] = []

/** What was compiled since this was asked for the last time: so nobody has to ask V8 for the names of all scripts, which takes it 20 ms. */
export function takeCompiled(): readonly { factory: AnyFunction; file: string }[] {
  return compiled.splice(0)
}

/** By file, the first and last lines of what was compiled. */
const ranges = new Map<string, Set<string>>()

/** Whether the line, from 1 on, is of code that was sent here, and not of the file as it was imported. */
export function wasCompiledHere(file: string, line: number): boolean {
  for (const range of ranges.get(file) ?? []) {
    const [first, last] = range.split('-') as [string, string]
    if (Number(first) <= line && line <= Number(last)) return true
  }
  return false
}

function noteRange({ file, line, text }: CodeText): void {
  let ofFile = ranges.get(file)
  if (ofFile === undefined) {
    ofFile = new Set()
    ranges.set(file, ofFile)
  }
  ofFile.add(`${line + 1}-${line + text.split('\n').length}`)
}

/** A new closure of the code. `outerArguments`: what `arguments` is in an arrow function that uses those around it. */
export function makeClosure(code: CodeText, names: Names, outerArguments: readonly unknown[]): Closure {
  const key = JSON.stringify([code.file, code.line, code.column, code.form, code.isStrict, code.isStatement, names, code.text])
  let factory = factories.get(key)
  if (factory === undefined) {
    factory = compile(code, names)
    noteRange(code)
    if (compiled.length < KEPT_FACTORIES) compiled.push({ factory, file: code.file })
    factories.set(key, factory)
  }
  const shared = sharedVariables(names.shared)
  const [make, set] = factory(shared.variables, outerArguments)
  return { set, share: shared.share, make: () => named(takeMember(make(), code.form), code.name) }
}

function compile(code: CodeText, names: Names): Factory {
  if (code.sourceMap !== null) useSourceMap(code.file, code.sourceMap)
  const { prefix, suffix } = frame(code, names)
  const { before, lineOffset, columnOffset } = placeOf(code, prefix)
  const source = before + code.text + suffix
  const place = { filename: code.file, lineOffset, columnOffset }
  if (code.imports) return compileInFile(source, place) as Factory
  const { Script } = process.getBuiltinModule('node:vm')
  return new Script(source, place).runInThisContext() as Factory
}

function frame(code: CodeText, { names, shared }: Names): { prefix: string; suffix: string } {
  const own = code.isStatement ? (declaredName(code.text) ?? '') : ''
  const declared = names.filter(name => name !== own)
  const taken = [...names, ...shared, own]
  const [values, made, around, given] = ['values', 'made', 'shared', 'arguments'].map(wish => unusedName(wish, taken)) as [
    string,
    string,
    string,
    string,
  ]
  // The text may be strict, but `with` may not stand in strict code: so a function between the two is.
  const scope = shared.length === 0 ? '' : `with(${around})`
  const strict = code.isStrict ? "'use strict';" : ''
  const variables = declared.length === 0 ? '' : `var ${declared.join()};`
  const before = `(function(${around},${given}){${scope}return(function(){${strict}${variables}`
  const after = `,${values}=>{[${names.join()}]=${values}}]}).apply(void 0,${given})})`
  if (code.isStatement) return { prefix: before, suffix: `;const ${made}=${own};return[()=>${made}${after}` }
  const [open, close] = code.form === FORM_EXPRESSION ? ['(', ')'] : ['({', '})']
  return { prefix: `${before}return[()=>${open}`, suffix: `${close}${after}` }
}

/** An object with a property for each shared variable, and what connects them with their cells. */
function sharedVariables(names: readonly string[]): { variables: object; share: Closure['share'] } {
  let cells: readonly Cell[] = []
  const variables = Object.create(null) as object
  names.forEach((name, index) => {
    Object.defineProperty(variables, name, {
      get: () => cells[index]?.value,
      set: value => {
        ;(cells[index] as Cell).value = value
      },
    })
  })
  return {
    variables,
    share: given => {
      cells = given
    },
  }
}

/** Up to here the text stands in a line of its own, behind spaces: so it looks in a message as it does in its file. */
const MOST_SPACES = 400

/** What comes before the text, and where that begins, so that the text is where it is in its file. */
function placeOf({ line, column, start }: CodeText, prefix: string): { before: string; lineOffset: number; columnOffset: number } {
  const indented = column <= MOST_SPACES ? `${prefix}\n${' '.repeat(column)}` : prefix
  const padding = ' '.repeat(countsByOffset() ? Math.max(0, start - indented.length) : 0)
  if (column <= MOST_SPACES) return { before: padding + indented, lineOffset: line - 1, columnOffset: 0 }
  return { before: padding + prefix, lineOffset: line, columnOffset: column - prefix.length - padding.length }
}

/** The name that the text of a function declaration declares. */
export function declaredName(text: string): string | undefined {
  return /^(?:async\b)?\s*function\s*\*?\s*([^\s(/]+)/.exec(text)?.[1]
}

function unusedName(wish: string, taken: readonly string[]): string {
  let name = `$${wish}`
  while (taken.includes(name)) name += '$'
  return name
}

function takeMember(made: unknown, form: number): AnyFunction {
  if (form === FORM_EXPRESSION) return made as AnyFunction
  const [member] = Object.values(Object.getOwnPropertyDescriptors(made as object))
  if (form === FORM_GETTER) return member?.get as AnyFunction
  return (form === FORM_SETTER ? member?.set : member?.value) as AnyFunction
}

/** A function has its name from the variable or property that it was first assigned to, which its text does not say. */
function named(fn: AnyFunction, name: string): AnyFunction {
  const own = Object.getOwnPropertyDescriptor(fn, 'name')
  const isOther = own === undefined ? name !== '' : typeof own.value === 'string' && own.value !== name
  if (isOther) Object.defineProperty(fn, 'name', { value: name, configurable: true })
  return fn
}

/** In a coverage run the text has to be as far from the start as in its file: coverage counts characters, not lines. */
function countsByOffset(): boolean {
  return (process.env.NODE_V8_COVERAGE ?? '') !== ''
}

const mapped = new Set<string>()

/**
 * Tells Node the source map of a file that this process has not loaded: it notes the map of whatever code has one, under the name
 * that the code says it has.
 */
function useSourceMap(file: string, sourceMap: string): void {
  if (mapped.has(file)) return
  mapped.add(file)
  const url = `data:application/json;base64,${Buffer.from(sourceMap).toString('base64')}`
  const { Script } = process.getBuiltinModule('node:vm')
  new Script('text => (0, eval)(text)').runInThisContext()(`//# sourceURL=${file}\n//# sourceMappingURL=${url}`)
}
