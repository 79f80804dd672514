/** The worker of the hand-written pool over worker_threads. */

import { parentPort } from 'node:worker_threads'
import { answer } from '../support/hand-written-pool.mjs'
import * as tasks from '../support/tasks.mjs'

parentPort?.on('message', message => {
  parentPort?.postMessage(answer(tasks, message))
})
