/** Counts messages, in a process or a thread: told how many to expect, it answers after the last one. */

import { parentPort } from 'node:worker_threads'

let left = 0

const answer = (/** @type {unknown} */ message) => (parentPort === null ? process.send?.(message) : parentPort.postMessage(message))

/** @param {any} message */
function count(message) {
  if (left === 0) {
    left = message.expect
    return
  }
  left -= 1
  if (left === 0) answer('all')
}

if (parentPort === null) process.on('message', count)
else parentPort.on('message', count)
