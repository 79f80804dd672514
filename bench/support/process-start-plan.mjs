/** What `process-start` measures: who starts processes how, beside what, how often; and the parts that are programs of their own. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A part that takes longer hangs: the whole measurement has three minutes. */
const longestPart = 60_000

export const loads = /** @type {const} */ (['idle', 'objects', 'allocating', 'buffers'])

/** @typedef {typeof loads[number]} Load what the parent holds or does while it starts processes */
/** @typedef {'fork' | 'forkserver' | 'spawn' | 'thread'} Method for Node's own, the start method that does the same */
/** @typedef {'ours' | 'python' | 'child-process' | 'worker-threads'} DriverName */

/**
 * @typedef {object} Part
 * @property {'starts' | 'private' | 'read' | 'speed'} kind
 * @property {DriverName} driver
 * @property {Method} method
 * @property {Load} load
 * @property {number} starts how many are clocked, or children watched
 * @property {Amounts} amounts
 */

/**
 * @typedef {object} Amounts
 * @property {number} objects
 * @property {number} buffers
 * @property {number} bufferBytes
 * @property {number} loopRounds of each loop of the speed test, in thousands
 */

/** @type {Record<DriverName, readonly Method[]>} */
export const methodsOf = {
  ours: ['fork', 'forkserver', 'spawn', 'thread'],
  python: ['fork', 'forkserver', 'spawn'],
  'child-process': ['spawn'],
  'worker-threads': ['thread'],
}

/**
 * All parts of a driver, in order.
 * @param {DriverName} driver
 * @param {boolean} quick
 * @returns {Part[]}
 */
export function partsOf(driver, quick) {
  const amounts = quick
    ? { objects: 100_000, buffers: 4, bufferBytes: 2 ** 25, loopRounds: 1_000 }
    : { objects: 1_000_000, buffers: 16, bufferBytes: 2 ** 26, loopRounds: 10_000 }
  const common = { driver, amounts }
  return methodsOf[driver].flatMap(method => [
    ...loads.map(load => ({ ...common, kind: /** @type {const} */ ('starts'), method, load, starts: startsOf(method, load, quick) })),
    ...othersOf(driver, method).map(kind => ({ ...common, kind, method, load: loadOf(kind), starts: quick ? 1 : childrenOf(kind) })),
  ])
}

/**
 * @param {Method} method
 * @param {Load} load
 * @param {boolean} quick
 */
function startsOf(method, load, quick) {
  const isFast = method === 'fork' || method === 'forkserver'
  if (quick) return isFast ? 10 : 3
  return (isFast ? 200 : 40) / (load === 'idle' ? 1 : 2)
}

/** A thread has no memory of its own that the system tells apart, and a process that is no fork has nothing of its parent's to read. */
function othersOf(/** @type {DriverName} */ driver, /** @type {Method} */ method) {
  /** @type {Part['kind'][]} */
  const kinds = method === 'thread' ? [] : ['private']
  if (method === 'fork') kinds.push('read')
  if (method === 'fork' && driver === 'ours') kinds.push('speed')
  return kinds
}

/** @returns {Load} */
const loadOf = (/** @type {Part['kind']} */ kind) => (kind === 'read' ? 'buffers' : 'idle')

const childrenOf = (/** @type {Part['kind']} */ kind) => (kind === 'speed' ? 9 : 3)

/**
 * Runs a part in a parent of its own: what one start method leaves behind must not weigh on the next.
 * @param {Part} part
 * @returns {Promise<import('../harness/contracts.mjs').Measurement>}
 */
export async function runPart(part) {
  const file = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
  const [command, ...words] =
    part.driver === 'python'
      ? ['python3', '-B', file('../python/process_start.py')]
      : [process.execPath, file('../programs/process-start-main.mjs')]
  try {
    const { stdout } = await execute(command, [...words, JSON.stringify(part)], { timeout: longestPart, killSignal: 'SIGKILL' })
    return JSON.parse(stdout)
  } catch (error) {
    throw new Error(`${part.method}, ${part.kind}, parent ${part.load}`, { cause: error })
  }
}
