// Running the programs that the scripts are made of, and ending with one line instead of a stack trace.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { root } from './files.mjs'

/** A failure that the user can act on: its message is printed, its stack is not. */
export class ScriptError extends Error {}

/**
 * @typedef {{ quiet?: boolean, env?: NodeJS.ProcessEnv, cwd?: string }} RunOptions `quiet` collects the output instead of showing it.
 * @typedef {{ status: number, output: string }} RunResult The exit status (128 + signal as in a shell).
 */

/**
 * Runs a program to its end. Settles with its status; rejects only when it cannot be started.
 * @param {string} file
 * @param {readonly string[]} parameters
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(file, parameters, { quiet = false, env = process.env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit'
    const child = spawn(file, parameters, { cwd, env, stdio })
    let output = ''
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString()
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    // On a terminal both get Ctrl-C; we stay to tell how it ended.
    const stay = () => {}
    const forward = () => child.kill('SIGTERM')
    process.on('SIGINT', stay).on('SIGTERM', forward)
    child.on('error', error => reject(new ScriptError(`${file} could not be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      process.off('SIGINT', stay).off('SIGTERM', forward)
      resolve({ status: code ?? 128 + (signal ? constants.signals[signal] : 0), output })
    })
  })
}

/**
 * Runs a script of the repository with this Node.
 * @param {readonly string[]} parameters
 * @param {RunOptions} [options]
 */
export function runNode(parameters, options) {
  return run(process.execPath, parameters, options)
}

/**
 * Runs a script's main function: what it throws becomes a message and exit status 1.
 * @param {() => Promise<void> | void} main
 */
export async function runMain(main) {
  try {
    await main()
  } catch (error) {
    const text = error instanceof ScriptError ? error.message : error instanceof Error ? error.stack : String(error)
    process.stderr.write(`${text}\n`)
    process.exitCode = 1
  }
}
