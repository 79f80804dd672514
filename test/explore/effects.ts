// Which functions of a set of modules reach an access to shared memory.
import type { AnyNode, MethodDefinition, Program } from 'acorn'

export interface Module {
  readonly name: string
  readonly text: string
  readonly program: Program
}

/** Methods that everything has under the same name: one of these in a followed class could not be told from the language's own. */
const LANGUAGE_OWN = new Set(
  [Array, Map, Set, String, Number, Function, Promise, Int32Array, Object, WeakMap, Error]
    .flatMap(type => [...Object.getOwnPropertyNames(type.prototype), ...Object.getOwnPropertyNames(type)])
    .concat(Object.getOwnPropertyNames(Math), Object.getOwnPropertyNames(Atomics)),
)

/** Those among them that change what they are called on. */
const CHANGING = new Set([
  'add',
  'clear',
  'copyWithin',
  'delete',
  'fill',
  'pop',
  'push',
  'reverse',
  'set',
  'shift',
  'sort',
  'splice',
  'unshift',
])

interface NamedFunction {
  readonly key: string
  readonly body: AnyNode
}

export class Effects {
  readonly #primitives: ReadonlySet<string>
  readonly #forgetful: ReadonlySet<string>
  readonly #reaching = new Set<string>()

  constructor(modules: readonly Module[], primitives: readonly string[], forgetful: readonly string[]) {
    this.#primitives = new Set(primitives)
    this.#forgetful = new Set(forgetful)
    const functions = modules.flatMap(module => namedFunctions(module.program))
    for (let before = -1; before !== this.#reaching.size; ) {
      before = this.#reaching.size
      for (const { key, body } of functions) if (!this.isPrimitive(key) && this.reaches(body)) this.#reaching.add(key)
    }
    for (const key of this.#reaching) refuseAmbiguity(key, functions)
    for (const { key, body } of functions) if (this.isForgetful(key)) refuseMemory(key, body)
  }

  isPrimitive(key: string): boolean {
    return key.startsWith('function ') && this.#primitives.has(key.slice('function '.length))
  }

  isEffect(key: string): boolean {
    return this.#reaching.has(key)
  }

  isForgetful(key: string): boolean {
    return this.#forgetful.has(key.split(' ')[1] as string)
  }

  /** Whether an access may happen when this node is evaluated; bodies of functions inside it count, too. */
  reaches(node: AnyNode): boolean {
    const key = effectKey(node)
    if (key !== null && (this.isPrimitive(key) || this.#reaching.has(key))) return true
    return childrenOf(node).some(child => this.reaches(child))
  }
}

/** The key of what a call calls or a property read may run; null: neither. */
export function effectKey(node: AnyNode): string | null {
  if (node.type === 'CallExpression') {
    if (node.callee.type === 'Identifier') return `function ${node.callee.name}`
    const name = node.callee.type === 'MemberExpression' && !node.callee.computed ? memberName(node.callee.property) : null
    return name === null ? null : `method ${name}`
  }
  if (node.type !== 'MemberExpression' || node.computed) return null
  const name = memberName(node.property)
  return name === null ? null : `getter ${name}`
}

function namedFunctions(node: AnyNode): NamedFunction[] {
  const own = nameFunction(node)
  const below = childrenOf(node).flatMap(namedFunctions)
  return own === null ? below : [own, ...below]
}

function nameFunction(node: AnyNode): NamedFunction | null {
  if (node.type === 'FunctionDeclaration' && node.id !== null) return { key: `function ${node.id.name}`, body: node.body }
  if (node.type !== 'MethodDefinition') return null
  const key = methodKey(node)
  return key === null ? null : { key, body: node.value.body }
}

/** Changing a member would be remembered; so would what a method of the language's own may change. */
function refuseMemory(key: string, node: AnyNode): void {
  const target = node.type === 'AssignmentExpression' ? node.left : node.type === 'UpdateExpression' ? node.argument : null
  const calls = effectKey(node)?.split(' ') ?? []
  if ((target !== null && target.type !== 'Identifier') || (calls[0] === 'method' && CHANGING.has(calls[1] as string))) {
    throw new Error(`${key} cannot be forgetful: it changes something that outlives it`)
  }
  for (const child of childrenOf(node)) refuseMemory(key, child)
}

function refuseAmbiguity(key: string, functions: readonly NamedFunction[]): void {
  const [kind, name] = key.split(' ') as [string, string]
  if (kind === 'constructor' || kind === 'set') throw new Error(`A ${kind} (${name}) reaches shared memory and cannot be a generator`)
  if (kind !== 'function' && LANGUAGE_OWN.has(name))
    throw new Error(`${name} is also a name of the language's own, so its calls cannot be followed`)
  const other = kind === 'getter' ? `method ${name}` : `getter ${name}`
  if (kind !== 'function' && functions.some(found => found.key === other)) throw new Error(`${name} is a method here and a getter there`)
}

/** The nodes directly below, in the order of the text. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = []
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isNode(item)) children.push(item)
  }
  // A shorthand property is one name, seen twice.
  return children.sort((a, b) => a.start - b.start).filter((child, index) => index === 0 || child.start !== children[index - 1]?.start)
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** A name as effects are known by: what it is called as, then what it is called. Null: it has no name that could be followed. */
export function methodKey(method: MethodDefinition): string | null {
  if (method.computed) return null
  const name = memberName(method.key as AnyNode)
  if (name === null) return null
  return `${method.kind === 'get' ? 'getter' : method.kind} ${name}`
}

export function memberName(property: AnyNode): string | null {
  if (property.type === 'Identifier') return property.name
  return property.type === 'PrivateIdentifier' ? `#${property.name}` : null
}
