// Runs the compiled tests with Node's own runner, then looks whether they left anything behind.
// Usage: node scripts/test.mjs [--stress] [--repeat N] [--for-node-option…] [part of a path…]
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, root } from './support/files.mjs'
import { watchForLeftovers } from './support/leftovers.mjs'
import { runMain, runNode, ScriptError } from './support/run.mjs'

/** @param {readonly string[]} parameters */
function parse(parameters) {
  const request = { stress: false, repeat: 1, filters: /** @type {string[]} */ ([]), options: /** @type {string[]} */ ([]) }
  for (let index = 0; index < parameters.length; index += 1) {
    const parameter = parameters[index] ?? ''
    if (parameter === '--stress') request.stress = true
    else if (parameter === '--repeat') request.repeat = Number(parameters[++index])
    else if (parameter.startsWith('--')) request.options.push(parameter)
    else request.filters.push(parameter)
  }
  if (Number.isInteger(request.repeat) && request.repeat >= 1) return request
  throw new ScriptError('Expected --repeat to be followed by an integer of at least 1')
}

/** @param {ReturnType<typeof parse>} request */
function findTests({ stress, filters }) {
  const all = filesBelow('build/test').filter(path => path.endsWith('.test.js') && path.startsWith('build/test/stress/') === stress)
  const files = all.filter(path => filters.length === 0 || filters.some(filter => path.slice('build/test/'.length).includes(filter)))
  if (files.length > 0) return files
  throw new ScriptError(filters.length > 0 ? `No test file matches ${filters.join(' or ')}` : 'There is no test file')
}

/**
 * @param {readonly string[]} files
 * @param {ReturnType<typeof parse>} request
 */
async function runTests(files, { options, stress }) {
  const run = `${process.pid}-${Date.now()}`
  const marker = `POLYPROCESS_TEST_RUN=${run}`
  const countFile = join(root, 'build', `tests-${run}`)
  mkdirSync(join(root, 'build'), { recursive: true })
  const leftovers = watchForLeftovers(marker)
  const { status } = await runNode(
    [
      '--test',
      `--test-concurrency=${stress ? 1 : 2}`,
      `--test-timeout=${stress ? 900_000 : 120_000}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./scripts/support/count-reporter.mjs',
      `--test-reporter-destination=${countFile}`,
      ...options,
      ...files,
    ],
    { env: { ...process.env, POLYPROCESS_TEST_RUN: run } },
  )
  const count = existsSync(countFile) ? Number(readFileSync(countFile, 'utf8')) : 0
  rmSync(countFile, { force: true })
  const left = await leftovers()
  if (left.length > 0) throw new ScriptError(`The tests left behind:\n${left.join('\n')}`)
  if (status !== 0) throw new ScriptError(`The tests failed (exit status ${status})`)
  if (count === 0) throw new ScriptError('Not a single test ran')
}

await runMain(async () => {
  const request = parse(process.argv.slice(2))
  const files = findTests(request)
  for (let round = 1; round <= request.repeat; round += 1) {
    if (request.repeat > 1) process.stdout.write(`round ${round} of ${request.repeat}\n`)
    await runTests(files, request)
  }
})
