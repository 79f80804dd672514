/** What the pools' workers do: the same functions for every Node driver. */

import { isMainThread, threadId } from 'node:worker_threads'

/** Who runs this: a process answers with its pid, a thread with its thread id below zero, so that neither passes for the other. */
export function whoAmI() {
  return isMainThread ? process.pid : -threadId
}

/** @param {number} number */
export function square(number) {
  return number * number
}

/** @param {number[]} numbers */
export function squareAll(numbers) {
  return numbers.map(square)
}

/**
 * Arithmetic that takes a time in proportion; returns who did it.
 * @param {number} loops
 */
export function burn(loops) {
  let number = 1
  for (let loop = 0; loop < loops; loop += 1) number = (Math.imul(number, 1_664_525) + 1_013_904_223) >>> 0
  // Never so: but the loop has to be run to know.
  return number === 0.5 ? 0 : whoAmI()
}
const nothing = new Int32Array(new SharedArrayBuffer(4))

/** Keeps a worker for some ms without having it do anything, so that each gets one; returns who it is. */
export function pause() {
  Atomics.wait(nothing, 0, 0, 5)
  return whoAmI()
}

/**
 * Looks at both ends of the array and gives it back, changed.
 * @param {Float64Array} array
 */
export function changeArray(array) {
  array[0] = (array[0] ?? 0) + (array.at(-1) ?? 0)
  return array
}
