/** A large array of numbers, filled by one process and looked at by another. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { median } from '../harness/statistics.mjs'
import { takeLarge, takeLargeSync } from '../programs/take-large.mjs'
import { listOthers } from '../support/beside-others.mjs'
import { judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'

export const title = 'a Float64Array of 64 MB through a queue, until the other process has read its first and last number and said so'

export const drivers = ['ours', 'python', 'child-process', 'worker-threads']

export const metrics = metricsIn({ ms: { better: 'lower', names: ['blocking', 'promise', 'shared', 'moved'] } })

export const headlines = ['blocking', 'promise']

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures =>
  [tabulateBesidePython(figures, { promise: 'blocking', shared: 'blocking' }), listOthers(figures)].join('\n')

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return [
    judgeRatios(figures, {
      bar: "64 MB: at least 20 times as fast as through Python's Queue",
      least: 20,
      pairs: { blocking: 'blocking', promise: 'blocking' },
    }),
    judgeRatios(figures, { bar: 'the same for an array in shared memory, which is not copied', least: 20, pairs: { shared: 'blocking' } }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const given = quick ? { length: 100_000, warmUps: 1, rounds: 3 } : { length: 8_000_000, warmUps: 3, rounds: 15 }
  if (driver.runProgram) return driver.runProgram('large.py', given)
  if (driver.library) return { values: await measureOurs(driver.library, given) }
  if (!hasProcesses(driver)) return { values: { promise: await measureThread(given, false), moved: await measureThread(given, true) } }
  return { values: { promise: await measureChild(given) } }
}

/** Of Node's own channels. @param {import('../harness/contracts.mjs').Driver} driver */
function hasProcesses({ startBareProcesses }) {
  return startBareProcesses !== undefined
}

/** @typedef {{ length: number, warmUps: number, rounds: number }} Given */

/** @param {string} path @param {Given} given */
async function measureOurs(path, given) {
  const library = await import(path)
  return {
    blocking: await withTaker(library, takeLargeSync, given, (queue, answers) => async array => {
      queue.putSync(array)
      return answers.getSync()
    }),
    promise: await withTaker(library, takeLarge, given, (queue, answers) => async array => {
      await queue.put(array)
      return answers.get()
    }),
    // Filled beforehand as the others are: what is clocked is handing it over.
    shared: await measureShared(library, given),
  }
}

/**
 * @param {any} library
 * @param {typeof takeLarge | typeof takeLargeSync} target
 * @param {Given} given
 * @param {(queue: any, answers: any) => (array: Float64Array) => Promise<number>} sender
 */
async function withTaker({ Process, Queue }, target, given, sender) {
  const [queue, answers] = [new Queue(), new Queue()]
  const taker = new Process({ target, args: [queue, answers, given.warmUps + given.rounds] })
  await taker.start()
  const time = await clock(given, sender(queue, answers))
  await taker.join()
  queue.close()
  answers.close()
  return time
}

/** @param {any} library @param {Given} given */
async function measureShared(library, given) {
  const array = new library.SharedArray('f64', given.length, { lock: false })
  return withTaker(library, takeLargeSync, given, (queue, answers) => async source => {
    array.fill(source[0])
    const start = performance.now()
    queue.putSync(array)
    const answer = answers.getSync()
    clocked = performance.now() - start
    return answer
  })
}

/** What a sender has clocked itself. */
let clocked = Number.NaN

/** @param {Given} given */
async function measureChild(given) {
  const child = fork(fileURLToPath(new URL('../programs/take-large-main.mjs', import.meta.url)), { serialization: 'advanced' })
  const time = await clock(given, async array => {
    child.send(/** @type {any} */ (array))
    return (await once(child, 'message'))[0]
  })
  const exit = once(child, 'exit')
  child.disconnect()
  await exit
  return time
}

/** @param {Given} given @param {boolean} moves */
async function measureThread(given, moves) {
  const worker = new Worker(new URL('../programs/take-large-main.mjs', import.meta.url))
  const time = await clock(given, async array => {
    worker.postMessage(array, moves ? [/** @type {ArrayBuffer} */ (array.buffer)] : [])
    return (await once(worker, 'message'))[0]
  })
  await worker.terminate()
  return time
}

/** The median time of a round. @param {Given} given @param {(array: Float64Array) => Promise<number>} send */
async function clock({ length, warmUps, rounds }, send) {
  const times = []
  for (let round = -warmUps; round < rounds; round += 1) {
    const array = new Float64Array(length).fill(round)
    const start = performance.now()
    clocked = Number.NaN
    const answer = await send(array)
    const time = Number.isNaN(clocked) ? performance.now() - start : clocked
    if (round >= 0) times.push(time)
    if (answer !== 2 * round) throw new Error(`Expected ${2 * round} as the answer, got ${answer}`)
  }
  return median(times)
}
