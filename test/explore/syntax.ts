// What the rewriting knows of JavaScript's syntax.
import type { AnyNode, FunctionDeclaration, FunctionExpression, MethodDefinition, Node } from 'acorn'

export type FunctionNode = FunctionDeclaration | FunctionExpression

/** Nodes that may stand around an access. Everything else there is refused: its order of evaluation would have to be thought over. */
const FOLLOWED = new Set([
  ...['BlockStatement', 'ExpressionStatement', 'ReturnStatement', 'IfStatement', 'ForStatement', 'ForOfStatement', 'WhileStatement'],
  ...['VariableDeclaration', 'VariableDeclarator', 'SwitchStatement', 'SwitchCase', 'TryStatement', 'CatchClause', 'ThrowStatement'],
  ...['AssignmentExpression', 'BinaryExpression', 'LogicalExpression', 'UnaryExpression', 'ConditionalExpression', 'CallExpression'],
  ...['MemberExpression', 'NewExpression', 'ObjectExpression', 'ArrayExpression', 'Property', 'TemplateLiteral', 'SpreadElement'],
])

export function isFollowed(node: AnyNode): boolean {
  return FOLLOWED.has(node.type)
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

export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 0
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
