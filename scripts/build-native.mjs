// Compiles the addon to dist/native/linux-x64/polyprocess.node unless it is up to date, and beside it the tracker's program and the addon
// that forks this version of Node (--all: every version). With --test, compiles and runs the C tests under each sanitizer and then the addon's smoke test.
// Runs before anything but the header package is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildForkAddon, buildForkAddons, forkAddons } from './support/fork-addon.mjs'
import { ScriptError } from './support/run.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const addon = join(root, 'dist/native/linux-x64/polyprocess.node')
const tracker = join(root, 'dist/native/linux-x64/polyprocess-names')
const headers = join(root, 'node_modules/node-api-headers/include')
const compiler = process.env.CC || 'cc'

const language = ['-std=c11', '-D_GNU_SOURCE', '-D_FILE_OFFSET_BITS=64', '-Inative', '-Inative/linux']
const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror']
const libraries = ['-pthread', '-lm']
const addonFlags = [
  ...['-O2', '-fPIC', '-fvisibility=hidden', '-shared', '-Wl,-z,relro,-z,now', '-s'],
  ...['-Inative/binding', `-I${headers}`, '-include', 'native/glibc_2_28.h'],
]

/** The tracker has a start of its own (`native/tracker/main.c`). */
const trackerFlags = [
  ...['-Os', '-fPIE', '-pie', '-nostartfiles', '-ffunction-sections', '-fdata-sections', '-fno-asynchronous-unwind-tables'],
  ...['-Wl,--gc-sections', '-Wl,-z,relro,-z,now', '-Wl,-z,noseparate-code', '-Wl,--build-id=none', '-s'],
  ...['-include', 'native/glibc_2_28.h'],
]

/** The C tests run once with each; a finding of a sanitizer ends them with a failure. */
const variants = {
  plain: ['-O2'],
  'address and undefined behaviour': ['-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  thread: ['-O1', '-g', '-fsanitize=thread'],
}

/** Milliseconds after which a test that hangs is ended; all of them together take two seconds. */
const patience = 180_000

/** The oldest glibc that the addon must load with. */
const oldestGlibc = [2, 28]

/** @param {string} folder */
function sourcesIn(folder) {
  const names = readdirSync(join(root, folder)).filter(name => name.endsWith('.c'))
  return names.map(name => `${folder}/${name}`).sort()
}

/** @param {string[]} parameters */
function compile(parameters) {
  const { status, error } = spawnSync(compiler, parameters, { cwd: root, stdio: 'inherit' })
  if (error) throw new ScriptError(`${compiler} could not be started: ${error.message}`)
  if (status !== 0) throw new ScriptError('The native sources do not compile')
}

function compilerVersion() {
  const { status, stdout } = spawnSync(compiler, ['--version'], { encoding: 'utf8' })
  if (status === 0) return stdout.split('\n')[0]
  throw new ScriptError(
    `No C compiler: "${compiler}" does not run. It is needed in the repository only, not by the package: apt-get install gcc libc6-dev`,
  )
}

function checkHeaders() {
  if (existsSync(headers)) return
  throw new ScriptError('The npm package node-api-headers is missing: npm ci')
}

/** @param {string[]} command */
function digest(command) {
  const hash = createHash('sha256').update(JSON.stringify([command, compilerVersion()]))
  const files = readdirSync(join(root, 'native'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[ch]$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !path.includes('/native/test/'))
  for (const path of [...files.sort(), join(headers, 'node_api.h'), join(headers, 'js_native_api.h')]) {
    hash.update(`${path.slice(root.length)}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

function buildAddon() {
  checkHeaders()
  build(addon, [...addonFlags, ...sourcesIn('native/linux'), ...sourcesIn('native/binding')])
}

function buildTracker() {
  build(tracker, [...trackerFlags, ...sourcesIn('native/linux'), ...sourcesIn('native/tracker')])
}

/**
 * @param {string} file
 * @param {string[]} parameters
 */
function build(file, parameters) {
  const command = [...language, ...warnings, ...parameters, ...libraries]
  const stamp = join(root, `build/stamps/${basename(file)}-digest`)
  const wanted = digest(command)
  if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  mkdirSync(dirname(file), { recursive: true })
  mkdirSync(dirname(stamp), { recursive: true })
  // Renamed into place: processes that have the old file mapped keep it, and nobody sees half a file.
  const fresh = `${file}.${process.pid}`
  try {
    compile([...command, '-o', fresh])
    renameSync(fresh, file)
  } finally {
    rmSync(fresh, { force: true })
  }
  writeFileSync(stamp, wanted)
}

/**
 * @param {string} name
 * @param {string[]} flags
 */
function runTests(name, flags) {
  const folder = join(root, 'build/native')
  mkdirSync(folder, { recursive: true })
  const program = join(folder, `test-${name.split(' ')[0]}`)
  const sources = ['native/linux', 'native/tracker', 'native/test'].flatMap(sourcesIn).filter(path => path !== 'native/tracker/main.c')
  compile([...language, ...warnings, ...flags, '-Inative/tracker', ...sources, ...libraries, '-o', program])
  return run(`C tests, ${name}`, program, [])
}

/**
 * @param {string} title
 * @param {string} file
 * @param {string[]} parameters
 */
function run(title, file, parameters) {
  console.log(`\n── ${title}`)
  const env = { ...process.env, TSAN_OPTIONS: 'halt_on_error=1 die_after_fork=0', UBSAN_OPTIONS: 'print_stacktrace=1' }
  const { status, signal, error } = spawnSync(file, parameters, {
    cwd: root,
    stdio: 'inherit',
    env,
    timeout: patience,
    killSignal: 'SIGKILL',
  })
  if (status === 0) return true
  console.log(`FAILED: ${error?.message ?? (signal ? `ended by ${signal}` : `exit status ${status}`)}`)
  return false
}

/** The oldest standard library of C++ that an addon must load with: Node 20's own needs. */
const oldestGlibcxx = [3, 4, 21]

/**
 * A newer compiler's headers may bind newer symbols without a word; `native/glibc_2_28.h` is where to bind the old ones.
 * @param {string} file
 */
function needsOldLibrariesOnly(file) {
  const { status, stdout } = spawnSync('objdump', ['-T', file], { encoding: 'utf8' })
  if (status !== 0) throw new ScriptError('objdump does not run; it comes with the compiler: apt-get install binutils')
  const newer = stdout
    .split('\n')
    .filter(line => needs(line, /GLIBC_([\d.]+)/, oldestGlibc) || needs(line, /GLIBCXX_([\d.]+)/, oldestGlibcxx))
  for (const line of newer)
    console.log(`${file}: newer than glibc ${oldestGlibc.join('.')} and libstdc++ ${oldestGlibcxx.join('.')}: ${line}`)
  return newer.length === 0
}

/**
 * @param {string} line
 * @param {RegExp} form
 * @param {readonly number[]} oldest
 */
function needs(line, form, oldest) {
  const version = form.exec(line)?.[1]?.split('.').map(Number) ?? []
  const different = version.findIndex((part, index) => part !== (oldest[index] ?? 0))
  return different !== -1 && Number(version[different]) > (oldest[different] ?? 0)
}

function test() {
  const results = Object.entries(variants).map(([name, flags]) => ({ name, passed: runTests(name, flags) }))
  results.push({ name: 'addon in Node', passed: run(`addon in Node ${process.version}`, process.execPath, ['native/test/smoke.mjs']) })
  results.push({
    name: `symbols of glibc ${oldestGlibc.join('.')}`,
    passed: [addon, tracker, ...forkAddons()].every(needsOldLibrariesOnly),
  })
  console.log(`\n${results.map(({ name, passed }) => `${passed ? 'ok    ' : 'FAILED'} ${name}`).join('\n')}`)
  if (results.some(({ passed }) => !passed)) throw new ScriptError('Native tests failed')
}

try {
  compilerVersion()
  buildAddon()
  buildTracker()
  if (process.argv.includes('--all')) buildForkAddons()
  else buildForkAddon()
  if (process.argv.includes('--test')) test()
} catch (error) {
  if (!(error instanceof ScriptError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
