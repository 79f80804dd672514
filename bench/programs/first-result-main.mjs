/** `first-result-main.mjs <library> <start method> <workers>`: prints the ms from before a pool is made to its first result. */

import { whoAmI } from '../support/tasks.mjs'

const [library = '', method = '', workers = ''] = process.argv.slice(2)
const { getContext } = await import(library)
const { Pool } = getContext(method)
const start = performance.now()
const pool = new Pool(Number(workers))
const identity = await pool.apply(whoAmI)
const time = performance.now() - start
if (identity === process.pid) throw new Error('the task ran in the process that submitted it')
pool.close()
await pool.join()
process.stdout.write(String(time))
