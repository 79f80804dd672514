// Writes one module anew: the text as it was, but for what `transform.ts` describes.
import type { AnyNode, CallExpression, MethodDefinition, Node } from 'acorn'
import { childrenOf, type Effects, effectKey, type Module, memberName, methodKey } from './effects.ts'

/** Nodes that may stand around an access. Everything else there is refused: its order of evaluation would have to be thought over. */
const FOLLOWED = new Set([
  ...['BlockStatement', 'ExpressionStatement', 'ReturnStatement', 'IfStatement', 'ForStatement', 'ForOfStatement', 'WhileStatement'],
  ...['VariableDeclaration', 'VariableDeclarator', 'SwitchStatement', 'SwitchCase', 'TryStatement', 'CatchClause', 'ThrowStatement'],
  ...['AssignmentExpression', 'BinaryExpression', 'LogicalExpression', 'UnaryExpression', 'ConditionalExpression', 'CallExpression'],
  ...['MemberExpression', 'NewExpression', 'ObjectExpression', 'ArrayExpression', 'Property', 'TemplateLiteral', 'SpreadElement'],
])

function isFollowed(node: AnyNode): boolean {
  return FOLLOWED.has(node.type)
}

export class Renderer {
  readonly #module: Module
  readonly #effects: Effects
  readonly #resolve: (specifier: string) => string

  constructor(module: Module, effects: Effects, resolve: (specifier: string) => string) {
    this.#module = module
    this.#effects = effects
    this.#resolve = resolve
  }

  render(): string {
    return this.#render(this.#module.program, false)
  }

  /** `inGenerator`: whether a yield may stand here. */
  #render(node: AnyNode, inGenerator: boolean): string {
    switch (node.type) {
      case 'FunctionDeclaration':
        return this.#function(node)
      case 'MethodDefinition':
        return this.#method(node)
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
        return this.#moduleDeclaration(node)
      case 'Identifier':
        return this.#name(node)
      case 'ExpressionStatement':
        return this.#statement(node, inGenerator)
      default:
        return this.#expression(node, inGenerator)
    }
  }

  #statement(node: AnyNode & { type: 'ExpressionStatement' }, inGenerator: boolean): string {
    const key = effectKey(node.expression)
    if (!inGenerator || key === null || !this.#effects.isPrimitive(key)) return this.#expression(node, inGenerator)
    return `${this.#access(node.expression as CallExpression, ';')};`
  }

  #expression(node: AnyNode, inGenerator: boolean): string {
    const key = effectKey(node)
    const isAccess = key !== null && this.#effects.isPrimitive(key)
    const isEffect = key !== null && this.#effects.isEffect(key)
    if (inGenerator && this.#effects.reaches(node) && !isFollowed(node)) this.#refuse(node, `around an access stands a ${node.type}`)
    if ((isAccess || isEffect) && !inGenerator) this.#refuse(node, 'the access is not directly in a function or method')
    if (isAccess) return this.#access(node as CallExpression)
    if (!isEffect) return this.#copy(node, inGenerator)
    if (node.type === 'CallExpression' && node.optional) this.#refuse(node, 'an optional call')
    const text = node.type === 'CallExpression' ? this.#copy(node, inGenerator) : `${this.#copy(node, inGenerator)}()`
    return this.#effects.isForgetful(key) ? `(yield* forgetful(${text}))` : `(yield* ${text})`
  }

  /** What the scheduler gets: the primitive, where it is called from, and what it is called with. */
  #access(call: CallExpression, mark = ''): string {
    const name = call.callee.type === 'Identifier' ? call.callee.name : ''
    const operands = call.arguments.map(operand => this.#render(operand, true))
    const place = `${this.#module.name}:${lineOf(call)}`
    return `(yield [${[JSON.stringify(name + mark), JSON.stringify(place), ...operands].join(', ')}])`
  }

  #function(node: AnyNode & { type: 'FunctionDeclaration' }): string {
    const isEffect = this.#effects.isEffect(`function ${node.id?.name}`)
    if (!isEffect) return this.#copy(node, false)
    if (node.async || node.generator) this.#refuse(node, 'an asynchronous function or a generator')
    this.#refuseEffects(node.params)
    return this.#copy(node, true).replace(/^function\b/, 'function*')
  }

  #method(node: MethodDefinition): string {
    const key = methodKey(node)
    if (key === null || !this.#effects.isEffect(key)) return this.#copy(node, false)
    if (node.value.async || node.value.generator) this.#refuse(node, 'an asynchronous function or a generator')
    this.#refuseEffects(node.value.params)
    const head = `${node.static ? 'static ' : ''}*${memberName(node.key as AnyNode)}`
    const { start } = node.value
    return head + this.#slices(node.value, childrenOf(node.value), true, start)
  }

  #refuseEffects(parameters: readonly AnyNode[]): void {
    for (const parameter of parameters) if (this.#effects.reaches(parameter)) this.#refuse(parameter, 'an access in a parameter')
  }

  #moduleDeclaration(node: AnyNode & { type: 'ImportDeclaration' | 'ExportNamedDeclaration' }): string {
    const { source } = node
    if (source === null || source === undefined) return this.#copy(node, false)
    const { text } = this.#module
    const specifier = JSON.stringify(this.#resolve(String(source.value)))
    return text.slice(node.start, source.start) + specifier + text.slice(source.end, node.end)
  }

  /** A function that is not called here but passed on would be called by somebody who knows nothing of generators. */
  #name(node: AnyNode & { type: 'Identifier' }): string {
    const key = `function ${node.name}`
    if (this.#effects.isEffect(key) || this.#effects.isPrimitive(key)) this.#refuse(node, `${node.name} is passed on, not called`)
    return node.name
  }

  #copy(node: AnyNode, inGenerator: boolean): string {
    // A function inside a function is not part of the generator around it.
    const inner = inGenerator && node.type !== 'ArrowFunctionExpression' && node.type !== 'FunctionExpression'
    return this.#slices(node, childrenOf(node), inner, node.start)
  }

  #slices(node: AnyNode, children: readonly AnyNode[], inGenerator: boolean, from: number): string {
    const { text } = this.#module
    let written = from
    let result = ''
    for (const child of children) {
      result += text.slice(written, child.start)
      result += this.#child(node, child, inGenerator)
      written = child.end
    }
    return result + text.slice(written, node.end)
  }

  #child(node: AnyNode, child: AnyNode, inGenerator: boolean): string {
    if (isOnlyName(node, child)) return this.#module.text.slice(child.start, child.end)
    if (child.type !== 'MemberExpression' || child.computed) return this.#render(child, inGenerator)
    const isCallee = node.type === 'CallExpression' && child === node.callee
    const name = memberName(child.property)
    const wrong = isCallee ? `getter ${name}` : `method ${name}`
    if (this.#effects.isEffect(wrong)) this.#refuse(child, isCallee ? `what ${name} returns is called` : `${name} is passed on, not called`)
    return isCallee ? this.#copy(child, inGenerator) : this.#render(child, inGenerator)
  }

  #refuse(node: AnyNode, reason: string): never {
    throw new Error(`${this.#module.name}:${lineOf(node)} cannot be explored: ${reason}`)
  }
}

/** Whether `child` only names something there: a member, a key, the callee or the function's own name. */
function isOnlyName(node: AnyNode, child: AnyNode): boolean {
  if (child.type !== 'Identifier') return false
  switch (node.type) {
    case 'CallExpression':
      return child === node.callee
    case 'MemberExpression':
      return child === node.property && !node.computed
    case 'FunctionDeclaration':
      return child === node.id
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'Property':
      return child === node.key && !node.computed && !(node.type === 'Property' && node.shorthand)
    default:
      return false
  }
}

function lineOf(node: Node): number {
  return node.loc?.start.line ?? 0
}
