/** Sends back what it gets: as a message, or by the words of shared memory that it was given. */

import { parentPort, workerData } from 'node:worker_threads'
import { ping, pong, stopBall, waitForChange } from '../support/shared-ball.mjs'

if (workerData?.shared) echoInSharedMemory(new Int32Array(workerData.shared))
else parentPort?.on('message', ball => parentPort?.postMessage(ball))

/** @param {Int32Array} words */
function echoInSharedMemory(words) {
  for (let last = 0; ; ) {
    last = waitForChange(words, ping, last)
    if (last === stopBall) return
    Atomics.store(words, pong, last)
    Atomics.notify(words, pong)
  }
}
