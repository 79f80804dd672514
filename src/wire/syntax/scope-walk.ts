// What one walk over a syntax tree (scope-visitors.ts) finds: scopes, functions, and each use of a name in the order of the text. The
// walk works off a stack of its own: a chain of ten thousand calls is a tree as deep, and the parser does not recurse on it.
import type { AnyNode, Class, Function as FunctionNode, MethodDefinition, Program, Property } from 'acorn'
import { Scope } from './scopes.ts'
import { computedKeyOf, isStrictByDirective, methodStart, type Range } from './syntax-tree.ts'

/** What a node is there for: to be evaluated, to be assigned to, or to declare names. `var-value` is a `var` that is given a value. */
export type Use = 'read' | 'assign' | 'var' | 'var-value' | 'let' | 'const'

type Visit = (node: AnyNode, scope: Scope, walk: ScopeWalk, use: Use) => void

/** What the text of a function is by itself, whatever is around it. */
export interface FunctionShape {
  readonly form: 'arrow' | 'function' | 'method' | 'getter' | 'setter' | 'class'
  /** It is a statement with a name: the name is a binding of the code around it. */
  readonly isDeclaration: boolean
  /** Strict by a module, a directive or a class in it or around it. */
  readonly isStrict: boolean
  /** A static method, getter or setter of a class. */
  readonly isStatic: boolean
  readonly isGenerator: boolean
  readonly isAsync: boolean
  /** Of a method `[key]() {}`: the brackets and what is in them, in offsets from the start of the text. */
  readonly computedKey: Range | null
  /** A method, getter or setter whose name is `#private`. */
  readonly privateKey: boolean
  /** A class whose instances have `#private` fields, methods or accessors. */
  readonly hasPrivateFields: boolean
  /** Of a class: what stands behind `extends`, in offsets from the start of the text. */
  readonly superclass: Range | null
}

/** A function of a script, and what the walk knows about it. */
export interface FunctionRecord {
  readonly shape: FunctionShape
  readonly ownName: string | null
  readonly start: number
  /** Behind a method's key, which is evaluated by the code around it and is no part of the function. */
  readonly contentStart: number
  readonly end: number
  /** The outermost scope that the text itself makes. */
  readonly scope: Scope
  /** Of a class: what is evaluated with it, in order. */
  readonly eagerParts: readonly Range[]
}

/** Names in place of those that are no identifiers. `#private` names are noted as they are written. */
export const special = {
  this: 'this',
  super: 'super',
  newTarget: 'new.target',
  importMeta: 'import.meta',
  import: 'import()',
  eval: 'eval()',
}

/** The walk while it goes on, and all that it has found when it is over. */
export class ScopeWalk {
  readonly source: string
  /** Every use of a name: where it is, ascending, how it is called, and in which scope it stands. */
  readonly starts: number[] = []
  readonly names: string[] = []
  readonly scopes: Scope[] = []
  /** The scopes that assign to a name. */
  readonly writes = new Map<string, Scope[]>()
  /** By start: no two functions start at the same place. */
  readonly functions = new Map<number, FunctionRecord>()
  readonly #waitingNodes: AnyNode[] = []
  readonly #waitingScopes: Scope[] = []
  readonly #waitingUses: Use[] = []
  readonly #blockFunctions: { readonly name: string; readonly scope: Scope }[] = []

  constructor(source: string, program: Program, isModule: boolean) {
    this.source = source
    const isStrict = isModule || isStrictByDirective(program.body)
    this.pushAll(program.body, new Scope(isModule ? 'module' : 'commonjs', null, isStrict))
  }

  /** Visits what is pushed until nothing is left. */
  run(visit: Visit): void {
    for (let node = this.#waitingNodes.pop(); node !== undefined; node = this.#waitingNodes.pop()) {
      visit(node, this.#waitingScopes.pop()!, this, this.#waitingUses.pop()!)
    }
    for (const { name, scope } of this.#blockFunctions) scope.hoistFunction(name)
  }

  /** Leaves a node for later. What is pushed last is visited first. */
  push(node: AnyNode | null | undefined, scope: Scope, use: Use = 'read'): void {
    if (!node) return
    this.#waitingNodes.push(node)
    this.#waitingScopes.push(scope)
    this.#waitingUses.push(use)
  }

  /** Leaves nodes to be visited in their order. */
  pushAll(nodes: readonly (AnyNode | null)[], scope: Scope, use: Use = 'read'): void {
    for (let index = nodes.length - 1; index >= 0; index--) this.push(nodes[index], scope, use)
  }

  noteUse(name: string, start: number, scope: Scope): void {
    this.starts.push(start)
    this.names.push(name)
    this.scopes.push(scope)
  }

  noteWrite(name: string, scope: Scope): void {
    const scopes = this.writes.get(name)
    if (scopes === undefined) this.writes.set(name, [scope])
    else scopes.push(scope)
  }

  declareFunction(node: FunctionNode, scope: Scope): void {
    if (!node.id) return
    scope.declareValue(node.id.name)
    const isVar = scope === scope.varScope || scope.isStrict || node.async || node.generator
    if (!isVar) this.#blockFunctions.push({ name: node.id.name, scope })
  }

  /** A function that is not a method. */
  enterPlainFunction(node: FunctionNode & AnyNode, scope: Scope): void {
    const isExpression = node.type === 'FunctionExpression'
    const named = isExpression && node.id ? new Scope('name', scope, scope.isStrict) : null
    if (node.id) named?.declare(node.id.name, 'constant')
    const inner = this.enterFunction(node, named ?? scope)
    const { start, end } = node
    const form = node.type === 'ArrowFunctionExpression' ? 'arrow' : 'function'
    const shape = shapeOf(form, node, inner)
    shape.isDeclaration = node.type === 'FunctionDeclaration' && node.id != null
    this.functions.set(start, {
      shape,
      ownName: node.id?.name ?? null,
      start,
      contentStart: start,
      end,
      scope: named ?? inner,
      eagerParts: none,
    })
  }

  /** A method, getter or setter of a class or an object. */
  enterMethod(node: MethodDefinition | Property, scope: Scope): void {
    const value = node.value as FunctionNode
    const inner = this.enterFunction(value, scope)
    if (node.computed) this.push(node.key, scope)
    if (node.kind === 'constructor') return // Its text is the class's.
    const start = methodStart(this.source, node)
    const shape = shapeOf(node.kind === 'get' ? 'getter' : node.kind === 'set' ? 'setter' : 'method', value, inner)
    shape.isStatic = 'static' in node && node.static
    shape.computedKey = computedKeyOf(this.source, node, start)
    shape.privateKey = node.key.type === 'PrivateIdentifier'
    this.functions.set(start, { shape, ownName: null, start, contentStart: value.start, end: node.end, scope: inner, eagerParts: none })
  }

  /** What every function has inside: its parameters, and its body in the same scope, or in one of its own if they are not all names. */
  enterFunction(node: FunctionNode, scope: Scope): Scope {
    const isStrict = scope.isStrict || (node.body.type === 'BlockStatement' && isStrictByDirective(node.body.body))
    const isArrow = node.type === 'ArrowFunctionExpression'
    const inner = new Scope(isArrow ? 'arrow' : 'function', scope, isStrict)
    if (node.body.type === 'BlockStatement') {
      const isSimple = node.params.every(({ type }) => type === 'Identifier')
      this.pushAll(node.body.body, isSimple ? inner : new Scope('body', inner, isStrict))
    } else {
      this.push(node.body, inner)
    }
    this.pushAll(node.params, inner, 'let')
    return inner
  }

  enterClass(node: Class & AnyNode, scope: Scope): void {
    const named = new Scope('class', scope, true)
    if (node.type === 'ClassExpression' && node.id) named.declare(node.id.name, 'constant')
    const inner = new Scope('class', named, true)
    const { body: members } = node.body
    let hasPrivateFields = false
    for (const member of members) {
      if (member.type === 'StaticBlock' || member.key.type !== 'PrivateIdentifier') continue
      inner.declare(`#${member.key.name}`, 'constant')
      hasPrivateFields ||= !member.static
    }
    this.pushAll(members, inner)
    this.push(node.superClass, named)
    const { start, end } = node
    const shape = shapeOf('class', null, inner)
    shape.isDeclaration = node.type === 'ClassDeclaration' && node.id != null
    shape.hasPrivateFields = hasPrivateFields
    if (node.superClass) shape.superclass = { start: node.superClass.start - start, end: node.superClass.end - start }
    const ownName = node.id?.name ?? null
    this.functions.set(start, { shape, ownName, start, contentStart: start, end, scope: named, eagerParts: eagerPartsOf(node) })
  }
}

const none: readonly Range[] = []

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function shapeOf(form: FunctionShape['form'], node: FunctionNode | null, { isStrict }: Scope): Mutable<FunctionShape> {
  return {
    form,
    isDeclaration: false,
    isStrict,
    isStatic: false,
    isGenerator: node?.generator === true,
    isAsync: node?.async === true,
    computedKey: null,
    privateKey: false,
    hasPrivateFields: false,
    superclass: null,
  }
}

function eagerPartsOf({ superClass, body }: Class): Range[] {
  const parts: Range[] = superClass ? [superClass] : []
  for (const member of body.body) {
    if (member.type === 'StaticBlock') {
      parts.push(member)
      continue
    }
    if (member.computed) parts.push(member.key)
    if (member.type === 'PropertyDefinition' && member.static && member.value) parts.push(member.value)
  }
  return parts.map(({ start, end }) => ({ start, end }))
}
