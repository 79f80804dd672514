/** The worker of poolifier: it is told by name what to run. */

import { ThreadWorker } from 'poolifier'
import { square, squareAll, whoAmI } from '../support/tasks.mjs'

// Its types allow tasks without data; ours always have some.
/** @type {any} */
const tasks = { whoAmI, square, squareAll }

export default new ThreadWorker(tasks)
