/** A member of `lock-contended`: takes and gives back a lock for some time, together with all the others. */

import { appendFileSync } from 'node:fs'

/** So many times between two looks at the clock. */
const stride = 16

/** @typedef {{ lock: any, counter: Int32Array, start: any, warmUp: number, time: number }} Contest `warmUp` and `time` in milliseconds */

/**
 * @param {string} path
 * @param {Contest} contest
 */
export function contendSync(path, { start, warmUp, time, ...contest }) {
  start.waitSync()
  const unclocked = takeSync(contest, warmUp)
  start.waitSync()
  const { count, spent } = takeSync(contest, time)
  appendFileSync(path, `${count} ${spent} ${unclocked.count}\n`)
}

/**
 * The same in promise form.
 * @param {string} path
 * @param {Contest} contest
 */
export async function contend(path, { start, warmUp, time, ...contest }) {
  await start.wait()
  const unclocked = await take(contest, warmUp)
  await start.wait()
  const { count, spent } = await take(contest, time)
  appendFileSync(path, `${count} ${spent} ${unclocked.count}\n`)
}

/**
 * @param {Pick<Contest, 'lock' | 'counter'>} contest
 * @param {number} time
 */
function takeSync({ lock, counter }, time) {
  const begin = performance.now()
  let count = 0
  let spent = 0
  for (; spent < time; spent = performance.now() - begin) {
    for (let round = 0; round < stride; round += 1) {
      lock.acquireSync()
      counter[0] = (counter[0] ?? 0) + 1
      lock.release()
    }
    count += stride
  }
  return { count, spent }
}

/**
 * @param {Pick<Contest, 'lock' | 'counter'>} contest
 * @param {number} time
 */
async function take({ lock, counter }, time) {
  const begin = performance.now()
  let count = 0
  let spent = 0
  for (; spent < time; spent = performance.now() - begin) {
    for (let round = 0; round < stride; round += 1) {
      await lock.acquire()
      counter[0] = (counter[0] ?? 0) + 1
      lock.release()
    }
    count += stride
  }
  return { count, spent }
}
