import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { commandLine, fixture, run, runMap } from './run-program.ts'

/** Wrong calls end before anything is read or printed on standard output. */
async function refuses(words: readonly string[], message: RegExp): Promise<void> {
  const { status, stdout, stderr } = await runMap(words)
  assert.match(stderr, message)
  assert.equal(stdout, '')
  assert.equal(status, 2)
}

test('map says at once that a file does not exist', () =>
  refuses(['./no-such-file.mjs#run', 'x'], /Cannot find the module '\.\/no-such-file\.mjs': there is no file \/.*no-such-file\.mjs/))

test('map says at once that a package cannot be found', () =>
  refuses(['no-such-package#run', 'x'], /Cannot find the module 'no-such-package': Cannot find package.*Install the package/))

test('map says at once that there is no such export, and names those that exist', () =>
  refuses([fixture('work.mjs#sqare'), 'x'], /has no export 'sqare'\. It exports: .*square/))

test('map says at once that the export is no function', () =>
  refuses([fixture('work.mjs#notAFunction'), 'x'], /Expected the export 'notAFunction' of .* to be a function, got 42/))

test('map says at once that the module throws while it is imported', () =>
  refuses([fixture('throws.mjs'), 'x'], /Cannot import .*throws\.mjs:\nError: this module cannot be loaded/))

test('map says at once that the module ends the process that imports it', () =>
  refuses([fixture('exits.mjs'), 'x'], /The process that imported .*exits\.mjs ended: .*7/))

test('map says at once that a file URL is none', () =>
  refuses(['file://host/x.mjs', 'x'], /Cannot find the module 'file:\/\/host\/x\.mjs': /))

test('map refuses a target without an export after the #', () =>
  refuses([`${fixture('work.mjs')}#`, 'x'], /Expected <module>#<export>, got /))

for (const [option, value] of Object.entries({ '--jobs': '0', '-j': 'two', '--chunk-size': '-1', '-c': '1.5' })) {
  test(`map refuses ${option} ${value} and says what it expects`, () =>
    refuses([option, value, fixture('work.mjs'), 'x'], new RegExp(`${option}.*Expected an integer of at least 1, got '${value}'`)))
}

for (const value of ['30', '0s', '-1s', '5 s', '1.s', '1d', 'soon', '']) {
  test(`map refuses --timeout '${value}' and says what it expects`, () =>
    refuses(['--timeout', value, fixture('work.mjs'), 'x'], /--timeout.*Expected a duration .*500ms, 30s, 5m or 1h, got '/))
}

for (const value of ['512', '0M', '-1G', '1X', '99999999T', '']) {
  test(`map refuses --max-memory '${value}' and says what it expects`, () =>
    refuses(['--max-memory', value, fixture('work.mjs'), 'x'], /--max-memory.*Expected a size .*512M or 2G, got '/))
}

test('map refuses --retries -1 and says what it expects', () =>
  refuses(['--retries', '-1', fixture('work.mjs'), 'x'], /--retries.*Expected an integer of at least 0, got '-1'/))

test('map refuses an option that it does not know', () =>
  refuses(['--job', '2', fixture('work.mjs')], /unknown option '--job'[\s\S]*Did you mean --jobs/))

test('map refuses to run without a target', () => refuses([], /missing required argument 'function'/))

test('the program without a command prints its help and exits with 2; --help and --version exit with 0', async () => {
  const bare = await run(commandLine, [])
  assert.match(bare.stderr, /Usage: polyprocess/)
  assert.equal(bare.status, 2)
  const help = await run(commandLine, ['map', '--help'])
  assert.match(help.stdout, /Exit status: 0 every item succeeded/)
  assert.equal(help.status, 0)
  const version = await run(commandLine, ['--version'])
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(version.status, 0)
})

test('map finds its module by file URL, by a path relative to the current folder, and by a package of the current folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polyprocess map-'))
  try {
    const source = "export default text => 'hello ' + text\n"
    const greeter = join(folder, 'node_modules', 'greeter')
    mkdirSync(greeter, { recursive: true })
    writeFileSync(join(folder, 'greet.mjs'), source)
    writeFileSync(join(greeter, 'index.mjs'), source)
    // Only for `import`: `require` would not find it.
    writeFileSync(join(greeter, 'package.json'), '{ "name": "greeter", "exports": { "import": "./index.mjs" } }')
    for (const module of [pathToFileURL(join(folder, 'greet.mjs')).href, './greet.mjs', 'greet.mjs', 'greeter', 'greeter#default']) {
      const { stdout, stderr } = await runMap([module, 'you'], { cwd: folder })
      assert.equal(stdout, 'hello you\n', `${module}: ${stderr}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('map takes items that begin with a dash after --', async () => {
  const { stdout } = await runMap(['--ordered', fixture('work.mjs'), '--', '-a', '--json'])
  assert.equal(stdout, '-A\n--JSON\n')
})
