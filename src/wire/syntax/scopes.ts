// The scopes of a script. They are filled by one walk over the whole tree (scope-walk.ts) and asked only afterwards, because a name
// may be used before it is declared. A use of a name is resolved on demand, by climbing from the scope it stands in.
//
// What is not a name but belongs to some scope around it climbs in the same way: `this`, `super` and `new.target` end at the scope
// that has them, `#private` names at the body of the class that declares them.
/**
 * `function`, `arrow`, `body` (of a function whose parameters have a scope of their own), `static-block`, `module` and `commonjs` take
 * the `var` of the blocks in them. All of these but `arrow` and `body`, and `initializer` (of a field), have a `this` of their own.
 */
type ScopeKind =
  | 'function'
  | 'arrow'
  | 'body'
  | 'static-block'
  | 'module'
  | 'commonjs'
  | 'initializer'
  | 'class'
  | 'name'
  | 'block'
  | 'catch'
  | 'loop'

const takesVars: ReadonlySet<ScopeKind> = new Set(['function', 'arrow', 'body', 'static-block', 'module', 'commonjs'])
const hasThis: ReadonlySet<ScopeKind> = new Set(['function', 'static-block', 'module', 'commonjs', 'initializer'])
const hasArguments: ReadonlySet<ScopeKind> = new Set(['function', 'commonjs'])

type BindingKind = 'import' | 'constant' | 'variable'

export class Binding {
  readonly kind: BindingKind
  /** How many places in the code give it a value; a place that may run again counts more than once. */
  values = 0
  /** A function inside the scope assigns to it. */
  isWrittenInside = false

  constructor(kind: BindingKind) {
    this.kind = kind
  }
}

export class Scope {
  readonly kind: ScopeKind
  readonly parent: Scope | null
  readonly isStrict: boolean
  /** Where a `var` in this scope is declared. */
  readonly varScope: Scope
  readonly ownsThis: boolean
  /** A direct `eval` in this scope, or in one inside it, may give any variable another value. */
  isSeenByEval = false
  /** In sloppy code `arguments[0] = 1` may give a parameter another value. */
  sharesParameters = false
  #bindings: Map<string, Binding> | null = null

  constructor(kind: ScopeKind, parent: Scope | null, isStrict: boolean) {
    this.kind = kind
    this.parent = parent
    this.isStrict = isStrict
    this.varScope = takesVars.has(kind) || parent === null ? this : parent.varScope
    this.ownsThis = hasThis.has(kind)
  }

  find(name: string): Binding | undefined {
    return this.#bindings?.get(name)
  }

  /** Whether a use of the name ends here: a binding, or the `arguments` that every function has unless it declares its own. */
  has(name: string): boolean {
    return this.#bindings?.has(name) === true || (name === 'arguments' && this.hasImplicitArguments())
  }

  hasImplicitArguments(): boolean {
    return hasArguments.has(this.kind) && this.#bindings?.has('arguments') !== true
  }

  declare(name: string, kind: BindingKind): Binding {
    this.#bindings ??= new Map()
    let binding = this.#bindings.get(name)
    if (binding === undefined) {
      binding = new Binding(kind)
      this.#bindings.set(name, binding)
    }
    return binding
  }

  /** Declares something that has its value from the beginning: a parameter, `let`, a class, a function. */
  declareValue(name: string): void {
    this.declare(name, 'variable').values++
  }

  /** Declares a `var` of this scope's code in the scope that takes it. */
  declareVar(name: string, values: number): void {
    let added = values
    for (let scope: Scope = this; scope !== this.varScope && scope.parent !== null; scope = scope.parent) {
      if (scope.kind === 'loop') added *= 2
      // `catch (error) { var error = 1 }` assigns to the caught one.
      const hiding = scope.find(name)
      if (hiding !== undefined) hiding.values += values
    }
    const { varScope } = this
    const isCopy = varScope.find(name) === undefined && varScope.kind === 'body' && varScope.parent?.find(name) !== undefined
    varScope.declare(name, 'variable').values += isCopy ? added + 1 : added
  }

  /**
   * A function declared in a block of sloppy code is also a `var` of the function around, unless a block between declares the name:
   * annex B.3.2 of the standard. To be asked when every declaration is known.
   */
  hoistFunction(name: string): void {
    const { varScope } = this
    for (let scope = this.parent; scope !== null && scope !== varScope; scope = scope.parent) {
      // The plain name of a caught error is no obstacle.
      if (scope.kind !== 'catch' && scope.find(name) !== undefined) return
    }
    if (varScope.kind === 'body' && varScope.parent?.find(name) !== undefined) return
    varScope.declare(name, 'variable').values += 2
  }

  noteArguments(): void {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (!scope.ownsThis) continue
      scope.sharesParameters = scope.kind === 'function' && !scope.isStrict
      return
    }
  }

  noteEval(): void {
    for (let scope: Scope | null = this; scope !== null && !scope.isSeenByEval; scope = scope.parent) scope.isSeenByEval = true
  }
}
