// Compiles the addon that forks Node to dist/native/linux-x64/fork-<modules version>.node: it sees V8's own headers, so there is one for
// each major version of Node. Runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { digestOf, root } from './files.mjs'
import { ScriptError } from './run.mjs'

const forkMajors = [20, 22, 24, 26]

const compiler = process.env.CXX || 'c++'
const sources = readdirSync(join(root, 'native/fork'))
  .filter(name => name.endsWith('.cc'))
  .map(name => `native/fork/${name}`)
  .sort()

const flags = [
  // Four of them are in the package: as small as they get. Without exceptions and run-time types, as Node and V8 are built.
  ...['-fno-exceptions', '-fno-rtti', '-fno-asynchronous-unwind-tables', '-ffunction-sections', '-fdata-sections'],
  ...['-Wl,--gc-sections', '-Wl,-z,noseparate-code', '-Wl,--build-id=none'],
  ...['-std=c++20', '-Os', '-s', '-fPIC', '-fvisibility=hidden', '-shared', '-pthread', '-Wl,-z,relro,-z,now', '-Wl,--as-needed'],
  ...['-Wall', '-Wextra', '-Wshadow', '-Werror', '-include', 'native/glibc_2_28.h', '-DNODE_GYP_MODULE_NAME=polyprocess_fork'],
]

/** @param {string} modules Node's number of its binary interface */
const addonFor = modules => join(root, `dist/native/linux-x64/fork-${modules}.node`)

/** @param {string} modules */
export const forkStampFor = modules => `build/stamps/fork-${modules}`

/** For the Node that runs this. Where it cannot be built, a line says why, and `fork` will not be available. */
export function buildForkAddon() {
  const { modules } = process.versions
  const headers = headersHere() ?? fetchHeaders(process.versions.node)
  const problem = headers === null ? `no headers of Node ${process.version} were found or could be fetched` : compilerProblem()
  if (problem !== null) {
    process.stderr.write(`The start method fork is not built: ${problem}\n`)
    writeStamp(modules, problem)
    return
  }
  build(/** @type {string} */ (headers))
}

/** For every version that the package supports. @throws ScriptError when one cannot be built */
export function buildForkAddons() {
  const problem = compilerProblem()
  if (problem !== null) throw new ScriptError(`The start method fork cannot be built: ${problem}`)
  for (const major of forkMajors) {
    const isOurs = process.versions.node.startsWith(`${major}.`)
    const headers = (isOurs ? headersHere() : null) ?? headersOfMatrix(major) ?? fetchHeaders(String(major))
    if (headers === null) throw new ScriptError(`The headers of Node ${major} could not be fetched`)
    build(headers)
  }
}

function compilerProblem() {
  const { status } = spawnSync(compiler, ['--version'], { encoding: 'utf8' })
  return status === 0 ? null : `no C++ compiler: "${compiler}" does not run (apt-get install g++)`
}

/** Those of the Node that runs this, if it was installed with them. */
function headersHere() {
  const { npm_config_nodedir } = process.env
  const folders = [join(dirname(process.execPath), '..'), ...(npm_config_nodedir ? [npm_config_nodedir] : [])]
  const found = folders.map(folder => join(folder, 'include/node')).find(folder => modulesVersion(folder) === process.versions.modules)
  return found ?? null
}

/** @param {number} major */
function headersOfMatrix(major) {
  const folder = join(root, `node_modules/.cache/node-matrix/${major}/node_modules/node-linux-${process.arch}/include/node`)
  return modulesVersion(folder) === undefined ? null : folder
}

/** @param {string} folder */
function modulesVersion(folder) {
  const file = join(folder, 'node_version.h')
  if (!existsSync(file) || !existsSync(join(folder, 'uv.h'))) return undefined
  return /#define NODE_MODULE_VERSION (\d+)/.exec(readFileSync(file, 'utf8'))?.[1]
}

/**
 * From the npm package with Node's binary, of which only the headers are kept.
 * @param {string} version
 */
function fetchHeaders(version) {
  const folder = join(root, 'node_modules/.cache/node-headers', version)
  const name = `node-linux-${process.arch}`
  const fetched = join(folder, 'node_modules', name)
  const headers = join(fetched, 'include/node')
  if (modulesVersion(headers) !== undefined) return headers
  process.stderr.write(`fetching the headers of Node ${version}\n`)
  mkdirSync(folder, { recursive: true })
  const parameters = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`]
  const { status } = spawnSync('npm', parameters, { stdio: 'ignore' })
  rmSync(join(fetched, 'bin'), { recursive: true, force: true })
  return status === 0 && modulesVersion(headers) !== undefined ? headers : null
}

/** @param {string} headers */
function build(headers) {
  const modules = /** @type {string} */ (modulesVersion(headers))
  const addon = addonFor(modules)
  const command = [...flags, '-isystem', headers, ...sources]
  const wanted = digest([...flags, modules, readFileSync(join(headers, 'node_version.h'), 'utf8')])
  if (existsSync(addon) && readStamp(modules) === wanted) return
  mkdirSync(dirname(addon), { recursive: true })
  // Renamed into place: processes that have the old file mapped keep it, and nobody sees half a file.
  const fresh = `${addon}.${process.pid}`
  try {
    const { status } = spawnSync(compiler, [...command, '-ldl', '-o', fresh], { cwd: root, stdio: 'inherit' })
    if (status !== 0) throw new ScriptError('The sources of native/fork do not compile')
    renameSync(fresh, addon)
  } finally {
    rmSync(fresh, { force: true })
  }
  writeStamp(modules, wanted)
}

/** @param {readonly string[]} parts */
function digest(parts) {
  const { stdout } = spawnSync(compiler, ['--version'], { encoding: 'utf8' })
  const content = digestOf(['native/fork', 'native/glibc_2_28.h', 'native/uv_layout.h'])
  return createHash('sha256')
    .update(JSON.stringify([parts, stdout, content]))
    .digest('hex')
}

/** @param {string} modules */
function readStamp(modules) {
  const path = join(root, forkStampFor(modules))
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/**
 * @param {string} modules
 * @param {string} text
 */
function writeStamp(modules, text) {
  const path = join(root, forkStampFor(modules))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Those that are there, for the look at their symbols. */
export function forkAddons() {
  const folder = join(root, 'dist/native/linux-x64')
  return readdirSync(folder)
    .filter(name => /^fork-\d+\.node$/.test(name))
    .map(name => join(folder, name))
}
