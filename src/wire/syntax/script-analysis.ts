// What a script's functions need from the code around them, read off the source. A whole script is parsed and walked once; what one
// function uses is gathered when it is asked for: the uses of names are in the order of the text, so those of a function stand side
// by side, and each is followed outwards only as far as the function's own outermost scope.
import { walkScopes } from './scope-visitors.ts'
import { type FunctionRecord, type FunctionShape, type ScopeWalk, special } from './scope-walk.ts'
import type { Scope } from './scopes.ts'
import { type ExportedName, exportsOf, type ImportedName, importsOf, parseFragment, parseScript, type Range } from './syntax-tree.ts'

export type { ExportedName, ImportedName }
export type FunctionForm = FunctionShape['form']

/** What is known about a script from its source. */
export interface ScriptAnalysis {
  readonly isModule: boolean
  /** Static imports, by local name. */
  readonly imports: ReadonlyMap<string, ImportedName>
  /** What this script itself defines and exports, not what it passes on from other modules. */
  readonly exports: readonly ExportedName[]
  /** The function, class or method whose text, as its `toString` gives it, is `source.slice(start, end)`; null: there is none. */
  functionAt(start: number, end: number): FunctionAnalysis | null
}

/** A name that a function uses and does not declare. */
export interface FreeName {
  readonly name: string
  /**
   * The value is needed while a class's text is evaluated, not only when it is called: the name is used in the heritage, in a computed
   * key, a static field or a static block, or in a function there. Not so the own name of a class declaration: the text has it itself.
   */
  readonly eager: boolean
  /**
   * `import`: a static import of this script. `constant`: declared in this script and given one value only, by its declaration; that
   * value is there once the declaration has run. `variable`: may be given another value. `unresolved`: not declared in this script: a
   * global, or what the wrapper of a CommonJS module declares.
   */
  readonly binding: 'import' | 'constant' | 'variable' | 'unresolved'
  /** A variable of the script's top level that some function of it assigns to: functions may tell each other something by it. */
  readonly isShared: boolean
}

/** What a function's text is, and what it needs from around it. */
export interface FunctionAnalysis extends FunctionShape {
  /** In the order of first use. Not in it: the own name of a function or class expression, and names in a method's computed key. */
  readonly free: readonly FreeName[]
  /** It uses the `this` of the code around it: an arrow function (also by `super`), or a class in its heritage or computed keys. */
  readonly usesThis: boolean
  /** It uses the `arguments` of the function around it. */
  readonly usesArguments: boolean
  /** It uses the `new.target` of the function around it. */
  readonly usesNewTarget: boolean
  /** It uses a `super` that its text alone does not give: a method, or a function in one. */
  readonly usesSuper: boolean
  /** `#private` names, with the `#`, of a class around it. */
  readonly outerPrivateNames: readonly string[]
  /** There is a direct `eval(…)` somewhere in it. */
  readonly callsEval: boolean
  /** Where each `import.meta` in it begins, from the start of the text. */
  readonly importMeta: readonly number[]
  readonly usesDynamicImport: boolean
}

/**
 * What is known about a script from its whole source; null when the parser does not know the syntax. A script that is no module is read
 * as the body of a function, as Node runs CommonJS.
 */
export function analyseScript(source: string, isModule: boolean): ScriptAnalysis | null {
  const program = parseScript(source, isModule)
  const walk = program && walkScopes(source, program, isModule)
  if (walk === null) return null
  const imports = importsOf(program!)
  return { isModule, imports, exports: exportsOf(program!, imports), functionAt: (start, end) => functionAt(walk, start, end) }
}

// A function's text means something only where such a function may stand: as a value, as a method of an object, as a `#private` method,
// or, with `super()`, in a constructor.
const surroundings = [
  ['(', '\n)'],
  ['({', '\n})'],
  ['(class extends Object {', '\n})'],
  ['(class extends Object { constructor() { (', '\n) } })'],
] as const

/**
 * What is known about a function from its text alone, as `toString` gives it; null when the parser does not know the syntax. Everything
 * free is unresolved, and code is strict only by a directive of its own or as a class.
 */
export function analyseText(text: string): FunctionAnalysis | null {
  for (const [before, behind] of surroundings) {
    const source = before + text + behind
    const program = parseFragment(source)
    const walk = program && walkScopes(source, program, false)
    const found = walk && functionAt(walk, before.length, before.length + text.length)
    if (found) return found
  }
  return null
}

function functionAt(walk: ScopeWalk, start: number, end: number): FunctionAnalysis | null {
  const record = walk.functions.get(start)
  return record?.end === end ? analyse(walk, record) : null
}

interface Findings {
  readonly free: Map<string, { eager: boolean }>
  readonly privateNames: Set<string>
  readonly importMeta: number[]
  /** Those of `special` that it needs from around it. */
  readonly needs: Set<string>
}

function analyse(walk: ScopeWalk, record: FunctionRecord): FunctionAnalysis {
  const found: Findings = { free: new Map(), privateNames: new Set(), importMeta: [], needs: new Set() }
  gather(walk, record, found)
  const { needs } = found
  const outer = record.scope.parent
  if (found.free.has('arguments') && findOwner(outer, 'arguments')?.hasImplicitArguments()) {
    found.free.delete('arguments')
    needs.add('arguments')
  }
  return {
    ...record.shape,
    free: Array.from(found.free, ([name, { eager }]) => ({ name, eager, ...bindingOf(walk, outer, name) })),
    usesThis: needs.has(special.this),
    usesArguments: needs.has('arguments'),
    usesNewTarget: needs.has(special.newTarget),
    usesSuper: needs.has(special.super),
    outerPrivateNames: Array.from(found.privateNames),
    callsEval: needs.has(special.eval),
    importMeta: found.importMeta,
    usesDynamicImport: needs.has(special.import),
  }
}

function gather(walk: ScopeWalk, record: FunctionRecord, found: Findings): void {
  const { starts, names, scopes } = walk
  const eager = new EagerParts(record)
  for (let index = firstFrom(starts, record.contentStart); index < starts.length && starts[index]! < record.end; index++) {
    const name = names[index]!
    const scope = scopes[index]!
    const start = starts[index]!
    if (note(name, start, scope, record, found) || isDeclaredInside(scope, name, record.scope)) continue
    if (name.startsWith('#')) {
      found.privateNames.add(name)
      continue
    }
    const isEager = eager.include(start) && name !== record.ownName
    const free = found.free.get(name)
    if (free === undefined) found.free.set(name, { eager: isEager })
    else free.eager ||= isEager
  }
}

/** Takes notes of what is no name; false for names. */
function note(name: string, start: number, scope: Scope, record: FunctionRecord, found: Findings): boolean {
  switch (name) {
    case special.this:
    case special.newTarget:
      if (ownerOfThis(scope, record.scope) === null) found.needs.add(name)
      return true
    case special.super: {
      const owner = ownerOfThis(scope, record.scope)
      // A method's own text has its `this` but not its class.
      if (owner === null) found.needs.add(special.this)
      if (owner === null || (owner === record.scope && record.shape.form !== 'class')) found.needs.add(special.super)
      return true
    }
    case special.importMeta:
      found.importMeta.push(start - record.start)
      return true
    case special.eval:
    case special.import:
      found.needs.add(name)
      return true
    default:
      return false
  }
}

/** The scope that has the `this` of this one, as far as the limit; null when it is outside. */
function ownerOfThis(from: Scope, limit: Scope): Scope | null {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
    if (scope.ownsThis) return scope
    if (scope === limit) return null
  }
  return null
}

function isDeclaredInside(from: Scope, name: string, limit: Scope): boolean {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
    if (scope.has(name)) return true
    if (scope === limit) return false
  }
  return false
}

function findOwner(from: Scope | null, name: string): Scope | null {
  for (let scope = from; scope !== null; scope = scope.parent) if (scope.has(name)) return scope
  return null
}

function bindingOf(walk: ScopeWalk, from: Scope | null, name: string): Pick<FreeName, 'binding' | 'isShared'> {
  const owner = findOwner(from, name)
  const binding = owner?.find(name)
  if (owner === null || binding === undefined) return { binding: 'unresolved', isShared: false }
  if (binding.kind !== 'variable') return { binding: binding.kind, isShared: false }
  followWrites(walk, name)
  const isVariable = binding.values > 1 || owner.isSeenByEval || owner.sharesParameters
  return { binding: isVariable ? 'variable' : 'constant', isShared: owner.parent === null && binding.isWrittenInside }
}

/** Finds out what the script's assignments to a name assign to: once for every name that is asked for. */
function followWrites({ writes }: ScopeWalk, name: string): void {
  for (const scope of writes.get(name) ?? []) {
    const owner = findOwner(scope, name)
    const binding = owner?.find(name)
    if (binding === undefined) continue
    binding.values = 2
    binding.isWrittenInside ||= scope.varScope !== owner
  }
  writes.delete(name)
}

/** The index of the first number that is not below the limit. */
function firstFrom(ascending: readonly number[], limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Tells of ascending offsets whether they are in a part of a class that is evaluated with the class. */
class EagerParts {
  readonly #parts: readonly Range[]
  #next = 0

  constructor(record: FunctionRecord) {
    this.#parts = record.eagerParts
  }

  include(offset: number): boolean {
    while (this.#next < this.#parts.length && this.#parts[this.#next]!.end <= offset) this.#next++
    const part = this.#parts[this.#next]
    return part !== undefined && part.start <= offset
  }
}
