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
