/** The same over Node's own channels, in a process or a thread. */

import { parentPort } from 'node:worker_threads'

const answer = (/** @type {unknown} */ message) => (parentPort === null ? process.send?.(message) : parentPort.postMessage(message))
const take = (/** @type {Float64Array} */ array) => answer((array[0] ?? 0) + (array.at(-1) ?? 0))

if (parentPort === null) process.on('message', message => take(/** @type {Float64Array} */ (/** @type {unknown} */ (message))))
else parentPort.on('message', take)
