/** Python's multiprocessing, as plain `python3` has it: each trial is a program of its own in bench/python. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  runProgram,
  runMainJob: ({ workers, quick }) => runProgram('main_job.py', { workers, quick }),
}

/**
 * @param {string} program
 * @param {object} sizes
 * @returns {Promise<import('../harness/contracts.mjs').Measurement>}
 */
async function runProgram(program, sizes) {
  const path = fileURLToPath(new URL(`../python/${program}`, import.meta.url))
  const { stdout } = await execute('python3', ['-B', path, JSON.stringify(sizes)])
  return JSON.parse(stdout)
}
