// The library as the tests load it: one file, and for each module of the sources a file that hands on what is its own in there. Hundreds of
// processes of the tests load the library; one file takes them a third of the time of two hundred.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { restoreClassNames } from './check-bundle.mjs'
import { filesBelow, root } from './files.mjs'

/** As deep as any floor, because modules look for things beside themselves. */
const whole = 'build/src/whole/library.js'
/** The modules by themselves: for tests that read and change them (test/explore), and for whoever looks what the compiler made. */
const each = 'build/each/'
const doorMark = '// A door to the whole library: scripts/support/test-library.mjs.\n'

/** Programs do something when they are imported, and the tools load the library as users do. */
const apart = /^src\/(tools|boot|programs)\/|-main\.ts$/

/**
 * After the compiler, which writes only what has changed; the rest are doors since the last time.
 * @param {import('esbuild').BuildOptions} common
 */
export async function bundleForTests(common) {
  const { build } = await import('esbuild')
  const modules = filesBelow('src').filter(path => path.endsWith('.ts') && !apart.test(path))
  setAside(modules.map(compiledOf))
  const names = await Promise.all(modules.map(path => exportsOf(aside(compiledOf(path)))))
  await build({
    ...common,
    stdin: { contents: modules.map((path, number) => entryFor(path, names[number] ?? [], number)).join('\n'), resolveDir: root },
    outfile: whole,
    format: 'esm',
    // Nothing is folded: what tests look at are the sources.
    minifySyntax: false,
  })
  restoreClassNames([whole])
  for (const [number, path] of modules.entries()) writeFileSync(join(root, compiledOf(path)), doorFor(path, names[number] ?? [], number))
}

/** @param {readonly string[]} compiled */
function setAside(compiled) {
  const kept = new Set(compiled.map(aside))
  for (const path of filesBelow(each)) if (!kept.has(path)) rmSync(join(root, path))
  for (const path of compiled) {
    const text = readFileSync(join(root, path), 'utf8')
    if (text.startsWith(doorMark)) continue
    mkdirSync(join(root, dirname(aside(path))), { recursive: true })
    writeFileSync(join(root, aside(path)), text)
  }
}

/** @param {string} compiled */
function aside(compiled) {
  return compiled.replace('build/src/', each)
}

/** @param {string} path */
function compiledOf(path) {
  return `build/${path.replace(/\.ts$/, '.js')}`
}

/**
 * Two modules may have something of the same name, so each has its number in there.
 * @param {string} path
 * @param {readonly string[]} names
 * @param {number} number
 */
function entryFor(path, names, number) {
  if (names.length === 0) return `import './${path}'`
  return `export { ${names.map(name => `${name} as ${name}_${number}`).join(', ')} } from './${path}'`
}

/**
 * @param {string} path
 * @param {readonly string[]} names
 * @param {number} number
 */
function doorFor(path, names, number) {
  const target = relative(dirname(path), 'src/whole/library.js')
  const specifier = target.startsWith('.') ? target : `./${target}`
  if (names.length === 0) return `${doorMark}import '${specifier}'\n`
  return `${doorMark}export { ${names.map(name => `${name}_${number} as ${name}`).join(', ')} } from '${specifier}'\n`
}

/**
 * What a compiled module exports.
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function exportsOf(path) {
  const { parse } = await import('acorn')
  const { body } = parse(readFileSync(join(root, path), 'utf8'), { ecmaVersion: 'latest', sourceType: 'module' })
  return body.flatMap(statement => (statement.type === 'ExportNamedDeclaration' ? namesOf(statement) : []))
}

/**
 * @param {import('acorn').ExportNamedDeclaration} statement
 * @returns {string[]}
 */
function namesOf({ declaration, specifiers }) {
  if (declaration?.type === 'VariableDeclaration') return declaration.declarations.map(({ id }) => nameOf(id))
  if (declaration) return [nameOf(declaration.id)]
  return specifiers.map(({ exported }) => nameOf(exported))
}

/**
 * @param {import('acorn').Node} node
 * @returns {string}
 */
function nameOf(node) {
  return /** @type {import('acorn').Identifier} */ (node).name
}
