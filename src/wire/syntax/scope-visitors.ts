// What the walk does at each kind of node. The table is complete: a kind of node that the parser learns fails to compile here.
import type {
  AnyNode,
  AssignmentProperty,
  CallExpression,
  Identifier,
  IfStatement,
  Program,
  Property,
  Statement,
  VariableDeclaration,
} from 'acorn'
import { ScopeWalk, special, type Use } from './scope-walk.ts'
import { Scope } from './scopes.ts'

type Kind = AnyNode['type']
type Visitor<N> = (node: N, scope: Scope, walk: ScopeWalk, use: Use) => void
type Visitors = { readonly [K in Kind]: Visitor<Extract<AnyNode, { type: K }>> }

const visitors: Visitors = {
  // Statements that declare nothing.
  ExpressionStatement: inOrder('expression'),
  ReturnStatement: inOrder('argument'),
  ThrowStatement: inOrder('argument'),
  TryStatement: inOrder('block', 'handler', 'finalizer'),
  WithStatement: inOrder('object', 'body'),
  LabeledStatement: inOrder('body'),
  SwitchCase: inOrder('test', 'consequent'),
  EmptyStatement: ignore,
  DebuggerStatement: ignore,
  BreakStatement: ignore,
  ContinueStatement: ignore,
  IfStatement: visitIf,

  // Statements with a scope.
  Program: (node, scope, walk) => walk.pushAll(node.body, scope),
  BlockStatement: (node, scope, walk) => {
    walk.pushAll(node.body, node.body.some(declaresInBlock) ? new Scope('block', scope, scope.isStrict) : scope)
  },
  CatchClause: (node, scope, walk) => {
    const inner = new Scope(node.param?.type === 'Identifier' ? 'catch' : 'block', scope, scope.isStrict)
    walk.push(node.body, inner)
    walk.push(node.param, inner, 'let')
  },
  SwitchStatement: (node, scope, walk) => {
    walk.pushAll(node.cases, new Scope('block', scope, scope.isStrict))
    walk.push(node.discriminant, scope)
  },
  WhileStatement: inLoop('test', 'body'),
  DoWhileStatement: inLoop('body', 'test'),
  ForStatement: inLoop('init', 'test', 'update', 'body'),
  ForInStatement: visitForEach,
  ForOfStatement: visitForEach,

  // Declarations.
  VariableDeclaration: visitVariables,
  VariableDeclarator: ignore,
  FunctionDeclaration: (node, scope, walk) => {
    walk.declareFunction(node, scope)
    walk.enterPlainFunction(node, scope)
  },
  ClassDeclaration: (node, scope, walk) => {
    if (node.id) scope.declareValue(node.id.name)
    walk.enterClass(node, scope)
  },
  ImportDeclaration: (node, scope) => {
    for (const { local } of node.specifiers) scope.declare(local.name, 'import')
  },
  ImportSpecifier: ignore,
  ImportDefaultSpecifier: ignore,
  ImportNamespaceSpecifier: ignore,
  ImportAttribute: ignore,
  ExportNamedDeclaration: inOrder('declaration'),
  ExportDefaultDeclaration: inOrder('declaration'),
  ExportAllDeclaration: ignore,
  ExportSpecifier: ignore,

  // Functions and classes.
  FunctionExpression: (node, scope, walk) => walk.enterPlainFunction(node, scope),
  ArrowFunctionExpression: (node, scope, walk) => walk.enterPlainFunction(node, scope),
  ClassExpression: (node, scope, walk) => walk.enterClass(node, scope),
  ClassBody: ignore,
  MethodDefinition: (node, scope, walk) => walk.enterMethod(node, scope),
  PropertyDefinition: (node, scope, walk) => {
    walk.push(node.value, new Scope('initializer', scope, true))
    if (node.computed) walk.push(node.key, scope)
  },
  StaticBlock: (node, scope, walk) => walk.pushAll(node.body, new Scope('static-block', scope, true)),

  // What is a name, or belongs to a scope as a name does.
  Identifier: visitIdentifier,
  PrivateIdentifier: (node, scope, walk) => walk.noteUse(`#${node.name}`, node.start, scope),
  ThisExpression: (node, scope, walk) => walk.noteUse(special.this, node.start, scope),
  Super: (node, scope, walk) => walk.noteUse(special.super, node.start, scope),
  MetaProperty: (node, scope, walk) => {
    walk.noteUse(node.meta.name === 'new' ? special.newTarget : special.importMeta, node.start, scope)
  },
  ImportExpression: (node, scope, walk) => {
    walk.noteUse(special.import, node.start, scope)
    walk.push(node.options, scope)
    walk.push(node.source, scope)
  },
  CallExpression: visitCall,

  // Patterns, which hand on what they are there for.
  ObjectPattern: (node, scope, walk, use) => walk.pushAll(node.properties, scope, use),
  ArrayPattern: (node, scope, walk, use) => walk.pushAll(node.elements, scope, use),
  RestElement: (node, scope, walk, use) => walk.push(node.argument, scope, use),
  AssignmentPattern: (node, scope, walk, use) => {
    walk.push(node.right, scope)
    walk.push(node.left, scope, use)
  },
  Property: visitProperty,

  // Expressions.
  AssignmentExpression: (node, scope, walk) => {
    walk.push(node.right, scope)
    walk.push(node.left, scope, 'assign')
  },
  UpdateExpression: (node, scope, walk) => walk.push(node.argument, scope, 'assign'),
  MemberExpression: (node, scope, walk) => {
    if (node.computed || node.property.type === 'PrivateIdentifier') walk.push(node.property, scope)
    walk.push(node.object, scope)
  },
  NewExpression: inOrder('callee', 'arguments'),
  ChainExpression: inOrder('expression'),
  ParenthesizedExpression: inOrder('expression'),
  SequenceExpression: inOrder('expressions'),
  ArrayExpression: inOrder('elements'),
  ObjectExpression: inOrder('properties'),
  SpreadElement: inOrder('argument'),
  UnaryExpression: inOrder('argument'),
  YieldExpression: inOrder('argument'),
  AwaitExpression: inOrder('argument'),
  BinaryExpression: inOrder('left', 'right'),
  LogicalExpression: inOrder('left', 'right'),
  ConditionalExpression: inOrder('test', 'consequent', 'alternate'),
  TemplateLiteral: inOrder('expressions'),
  TaggedTemplateExpression: inOrder('tag', 'quasi'),
  TemplateElement: ignore,
  Literal: ignore,
}

/** Walks over the tree of a script; null when the parser knows a kind of node that is not in the table. */
export function walkScopes(source: string, program: Program, isModule: boolean): ScopeWalk | null {
  const walk = new ScopeWalk(source, program, isModule)
  let isComplete = true
  walk.run((node, scope, _walk, use) => {
    const visitor = visitors[node.type] as Visitor<AnyNode> | undefined
    if (visitor === undefined) isComplete = false
    else visitor(node, scope, walk, use)
  })
  return isComplete ? walk : null
}

function ignore(): void {}

type Part = AnyNode | readonly (AnyNode | null)[] | null | undefined

/** Visits the node's parts, which are named in the order of the text, in the same scope. */
function inOrder(...parts: readonly string[]): Visitor<AnyNode> {
  return (node, scope, walk) => pushParts(node, parts, scope, walk)
}

function inLoop(...parts: readonly string[]): Visitor<AnyNode> {
  return (node, scope, walk) => pushParts(node, parts, new Scope('loop', scope, scope.isStrict), walk)
}

function pushParts(node: AnyNode, parts: readonly string[], scope: Scope, walk: ScopeWalk): void {
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = (node as unknown as Record<string, Part>)[parts[index]!]
    if (Array.isArray(part)) walk.pushAll(part, scope)
    else walk.push(part as AnyNode | null | undefined, scope)
  }
}

/** A function as the branch of an `if` is in a block that nobody wrote. */
function visitIf(node: IfStatement, scope: Scope, walk: ScopeWalk): void {
  for (const branch of [node.alternate, node.consequent]) {
    walk.push(branch, branch?.type === 'FunctionDeclaration' ? new Scope('block', scope, scope.isStrict) : scope)
  }
  walk.push(node.test, scope)
}

function declaresInBlock(statement: Statement): boolean {
  switch (statement.type) {
    case 'VariableDeclaration':
      return statement.kind !== 'var'
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'LabeledStatement': // It may be the label of a function.
      return true
    default:
      return false
  }
}

function visitForEach(node: Extract<AnyNode, { type: 'ForInStatement' | 'ForOfStatement' }>, scope: Scope, walk: ScopeWalk): void {
  const inner = new Scope('loop', scope, scope.isStrict)
  walk.push(node.body, inner)
  walk.push(node.right, inner)
  if (node.left.type === 'VariableDeclaration') visitVariables(node.left, inner, walk, 'assign')
  else walk.push(node.left, inner, 'assign')
}

/** `use` is `assign` in the head of a loop, which gives the variables their values without an initializer. */
function visitVariables(node: VariableDeclaration, scope: Scope, walk: ScopeWalk, use: Use): void {
  for (let index = node.declarations.length - 1; index >= 0; index--) {
    const { id, init } = node.declarations[index]!
    walk.push(init, scope)
    if (node.kind === 'var') walk.push(id, scope, init || use === 'assign' ? 'var-value' : 'var')
    else walk.push(id, scope, node.kind === 'let' ? 'let' : 'const')
  }
}

function visitIdentifier(node: Identifier, scope: Scope, walk: ScopeWalk, use: Use): void {
  const { name } = node
  switch (use) {
    case 'let':
      return scope.declareValue(name)
    case 'const':
      scope.declare(name, 'constant')
      return
    case 'var':
      return scope.declareVar(name, 0)
    case 'var-value':
      return scope.declareVar(name, 1)
    case 'assign':
      walk.noteWrite(name, scope)
  }
  if (name === 'arguments') scope.noteArguments()
  walk.noteUse(name, node.start, scope)
}

function visitCall(node: CallExpression, scope: Scope, walk: ScopeWalk): void {
  // `eval?.(text)` and `(0, eval)(text)` see nothing of the code around them.
  if (node.callee.type === 'Identifier' && node.callee.name === 'eval' && !node.optional) {
    walk.noteUse(special.eval, node.start, scope)
    scope.noteEval()
  }
  walk.pushAll(node.arguments, scope)
  walk.push(node.callee, scope)
}

/** Of an object, or of a pattern. The key of `{ name }` is the value already. */
function visitProperty(node: Property | AssignmentProperty, scope: Scope, walk: ScopeWalk, use: Use): void {
  if (node.method || node.kind !== 'init') return walk.enterMethod(node, scope)
  walk.push(node.value, scope, use)
  if (node.computed) walk.push(node.key, scope)
}
