// Fails when a file imports a floor that is not listed under its own, or when a file or a folder grows past its limit.
// The table is the architecture: ARCHITECTURE.md explains it, this script keeps it true.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesBelow, root } from './support/files.mjs'

const belowContext = [
  'manager',
  'executor',
  'pool',
  'process',
  'fork',
  'connection',
  'queue',
  'channel',
  'wire',
  'value',
  'sync',
  'memory',
  'native',
  'base',
]

/** Ground first. A floor may import itself and what is listed here. */
const floors = /** @type {Record<string, readonly string[]>} */ ({
  base: [],
  native: ['base'],
  memory: ['native', 'base'],
  sync: ['memory', 'native', 'base'],
  value: ['sync', 'memory', 'native', 'base'],
  wire: ['memory', 'native', 'base'],
  channel: ['wire', 'value', 'sync', 'memory', 'native', 'base'],
  queue: ['channel', 'wire', 'sync', 'memory', 'native', 'base'],
  connection: ['channel', 'wire', 'sync', 'memory', 'native', 'base'],
  fork: ['channel', 'wire', 'sync', 'memory', 'native', 'base'],
  process: ['fork', 'channel', 'wire', 'sync', 'memory', 'native', 'base'],
  pool: ['process', 'channel', 'wire', 'sync', 'memory', 'base'],
  executor: ['pool', 'process', 'wire', 'sync', 'base'],
  manager: ['process', 'channel', 'wire', 'sync', 'value', 'memory', 'base'],
  context: belowContext,
  index: ['context', ...belowContext],
  // The door of its name; that of the queues is called like its floor.
  futures: ['executor', 'base'],
  // How the bundle loads itself.
  boot: ['process', 'memory', 'base'],
  // What child processes run.
  programs: ['context', 'pool', 'process'],
  // The command line sees only what users see.
  tools: ['index'],
})

/** npm packages at run time; whoever only imports the library loads none. */
const packages = /** @type {Record<string, readonly string[]>} */ ({
  tools: ['commander', 'cli-progress'],
  wire: ['acorn'],
  pool: ['cli-progress'],
})

const maxLines = 400
const maxFilesInFolder = 12

/** @param {string} path */
function floorOf(path) {
  const [, name = ''] = path.split('/')
  return name.replace(/\.ts$/, '')
}

/**
 * What a source imports, in whatever form: static, for its side effect, re-exported, dynamic.
 * @param {string} source
 */
function importsOf(source) {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const forms = [/\bfrom\s*['"]([^'"]+)['"]/g, /(?<!['"])\bimport\s*['"]([^'"]+)['"]/g, /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g]
  return forms.flatMap(form => [...code.matchAll(form)].map(match => match[1] ?? ''))
}

/**
 * @param {string} path
 * @param {string} target what the file at `path` imports
 */
function importProblem(path, target) {
  const floor = floorOf(path)
  if (target.startsWith('node:')) return null
  if (!target.startsWith('.')) {
    return packages[floor]?.includes(target) ? null : `${path}: ${floor} may not load the package ${target}`
  }
  const into = join(dirname(path), target)
  if (!into.startsWith('src/')) return `${path}: imports ${into}, which is outside src`
  const allowed = floorOf(into) === floor || floors[floor]?.includes(floorOf(into))
  return allowed ? null : `${path}: ${floor} may not import ${floorOf(into)} (${target})`
}

/** @param {string} path */
function sourceProblems(path) {
  if (!Object.hasOwn(floors, floorOf(path))) return [`${path}: ${floorOf(path)} is not a floor; add it to the table`]
  const source = readFileSync(join(root, path), 'utf8')
  const problems = importsOf(source).map(target => importProblem(path, target))
  if (/\/index\.ts$/.test(path) && path !== 'src/index.ts')
    problems.push(`${path}: the doors out are src/index.ts and its like, none is further in`)
  if (/^export \*/m.test(source)) problems.push(`${path}: name each export instead of export *`)
  return problems.filter(problem => problem !== null)
}

/** @param {string} path */
function lengthProblems(path) {
  const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1
  return lines > maxLines ? [`${path}: ${lines} lines, the limit is ${maxLines}`] : []
}

/** @param {readonly string[]} paths */
function folderProblems(paths) {
  const counts = new Map()
  for (const path of paths) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  return [...counts].flatMap(([folder, count]) => [
    ...(count > maxFilesInFolder ? [`${folder}: ${count} files, the limit is ${maxFilesInFolder}`] : []),
    ...(folder.split('/').length > 3 ? [`${folder}: one subfolder deep is enough`] : []),
  ])
}

const sources = filesBelow('src').filter(path => path.endsWith('.ts'))
const code = ['src', 'test', 'scripts', 'native', 'bench'].flatMap(filesBelow).filter(path => /\.(ts|mjs|cjs|js|py|c|h|cc)$/.test(path))
const problems = [
  ...sources.flatMap(sourceProblems),
  ...code.flatMap(lengthProblems),
  ...folderProblems(code.filter(path => /^(src|test)\//.test(path))),
]
for (const problem of problems) process.stdout.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0
