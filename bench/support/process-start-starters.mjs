/** Every way of starting a process or thread from Node, behind one shape. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

/** @typedef {import('./process-start-plan.mjs').Part} Part */

/**
 * A child that writes a line when it begins, and ends or stays.
 * @typedef {object} Child
 * @property {() => void} start
 * @property {() => Promise<void>} ended fails if it ended otherwise than by itself or by `stop`
 * @property {() => void} stop
 */

/**
 * @typedef {(path: string, stay: 'stay' | 'end') => Child} Starter
 */

const program = new URL('../programs/process-start-child-main.cjs', import.meta.url)

/**
 * @param {Part} part
 * @returns {Promise<Starter | null>} null: this start method does not exist here
 */
export async function openStarter({ driver, method }) {
  if (driver === 'child-process') return childProcess
  if (driver === 'worker-threads') return workerThread
  const start = await openOurs(method)
  return start && ((path, stay) => start(firstLine, [path, stay]))
}

/**
 * Not exported, so that it travels by value where it travels: nothing is imported for it, as nothing is for an empty script. It
 * captures nothing for the same reason.
 * @param {string} path
 * @param {'stay' | 'end'} stay
 */
function firstLine(path, stay) {
  const time = process.hrtime.bigint()
  process.getBuiltinModule('node:fs').appendFileSync(path, `${time} ${process.pid}\n`)
  if (stay === 'stay') setInterval(() => {}, 1e9)
}

/**
 * @param {string} method
 * @returns {Promise<((target: (...args: any[]) => unknown, args: unknown[]) => Child) | null>}
 */
export async function openOurs(method) {
  const library = await import(new URL('../../dist/index.js', import.meta.url).href)
  const { Process } = contextOf(library, method) ?? {}
  if (Process === undefined) return null
  return (target, args) => ourChild(new Process({ target, args }))
}

/**
 * A library without contexts starts processes in one way.
 * @param {any} library
 * @param {string} method
 */
function contextOf(library, method) {
  if (library.getContext === undefined) return method === 'spawn' ? library : undefined
  return library.getAllStartMethods().includes(method) ? library.getContext(method) : undefined
}

/** @param {any} process @returns {Child} */
function ourChild(process) {
  let started = Promise.resolve()
  let stopped = false
  return {
    start: () => {
      started = process.start()
    },
    ended: async () => {
      await started
      await process.join()
      if (!stopped && process.exitCode !== 0) throw new Error(`the child ended with exit code ${process.exitCode}`)
      process.close()
    },
    stop: () => {
      stopped = true
      process.terminate()
    },
  }
}

/** @type {Starter} */
function childProcess(path, stay) {
  return nodesChild(() => fork(fileURLToPath(program), [path, stay]))
}

/** @type {Starter} */
function workerThread(path, stay) {
  return nodesChild(() => new Worker(program, { argv: [path, stay] }))
}

/**
 * @param {() => import('node:child_process').ChildProcess | Worker} make
 * @returns {Child}
 */
function nodesChild(make) {
  /** @type {import('node:child_process').ChildProcess | Worker} */
  let child
  /** @type {Promise<unknown[]>} */
  let exit
  let stopped = false
  return {
    start: () => {
      child = make()
      exit = once(child, 'exit')
    },
    ended: async () => {
      const [code, signal = null] = await exit
      if (!stopped && code !== 0) throw new Error(`the child ended with ${signal ?? `exit code ${code}`}`)
    },
    stop: () => {
      stopped = true
      if ('kill' in child) child.kill()
      else child.terminate()
    },
  }
}
