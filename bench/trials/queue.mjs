/** A stream of small items through a queue, from one process to another. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import * as ends from '../programs/stream-items.mjs'
import { judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { listOthers } from '../support/beside-others.mjs'
import { streamMessages } from '../support/stream-messages.mjs'

export const title = 'items per second through a queue, from one process (worker-threads: thread) to another, the last one received'

export const drivers = ['ours', 'python', 'child-process', 'worker-threads']

const makes = ['ints', 'objects']
const forms = /** @type {const} */ ({
  '': { put: ends.putAllSync, get: ends.getAllSync, maxSize: 0 },
  '-bounded': { put: ends.putAllSync, get: ends.getAllSync, maxSize: 1_000 },
  '-promise': { put: ends.putAll, get: ends.getAll, maxSize: 0 },
  '-promise-bounded': { put: ends.putAll, get: ends.getAll, maxSize: 1_000 },
  '-batches': { put: ends.putAllInBatchesSync, get: ends.getAllInBatchesSync, maxSize: 0 },
  '-promise-batches': { put: ends.putAllInBatches, get: ends.getAllInBatches, maxSize: 0 },
})

export const metrics = metricsIn({
  'items/s': { better: 'higher', names: makes.flatMap(make => Object.keys(forms).map(form => `${make}${form}`)) },
})

export const headlines = ['ints', 'ints-promise']

/** Python has one form, without batches. */
const counterparts = Object.fromEntries(
  makes.flatMap(make => Object.keys(forms).map(form => [`${make}${form}`, form.endsWith('bounded') ? `${make}-bounded` : make])),
)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => [tabulateBesidePython(figures, counterparts), listOthers(figures)].join('\n')

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  const bar = (/** @type {string} */ name, /** @type {number} */ least, /** @type {string[]} */ suffixes) =>
    judgeRatios(figures, {
      bar: `${name}: at least ${least} times Python's item by item`,
      least,
      pairs: Object.fromEntries(
        makes.flatMap(make => suffixes.map(suffix => [`${make}${suffix}`, counterparts[`${make}${suffix}`] ?? ''])),
      ),
    })
  return [
    bar('blocking', 8, ['', '-bounded']),
    bar('promises', 4, ['-promise', '-promise-bounded']),
    bar('batches', 20, ['-batches', '-promise-batches']),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const counts = quick ? { warmUp: 2_000, count: 10_000, batch: 500 } : { warmUp: 100_000, count: 400_000, batch: 500 }
  if (driver.runProgram) return driver.runProgram('queue_stream.py', { ...counts, makes })
  if (driver.library) return { values: await measureOurs(driver.library, counts) }
  const open = driver.startBareProcesses === undefined ? openThread : openChild
  /** @type {Record<string, number>} */
  const values = {}
  for (const make of makes) values[`${make}-promise`] = await streamMessages(open(), make, counts)
  return { values, unavailable: { ints: 'messages, not a queue', objects: 'messages, not a queue' } }
}

/**
 * @param {string} path
 * @param {{ warmUp: number, count: number, batch: number }} counts
 */
async function measureOurs(path, { warmUp, count, batch }) {
  const { Process, Queue } = await import(path)
  /** @type {Record<string, number>} */
  const values = {}
  for (const make of makes) {
    for (const [form, { put, get, maxSize }] of Object.entries(forms)) {
      const [queue, answers] = [new Queue({ maxSize }), new Queue()]
      const streams = [warmUp, count].map(each => ({ count: each, batch, make }))
      const consumer = new Process({ target: get, args: [queue, answers, streams] })
      await consumer.start()
      let time = Number.NaN
      for (const stream of streams) {
        const start = performance.now()
        await put(queue, stream)
        answers.getSync()
        time = performance.now() - start
      }
      await consumer.join()
      values[`${make}${form}`] = (count * 1_000) / time
      queue.close()
      answers.close()
    }
  }
  return values
}

function openChild() {
  const child = fork(fileURLToPath(new URL('../programs/count-messages-main.mjs', import.meta.url)), { serialization: 'advanced' })
  return {
    send: (/** @type {unknown} */ message) => void child.send(/** @type {any} */ (message)),
    receive: async () => (await once(child, 'message'))[0],
    close: async () => {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

function openThread() {
  const worker = new Worker(new URL('../programs/count-messages-main.mjs', import.meta.url))
  return {
    send: (/** @type {unknown} */ message) => worker.postMessage(message),
    receive: async () => (await once(worker, 'message'))[0],
    close: () => worker.terminate(),
  }
}
