/** The loops of `value` that have a counterpart in python/value.py. */

/** @typedef {import('./clock-loops.mjs').Loop} Loop */

/** Keeps what was read last, so that nothing is optimized away. */
let sink = 0

/** @param {any} library @returns {Record<string, Loop>} */
export function numberLoops({ Value, RawValue }) {
  const shared = new Value('i32', 0)
  const raw = new RawValue('i32', 0)
  return {
    'increment-run': rounds => {
      for (let round = 0; round < rounds; round += 1) {
        shared.lock.runSync(() => {
          shared.value += 1
        })
      }
    },
    'increment-acquire': rounds => {
      for (let round = 0; round < rounds; round += 1) {
        shared.lock.acquireSync()
        shared.value += 1
        shared.lock.release()
      }
    },
    'increment-add': rounds => {
      for (let round = 0; round < rounds; round += 1) shared.add(1)
    },
    'raw-increment': rounds => {
      for (let round = 0; round < rounds; round += 1) raw.value += 1
    },
  }
}

/**
 * Points, one after the other, again and again.
 * @param {any} points a struct array
 * @returns {Record<string, Loop>}
 */
export function structLoops(points) {
  const { length } = points
  return {
    'struct-read': rounds => {
      let sum = 0
      for (let round = 0; round < rounds; round += 1) sum += points.at(round % length).x
      sink = sum
    },
    'struct-write': rounds => {
      for (let round = 0; round < rounds; round += 1) points.at(round % length).y = round
    },
  }
}

/** Read by nobody, which the optimizer cannot know. */
export const lastRead = () => sink
