/** The worker of poolifier: it is told by name what to run. */

import { ThreadWorker } from 'poolifier'
import { burn, changeArray, square, squareAll, whoAmI } from '../support/tasks.mjs'

// Its types allow tasks without data; ours always have some.
/** @type {any} */
const tasks = { whoAmI, square, squareAll, burn, changeArray }

export default new ThreadWorker(tasks)
