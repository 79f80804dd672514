/** What a parent holds or does while it starts processes; python/process_start.py has the same. */

import { setTimeout as sleep } from 'node:timers/promises'

const ringSize = 100_000
const slice = 1

/** After the load was built, the collector still works on it for a while. */
const settling = 500

/** @type {object[]} */
const ring = []
/** @type {object[]} */
const objects = []
/** @type {Uint8Array[]} */
const buffers = []
let allocated = 0

/**
 * @param {import('./process-start-plan.mjs').Part} part
 * @returns {Promise<() => void>} ends what goes on; what is held goes with the process
 */
export async function bearLoad({ load, amounts }) {
  let drop = () => {}
  const wanted = (/** @type {import('./process-start-plan.mjs').Load} */ name, /** @type {number} */ count) => (load === name ? count : 0)
  for (let index = 0; index < wanted('objects', amounts.objects); index += 1) objects.push({ id: index, next: index + 1 })
  for (let index = 0; index < wanted('buffers', amounts.buffers); index += 1) {
    buffers.push(new Uint8Array(amounts.bufferBytes).fill(index + 1))
  }
  if (load === 'allocating') drop = allocateInTurns()
  await sleep(settling)
  return drop
}

/** Reads every byte of the buffers, as words. */
export function sumOfBuffers() {
  let sum = 0
  for (const { buffer } of buffers) {
    const words = new Uint32Array(buffer)
    for (let index = 0; index < words.length; index += 1) sum = (sum + (words[index] ?? 0)) | 0
  }
  return sum
}

/** A millisecond of it in every turn of the event loop. */
function allocateInTurns() {
  let immediate = setImmediate(turn)
  function turn() {
    allocate()
    immediate = setImmediate(turn)
  }
  return () => clearImmediate(immediate)
}

/** Much garbage, and some that lives long enough to be moved. */
function allocate() {
  const end = performance.now() + slice
  while (performance.now() < end) {
    for (let count = 0; count < 100; count += 1, allocated += 1) {
      ring[allocated % ringSize] = { id: allocated, text: `item ${allocated}`, list: [allocated] }
    }
  }
}
