/** Node's own threads: a hand-written pool over `postMessage`. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { HandWrittenPool } from '../support/hand-written-pool.mjs'
import { timeRoundTrips, timeRoundTripsSync } from '../support/round-trips.mjs'
import { SharedBall } from '../support/shared-ball.mjs'

/** @param {string} name */
const program = name => new URL(`../programs/${name}`, import.meta.url)

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openPool,
  loadRoundTrips: async () => ({ blocking, promise }),
  lacks: { map: 'postMessage has no map' },
}

/** @param {number} workers */
function openPool(workers) {
  const pool = new HandWrittenPool()
  for (let index = 0; index < workers; index += 1) {
    const worker = new Worker(program('worker-threads-worker-main.mjs'))
    worker.on('message', message => pool.settle(message))
    pool.add({ send: message => worker.postMessage(message), close: () => worker.terminate() })
  }
  return {
    workersAre: /** @type {const} */ ('thread'),
    whoAmI: () => pool.call('whoAmI'),
    squareAll: (/** @type {number[]} */ chunk) => pool.call('squareAll', chunk),
    burn: (/** @type {number} */ loops) => pool.call('burn', loops),
    changeArray: (/** @type {Float64Array} */ array) => pool.call('changeArray', array),
    close: () => pool.close(),
  }
}

/** @type {import('../harness/contracts.mjs').RoundTrips} */
async function blocking(counts) {
  const ball = new SharedBall()
  const worker = new Worker(program('echo-thread-main.mjs'), { workerData: { shared: ball.shared } })
  const exit = once(worker, 'exit')
  await once(worker, 'online')
  const times = timeRoundTripsSync(number => ball.roundTrip(number), counts)
  ball.stop()
  await exit
  return times
}

/** @type {import('../harness/contracts.mjs').RoundTrips} */
async function promise(counts) {
  const worker = new Worker(program('echo-thread-main.mjs'))
  /** @type {(ball: number) => void} */
  let receive = () => {}
  worker.on('message', ball => receive(ball))
  const roundTrip = (/** @type {number} */ ball) =>
    new Promise((/** @type {(ball: number) => void} */ resolve) => {
      receive = resolve
      worker.postMessage(ball)
    })
  const times = await timeRoundTrips(roundTrip, counts)
  await worker.terminate()
  return times
}
