/** Node's own processes: a hand-written pool over the IPC channel of `child_process.fork`. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { HandWrittenPool } from '../support/hand-written-pool.mjs'
import { weighChildren } from '../support/idle-memory.mjs'
import { timeRoundTrips } from '../support/round-trips.mjs'

/** @param {string} name */
const program = name => fileURLToPath(new URL(`../programs/${name}`, import.meta.url))

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openPool,
  startBareProcesses,
  weighIdlePools: async workers => ({ values: { 'child-process-private': await weighChildren(startWorkers(workers), workers) } }),
  loadRoundTrips: async () => ({ promise }),
  lacks: {
    map: 'the IPC channel has no map',
    blocking: 'the IPC channel has no blocking receive',
  },
}

/** @param {number} workers */
function startWorkers(workers) {
  const pool = new HandWrittenPool()
  for (let worker = 0; worker < workers; worker += 1) {
    const child = startChild('child-process-worker-main.mjs')
    child.on('message', (/** @type {any} */ message) => pool.settle(message))
    pool.add({ send: message => child.send(message), close: () => endChild(child) })
  }
  return pool
}

/** @param {number} workers */
function openPool(workers) {
  const pool = startWorkers(workers)
  return {
    workersAre: /** @type {const} */ ('process'),
    whoAmI: () => pool.call('whoAmI'),
    squareAll: (/** @type {number[]} */ chunk) => pool.call('squareAll', chunk),
    burn: (/** @type {number} */ loops) => pool.call('burn', loops),
    changeArray: (/** @type {Float64Array} */ array) => pool.call('changeArray', array),
    close: () => pool.close(),
  }
}

/** The least that Node can do: start a process that does nothing, and hear that it ended, or hear from it. */
async function startBareProcesses() {
  const startOfEmpty = performance.now()
  await once(fork(program('empty.cjs')), 'exit')
  const timeToExit = performance.now() - startOfEmpty
  const start = performance.now()
  const child = fork(program('say-one-main.cjs'))
  const exit = once(child, 'exit')
  await once(child, 'message')
  const timeToMessage = performance.now() - start
  await exit
  return { 'fork-exit': timeToExit, 'fork-message': timeToMessage }
}

/** @type {import('../harness/contracts.mjs').RoundTrips} */
async function promise(counts) {
  const child = startChild('echo-child-main.mjs')
  /** @type {(ball: number) => void} */
  let receive = () => {}
  child.on('message', ball => receive(Number(ball)))
  const roundTrip = (/** @type {number} */ ball) =>
    new Promise((/** @type {(ball: number) => void} */ resolve) => {
      receive = resolve
      child.send(ball)
    })
  const times = await timeRoundTrips(roundTrip, counts)
  await endChild(child)
  return times
}

/** @param {string} name */
function startChild(name) {
  return fork(program(name), { serialization: 'advanced' })
}

/** @param {import('node:child_process').ChildProcess} child */
async function endChild(child) {
  const exit = once(child, 'exit')
  child.disconnect()
  await exit
}
