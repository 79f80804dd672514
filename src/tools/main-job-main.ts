// What `npm start` runs: a map-reduce over the source text of all packages, in this process and then on a pool.
import { fileURLToPath } from 'node:url'
import { runMainJob } from './main-job/main-job.ts'

process.exitCode = await runMainJob(process.argv.slice(2), {
  folder: fileURLToPath(new URL('../../node_modules', import.meta.url)),
  taskUrl: new URL('./main-job-task-main.js', import.meta.url),
})
