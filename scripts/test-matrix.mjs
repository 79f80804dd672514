// Runs the suite and the main job under every supported version of Node, and prints a table.
// Usage: node scripts/test-matrix.mjs [--quick] [part of a test's path…]   (--quick: the main job on little input)
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from './support/files.mjs'
import { run, runMain, ScriptError } from './support/run.mjs'

const majors = [20, 22, 24, 26]

/**
 * The binary of a major version. The npm package `node` fetches it in an install script; the package with the binary itself,
 * which that script asks for, needs none.
 * @param {number} major
 */
async function nodeFor(major) {
  const folder = join(root, 'node_modules/.cache/node-matrix', String(major))
  const name = `node-linux-${process.arch}`
  const binary = join(folder, 'node_modules', name, 'bin/node')
  if (existsSync(binary)) return binary
  process.stderr.write(`matrix: fetching Node ${major}\n`)
  mkdirSync(folder, { recursive: true })
  const { status, output } = await run('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', `${name}@${major}`], {
    quiet: true,
  })
  if (status !== 0) throw new ScriptError(`matrix: Node ${major} could not be fetched\n${output.trimEnd()}`)
  return binary
}

/**
 * @param {string} binary
 * @param {readonly string[]} parameters
 */
async function runWith(binary, parameters) {
  const started = Date.now()
  // A test that starts `node` by name means the version under test.
  const env = { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH ?? ''}` }
  const { status, output } = await run(binary, parameters, { quiet: true, env })
  return { passed: status === 0, output, seconds: (Date.now() - started) / 1000 }
}

/**
 * @param {number} major
 * @param {readonly string[]} filters
 * @param {readonly string[]} jobOptions
 */
async function tryVersion(major, filters, jobOptions) {
  const binary = await nodeFor(major)
  const version = (await run(binary, ['--version'], { quiet: true })).output.trim()
  const tests = await runWith(binary, ['scripts/test.mjs', ...filters])
  const job = await runWith(binary, ['dist/tools/main-job-main.js', ...jobOptions])
  for (const { passed, output } of [tests, job]) {
    if (!passed) process.stdout.write(`\nNode ${version}:\n${output}\n`)
  }
  return { version, tests, job }
}

/** @param {string} output what Node's runner printed; its summary comes last */
function countIn(output, /** @type {string} */ word) {
  return [...output.matchAll(new RegExp(`^\\S+ ${word} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? '?'
}

/** @param {Awaited<ReturnType<typeof tryVersion>>} row */
function toLine({ version, tests, job }) {
  const counts = `${countIn(tests.output, 'pass')} of ${countIn(tests.output, 'tests')}`
  const cells = [
    version,
    tests.passed ? 'ok' : 'FAIL',
    counts,
    tests.seconds.toFixed(1),
    job.passed ? 'ok' : 'FAIL',
    job.seconds.toFixed(1),
  ]
  return cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')
}

const widths = [10, 5, 14, 8, 8, 7]

await runMain(async () => {
  const parameters = process.argv.slice(2)
  const filters = parameters.filter(parameter => !parameter.startsWith('--'))
  const jobOptions = parameters.filter(parameter => parameter.startsWith('--'))
  for (const major of majors) await nodeFor(major)
  const built = await run(process.execPath, ['scripts/build-native.mjs', '--all'])
  if (built.status !== 0) throw new ScriptError('matrix: the addons could not be built')
  const rows = []
  for (const major of majors) rows.push(await tryVersion(major, filters, jobOptions))
  const heading = ['Node', 'tests', 'passed', 'seconds', 'main job', 'seconds'].map((cell, index) => cell.padEnd(widths[index] ?? 0))
  process.stdout.write(`${[heading.join('  '), ...rows.map(toLine)].join('\n')}\n`)
  const failed = rows.filter(({ tests, job }) => !tests.passed || !job.passed)
  if (failed.length > 0) throw new ScriptError(`matrix: failed on ${failed.map(row => row.version).join(', ')}`)
})
