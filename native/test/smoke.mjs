// Calls every function that the addon exports, in the main thread and then in a Worker, and looks at what only shows inside Node:
// event loop, exceptions, collection, the end of a thread. What the functions do in detail is for the C tests.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads'
import { addon, calledNames } from './addon.mjs'
import { leaveEverythingOpen, checks as others } from './smoke-checks.mjs'
import { checks as ofNames } from './smoke-names.mjs'
import { leaveStreamsOpen, checks as ofStreams } from './smoke-streams.mjs'

const checks = { ...ofNames, ...ofStreams, ...others }

/** Called in processes that the checks start. */
const inChildren = new Set(['exitAfter', 'exitNow', 'watchUser', 'forkInChild'])

async function runChecks() {
  const where = isMainThread ? 'main thread' : `worker ${threadId}`
  for (const [title, check] of Object.entries(checks)) {
    try {
      await check()
    } catch (error) {
      console.log(`FAILED ${where}: ${title}`)
      throw error
    }
  }
  const forgotten = Object.keys(addon).filter(name => !calledNames.has(name) && !inChildren.has(name))
  assert.deepEqual(forgotten, [], 'exported, and called by no check')
  console.log(`${Object.keys(checks).length} checks, ${where}`)
}

/** @param {boolean} kill whether to end the thread from outside, with all that it has open */
async function runInWorker(kill) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { idle: kill } })
  if (kill) {
    await once(worker, 'message')
    assert.equal(await worker.terminate(), 1)
    return
  }
  const [code] = await once(worker, 'exit')
  assert.equal(code, 0)
}

if (workerData?.idle) {
  leaveStreamsOpen()
  leaveEverythingOpen()
  parentPort?.postMessage('ready')
} else {
  await runChecks()
}
if (isMainThread) {
  await runInWorker(false)
  await runInWorker(true)
  await runInWorker(true)
  leaveStreamsOpen()
  leaveEverythingOpen()
}
