/** `node bench/run.mjs <trial…|all>`: measures trial × driver and prints the figures. */

import { parseRequest, usage, UsageError } from './harness/arguments.mjs'
import { removedNames } from './harness/environment.mjs'
import { toFigures } from './harness/figures.mjs'
import { ensureRivals } from './harness/install.mjs'
import { describeMachine } from './harness/machine.mjs'
import { measureTrial } from './harness/measure.mjs'
import { loadTrial, packagedDrivers, takingPart } from './harness/registry.mjs'
import { toJsonLine, toNotes, toTable, toVerdicts } from './harness/report.mjs'

/** @typedef {import('./harness/arguments.mjs').Request} Request */

try {
  process.exitCode = await main(parseRequest(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 2
}

/**
 * @param {Request} request
 * @returns {Promise<number>} the exit status: 1 if a measurement failed
 */
async function main(request) {
  if (request.help) {
    process.stdout.write(usage)
    return 0
  }
  const trials = await Promise.all(request.trials.map(name => planTrial(name, request)))
  if (trials.some(({ drivers }) => drivers.some(name => packagedDrivers.includes(name)))) ensureRivals()
  if (!request.json) process.stdout.write(`${heading(request)}\n`)
  let failures = 0
  for (const { name, trial, drivers } of trials) failures += await runTrial(name, trial, { ...request, drivers })
  return failures > 0 ? 1 : 0
}

/**
 * @param {string} name
 * @param {Request} request
 */
async function planTrial(name, request) {
  const trial = await loadTrial(name)
  return { name, trial, drivers: takingPart(trial, request.drivers) }
}

/**
 * @param {string} name
 * @param {import('./harness/contracts.mjs').Trial} trial
 * @param {Request} request with the drivers that take part
 */
async function runTrial(name, trial, request) {
  const all = await measureTrial(name, request, (driver, run) => showTurn(`${name} ${driver} ${run + 1}/${request.runs}`))
  showTurn('')
  const figures = toFigures(name, trial, all)
  const notes = [
    ...(all.length === 0 ? [`${name} n/a: none of the chosen drivers takes part`] : toNotes(name, all)),
    ...toVerdicts(name, trial, figures),
  ]
  if (request.json) {
    for (const figure of figures) process.stdout.write(`${toJsonLine(figure)}\n`)
    for (const note of notes) process.stderr.write(`${note}\n`)
  } else {
    process.stdout.write(`\n${toTable(name, trial, figures)}\n${notes.map(note => `  ${note}\n`).join('')}`)
  }
  return all.filter(({ failures }) => failures.length > 0).length
}

/** @param {Request} request */
function heading({ runs, workers, quick }) {
  const quickly = quick ? ' Quick sizes: these figures mean little.' : ''
  const removed = removedNames()
  return [
    describeMachine(),
    ...(removed.length > 0 ? [`Not passed on to the measurements: ${removed.join(', ')}`] : []),
    `${workers} workers in every pool; ${runs === 1 ? 'one run' : `median of ${runs} runs`}, each in a fresh process.${quickly}`,
    '* the headline figure. "ours is 2.00 times as good": twice the rate, or half the time.',
  ].join('\n')
}

/** What is being measured, on a line that the next one overwrites. @param {string} text */
function showTurn(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
}
