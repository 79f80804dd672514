/** What the command line asks for, checked before anything is installed or measured. */

import { parseArgs } from 'node:util'
import { driverNames, trialNames } from './registry.mjs'

/** A command line that cannot be obeyed; its message is for the person who typed it. */
export class UsageError extends Error {}

export const usage = `Usage: node bench/run.mjs <trial…|all> [options]

  --driver a,b    only these drivers (default: all)
  --runs N        fresh processes per trial and driver (default 5, with --quick 1)
  --workers N     workers of every pool (default 2)
  --quick         small sizes: shows that it works, its figures mean little
  --json          one line per figure on standard output, and nothing else
  --help          this text

Trials:  ${trialNames.join(', ')}
Drivers: ${driverNames.join(', ')}
`

const flags = /** @type {const} */ ({
  driver: { type: 'string', multiple: true },
  runs: { type: 'string' },
  workers: { type: 'string', default: '2' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
})

/**
 * @typedef {object} Request
 * @property {string[]} trials
 * @property {string[]} drivers
 * @property {number} runs
 * @property {number} workers
 * @property {boolean} quick
 * @property {boolean} json
 * @property {boolean} help
 */

/**
 * @param {string[]} words
 * @returns {Request}
 */
export function parseRequest(words) {
  const { values, positionals } = parse(words)
  const { quick, json, help } = values
  const runs = wholeNumber('--runs', values.runs ?? (quick ? '1' : '5'))
  const workers = wholeNumber('--workers', values.workers)
  if (help) return { trials: [], drivers: [], runs, workers, quick, json, help }
  const drivers = (values.driver ?? ['all']).flatMap(list => list.split(','))
  return {
    trials: choose('trial', positionals, trialNames),
    drivers: choose('driver', drivers, driverNames),
    runs,
    workers,
    quick,
    json,
    help,
  }
}

/** @param {string[]} words */
function parse(words) {
  try {
    return parseArgs({ args: words, options: flags, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/**
 * @param {string} flag
 * @param {string} word
 */
function wholeNumber(flag, word) {
  const number = Number(word)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new UsageError(`Expected ${flag} to be an integer of at least 1, got "${word}"`)
}

/**
 * @param {string} kind
 * @param {string[]} wanted
 * @param {readonly string[]} existing
 */
function choose(kind, wanted, existing) {
  const list = existing.join(', ')
  if (wanted.length === 0) throw new UsageError(`Expected at least one ${kind}, or "all". There are: ${list}`)
  const unknown = wanted.filter(name => name !== 'all' && !existing.includes(name))
  if (unknown.length > 0) throw new UsageError(`Unknown ${kind} "${unknown.join('", "')}". There are: ${list}`)
  return wanted.includes('all') ? [...existing] : existing.filter(name => wanted.includes(name))
}
