// Brings a checkout up to date: npm packages, native addon, bundle, type declarations, tests. What is up to date costs nothing.
// Runs before anything is installed, so it uses Node's own modules only.
// Usage: node scripts/setup.mjs [packages] [native] [bundle] [types] [tests]   (all of them without arguments)
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, root } from './support/files.mjs'
import { forkStampFor } from './support/fork-addon.mjs'
import { withSetupLock } from './support/lock.mjs'
import { arePackagesInstalled } from './support/packages.mjs'
import { run, runMain, runNode, ScriptError } from './support/run.mjs'

/**
 * @typedef {object} Step
 * @property {string} does what is printed when it runs
 * @property {readonly string[]} inputs
 * @property {readonly string[]} outputs files that exist when it has run; not all of them
 * @property {() => Promise<import('./support/run.mjs').RunResult>} work
 */

const compiler = ['package-lock.json', 'tsconfig.json', 'scripts/build.mjs']

/** In this order; a later step needs the earlier ones. */
const steps = /** @type {Record<string, Step>} */ ({
  packages: {
    does: 'installing npm packages',
    inputs: [],
    outputs: [],
    work: () => run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { quiet: true }),
  },
  native: {
    does: 'building the native addons',
    inputs: ['native', 'scripts/build-native.mjs', 'scripts/support/fork-addon.mjs', 'package-lock.json'],
    // The last stands for fork in the Node that runs this; where it cannot be built, the stamp says why.
    outputs: ['dist/native/linux-x64/polyprocess.node', 'dist/native/linux-x64/polyprocess-names', forkStampFor(process.versions.modules)],
    work: () => runNode(['scripts/build-native.mjs'], { quiet: true }),
  },
  bundle: {
    does: 'bundling',
    inputs: ['src', 'package.json', ...compiler],
    outputs: ['dist/index.js', 'dist/queue.js', 'dist/futures.js', 'dist/tools/cli-main.js'],
    work: () => runNode(['scripts/build.mjs', 'bundle'], { quiet: true }),
  },
  types: {
    does: 'writing type declarations',
    inputs: ['src', 'tsconfig.build.json', ...compiler],
    outputs: ['dist/types/index.d.ts', 'dist/types/queue.d.ts', 'dist/types/futures.d.ts'],
    work: () => runNode(['scripts/build.mjs', 'types'], { quiet: true }),
  },
  tests: {
    does: 'compiling the tests',
    inputs: ['src', 'test', 'scripts/support/test-library.mjs', ...compiler],
    outputs: ['build/src/index.js', 'build/src/whole/library.js'],
    work: () => runNode(['scripts/build.mjs', 'tests'], { quiet: true }),
  },
})

/** @param {string} name */
const stampOf = name => join(root, 'build/stamps', name)

/** @param {string} name */
function isCurrent(name) {
  if (name === 'packages') return arePackagesInstalled()
  const { inputs, outputs } = stepNamed(name)
  if (!existsSync(stampOf(name)) || outputs.some(path => !existsSync(join(root, path)))) return false
  return readFileSync(stampOf(name), 'utf8') === digestOf(inputs)
}

/** @param {string} name */
async function bringUpToDate(name) {
  // Asked again: whoever held the lock may just have done it.
  if (isCurrent(name)) return
  const { does, inputs, work } = stepNamed(name)
  process.stderr.write(`set-up: ${does}\n`)
  // Taken before the work, so that a file edited meanwhile counts as changed; removed, so that half a result never counts as whole.
  const digest = digestOf(inputs)
  rmSync(stampOf(name), { force: true })
  const { status, output } = await work()
  if (status !== 0) throw new ScriptError(`${beginningOf(output)}\nset-up: ${does} failed (exit status ${status})`)
  mkdirSync(join(root, 'build/stamps'), { recursive: true })
  writeFileSync(stampOf(name), digest)
}

/**
 * The first lines name the cause; npm lets pages of advice follow.
 * @param {string} output
 */
function beginningOf(output) {
  const lines = output.trimEnd().split('\n')
  return lines.length > 40 ? [...lines.slice(0, 40), `(and ${lines.length - 40} more lines)`].join('\n') : lines.join('\n')
}

/** @param {string} name */
function stepNamed(name) {
  const step = steps[name]
  if (!step) throw new ScriptError(`set-up: there is no step "${name}"; the steps are ${Object.keys(steps).join(', ')}`)
  return step
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new ScriptError(`set-up: this needs Node 20.19 or later, and this is ${process.version}`)
}

await runMain(async () => {
  checkNode()
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(steps)
  if (wanted.every(isCurrent)) return
  await withSetupLock(async () => {
    for (const name of wanted) await bringUpToDate(name)
  })
})
