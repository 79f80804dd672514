/** The first result of a pool under each start method, each in a program of its own. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../programs/first-result-main.mjs', import.meta.url))

/**
 * @param {string} library its URL
 * @param {number} workers
 */
export function clockStarts(library, workers) {
  const methods = ['fork', 'forkserver', 'spawn']
  return Object.fromEntries(methods.map(method => [`first-result-${method}`, run([library, method, String(workers)])]))
}

/** @param {string[]} words */
function run(words) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return Number(stdout)
}
