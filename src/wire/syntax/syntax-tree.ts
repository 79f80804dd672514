// From source text to a syntax tree; from the tree's positions to those of V8 (acorn and V8 agree where a function begins and ends,
// except that a method's text begins at its key or the words before it, and never with `static`); and what a module's own statements
// say: what it imports under which local name, and what it exports.
import { createRequire } from 'node:module'
import type {
  AnyNode,
  ExportNamedDeclaration,
  Identifier,
  ImportDeclaration,
  Literal,
  MethodDefinition,
  Options,
  Pattern,
  Program,
  Property,
} from 'acorn'

/** An offset of the first character and one behind the last, as `slice` takes them. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** What a local name of a module stands for: an export of another module. */
export interface ImportedName {
  readonly specifier: string
  /** The export's name there; null stands for the namespace: `import * as name`. */
  readonly importedName: string | null
  readonly attributes: Readonly<Record<string, string>>
}

/** Something that a module defines and exports. */
export interface ExportedName extends Range {
  readonly exportName: string
  /** The name that the module itself calls it by; null for `export default` of what has no name. */
  readonly localName: string | null
}

type Acorn = typeof import('acorn')

let acorn: Acorn | undefined

/** Most processes never send a function by its text: the parser is loaded for the first one that is. */
function parser(): Acorn {
  acorn ??= createRequire(`${import.meta.dirname}/`)('acorn') as Acorn
  return acorn
}

/** The tree of a module or of a CommonJS function's body; null when the parser does not know the syntax. */
export function parseScript(source: string, isModule: boolean): Program | null {
  if (!isModule) return parse(source, { ecmaVersion: 'latest', sourceType: 'commonjs' })
  const options: Options = { ecmaVersion: 'latest', sourceType: 'module' }
  const program = parse(source, options)
  if (program !== null) return program
  const rewritten = source.replaceAll(oldAttributes, '$1with  ')
  return rewritten === source ? null : parse(rewritten, options)
}

/** How Node 20 still reads import attributes. The new word is as long with two spaces, so that all offsets stay. */
const oldAttributes = /(\b(?:from|import)\s*(?:'[^'\n]*'|"[^"\n]*")\s*)assert(?=\s*\{)/g

/** The tree of some text that is cut out of a script of either kind, and may name what is declared around it only. */
export function parseFragment(source: string): Program | null {
  return parse(source, {
    ecmaVersion: 'latest',
    sourceType: 'commonjs',
    allowImportExportEverywhere: true,
    allowSuperOutsideMethod: true,
    checkPrivateFields: false,
  })
}

function parse(source: string, options: Options): Program | null {
  try {
    return parser().parse(source, options)
  } catch (error) {
    // The parser reports a stack that was too small as a syntax error too.
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const space = '(?:\\s|//.*|/\\*[^]*?\\*/)*'
const staticWord = new RegExp(`static${space}`, 'y')
const beforeBracket = new RegExp(`(?:${space}(?:async|get|set|\\*))*${space}`, 'y')
const behindKey = new RegExp(`(?:${space}\\))*${space}`, 'y')

/** The offset at which V8 has a method's text begin. */
export function methodStart(source: string, node: MethodDefinition | Property): number {
  return 'static' in node && node.static ? endOf(staticWord, source, node.start) : node.start
}

/** The computed key with its brackets, in offsets from the method's start; null when the key is not computed. */
export function computedKeyOf(source: string, node: MethodDefinition | Property, start: number): Range | null {
  if (!node.computed) return null
  const bracket = endOf(beforeBracket, source, start)
  return { start: bracket - start, end: endOf(behindKey, source, node.key.end) + 1 - start }
}

function endOf(pattern: RegExp, source: string, start: number): number {
  pattern.lastIndex = start
  return pattern.test(source) ? pattern.lastIndex : start
}

/** Whether the statements begin with a directive that makes the code strict. */
export function isStrictByDirective(statements: readonly AnyNode[]): boolean {
  for (const statement of statements) {
    if (statement.type !== 'ExpressionStatement' || statement.directive === undefined) return false
    if (statement.directive === 'use strict') return true
  }
  return false
}

/** The static imports of a script, by local name. */
export function importsOf(program: Program): Map<string, ImportedName> {
  const imports = new Map<string, ImportedName>()
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') addImports(imports, statement)
  }
  return imports
}

function addImports(imports: Map<string, ImportedName>, statement: ImportDeclaration): void {
  const specifier = String(statement.source.value)
  const pairs = statement.attributes.map(({ key, value }) => [nameOf(key), String(value.value)] as const)
  const attributes = Object.freeze(Object.fromEntries(pairs))
  for (const each of statement.specifiers) {
    let importedName: string | null = null
    if (each.type === 'ImportDefaultSpecifier') importedName = 'default'
    else if (each.type === 'ImportSpecifier') importedName = nameOf(each.imported)
    imports.set(each.local.name, { specifier, importedName, attributes })
  }
}

/** What the script itself defines and exports, in order; nothing that it only passes on. */
export function exportsOf(program: Program, imports: ReadonlyMap<string, ImportedName>): ExportedName[] {
  const definitions = definitionsOf(program)
  return program.body.flatMap(statement => {
    if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration, declaration: range } = statement
      const localName = 'id' in declaration && isDeclaration(declaration) ? (declaration.id?.name ?? null) : null
      return [{ exportName: 'default', localName, start: range.start, end: range.end }]
    }
    if (statement.type !== 'ExportNamedDeclaration' || statement.source) return []
    return namedExports(statement, definitions).filter(({ localName }) => localName === null || !imports.has(localName))
  })
}

function namedExports(statement: ExportNamedDeclaration, definitions: ReadonlyMap<string, Range>): ExportedName[] {
  if (statement.declaration) {
    const ranges = new Map<string, Range>()
    addDefinitions(ranges, statement.declaration)
    return Array.from(ranges, ([name, { start, end }]) => ({ exportName: name, localName: name, start, end }))
  }
  return statement.specifiers.map(specifier => {
    const localName = nameOf(specifier.local)
    // A `var` deep in a block has no definition among the module's own statements; the export itself stands for it.
    const { start, end } = definitions.get(localName) ?? specifier
    return { exportName: nameOf(specifier.exported), localName, start, end }
  })
}

/** Where the names of the module's own statements are defined: the value's place if it has a place of its own. */
function definitionsOf(program: Program): Map<string, Range> {
  const ranges = new Map<string, Range>()
  for (const statement of program.body) {
    const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
    addDefinitions(ranges, isExport ? statement.declaration : statement)
  }
  return ranges
}

function addDefinitions(ranges: Map<string, Range>, statement: AnyNode | null | undefined): void {
  if (!statement) return
  if (isDeclaration(statement)) {
    if (statement.id) ranges.set(statement.id.name, statement)
  } else if (statement.type === 'VariableDeclaration') {
    for (const declarator of statement.declarations) {
      const place = declarator.id.type === 'Identifier' && declarator.init ? declarator.init : declarator
      for (const name of namesIn(declarator.id)) ranges.set(name, place)
    }
  }
}

function isDeclaration(node: AnyNode) {
  return node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration'
}

/** The names that a pattern declares, in order. */
function namesIn(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap(property => namesIn(property.type === 'RestElement' ? property : property.value))
    case 'ArrayPattern':
      return pattern.elements.flatMap(element => (element === null ? [] : namesIn(element)))
    case 'RestElement':
      return namesIn(pattern.argument)
    case 'AssignmentPattern':
      return namesIn(pattern.left)
    case 'MemberExpression':
      return []
  }
}

function nameOf(node: Identifier | Literal): string {
  return node.type === 'Identifier' ? node.name : String(node.value)
}
