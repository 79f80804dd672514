/**
 * Every measurement in a process of its own, one at a time.
 *
 * The drivers take turns, run by run, so that what else the machine does meets all of them; each round of turns
 * starts with another driver, so that none always follows the same one.
 */

import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment } from './environment.mjs'

const program = fileURLToPath(new URL('../measure-main.mjs', import.meta.url))
const longestRun = 180_000
const longestFarewell = 2_000

/** Thrown when a measurement did not end as it should. */
export class MeasurementError extends Error {}

/**
 * @typedef {object} Series
 * @property {string} driver
 * @property {Map<string, number[]>} values a number per run for each metric
 * @property {Map<string, string>} unavailable
 * @property {string[]} failures
 */

/**
 * @param {string} trial
 * @param {import('./arguments.mjs').Request} request
 * @param {(driver: string, run: number) => void} onTurn
 * @returns {Promise<Series[]>}
 */
export async function measureTrial(trial, request, onTurn) {
  const all = request.drivers.map(emptySeries)
  for (let run = 0; run < request.runs; run += 1) {
    for (let turn = 0; turn < all.length; turn += 1) {
      const series = all[(turn + run) % all.length]
      if (series === undefined || hasNothingToMeasure(series)) continue
      onTurn(series.driver, run)
      await addRun(series, trial, request)
    }
  }
  return all
}

/** @param {string} driver @returns {Series} */
function emptySeries(driver) {
  return { driver, values: new Map(), unavailable: new Map(), failures: [] }
}

/** @param {Series} series */
function hasNothingToMeasure(series) {
  return series.failures.length > 0 || (series.values.size === 0 && series.unavailable.size > 0)
}

/**
 * @param {Series} series
 * @param {string} trial
 * @param {import('./arguments.mjs').Request} request
 */
async function addRun(series, trial, { workers, quick }) {
  try {
    const { values, unavailable = {} } = await measureOnce(trial, series.driver, { workers, quick })
    for (const [metric, value] of Object.entries(values)) {
      const numbers = series.values.get(metric) ?? []
      numbers.push(value)
      series.values.set(metric, numbers)
    }
    for (const [metric, reason] of Object.entries(unavailable)) series.unavailable.set(metric, reason)
  } catch (error) {
    if (!(error instanceof MeasurementError)) throw error
    series.failures.push(error.message)
  }
}

/**
 * @param {string} trial
 * @param {string} driver
 * @param {import('./contracts.mjs').MeasureOptions} options
 * @returns {Promise<import('./contracts.mjs').Measurement>}
 */
async function measureOnce(trial, driver, options) {
  // A session of its own, so that whatever the library started can be found, and ended, as one process group.
  const child = spawn(process.execPath, [program, trial, driver, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: cleanEnvironment(),
  })
  const group = child.pid
  if (group === undefined) throw new MeasurementError('the measuring process could not be started')
  const interrupt = endGroupOnSignals(group)
  const timer = setTimeout(() => killGroup(group), longestRun)
  try {
    const { exit, output, complaint } = await collect(child)
    if (exit !== 'exit status 0') throw new MeasurementError(`${exit}\n${complaint}`)
    await expectNothingLeft(group)
    return parseLastLine(output)
  } finally {
    // Whatever went wrong above may have left its children running.
    killGroup(group)
    clearTimeout(timer)
    interrupt.stop()
  }
}

/**
 * Waits for the process itself: a descendant that stays behind would keep its pipes open for ever.
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @returns {Promise<{ exit: string, output: string, complaint: string }>}
 */
async function collect(child) {
  let output = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', text => (output += text))
  child.stderr.setEncoding('utf8').on('data', text => (complaint += text))
  const exit = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (status, signal) =>
      resolve(signal ? `killed by ${signal} (SIGKILL: after ${longestRun} ms, by this program)` : `exit status ${status}`),
    )
  })
  await drained(child.stdout)
  await drained(child.stderr)
  return { exit, output, complaint }
}

/** @param {import('node:stream').Readable} stream */
async function drained(stream) {
  if (stream.readableEnded) return
  await Promise.race([new Promise(resolve => stream.once('end', resolve)), sleep(longestFarewell)])
}

/** @param {number} group */
async function expectNothingLeft(group) {
  const deadline = performance.now() + longestFarewell
  while (groupExists(group)) {
    if (performance.now() > deadline) {
      throw new MeasurementError('it left processes behind; they were killed')
    }
    await sleep(5)
  }
}

/** @param {number} group */
function groupExists(group) {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

/** @param {number} group */
function killGroup(group) {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // The usual case: all of the group have ended by themselves.
  }
}

/** @param {number} group */
function endGroupOnSignals(group) {
  const end = () => {
    killGroup(group)
    process.exit(130)
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  return { stop: () => process.off('SIGINT', end).off('SIGTERM', end) }
}

/** @param {string} output */
function parseLastLine(output) {
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(line)
  } catch {
    throw new MeasurementError(`expected a measurement in JSON, got "${line}"`)
  }
}
