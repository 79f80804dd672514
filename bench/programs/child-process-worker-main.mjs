/** The worker of the hand-written pool over child_process.fork. */

import { answer } from '../support/hand-written-pool.mjs'
import * as tasks from '../support/tasks.mjs'

process.on('message', (/** @type {any} */ message) => {
  process.send?.(answer(tasks, message))
})
