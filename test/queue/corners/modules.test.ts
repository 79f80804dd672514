// Items that need modules which the getter has not imported yet.
import assert from 'node:assert/strict'
import { Queue, reference } from '../../../src/index.ts'
import { tellGets } from '../../fixtures/queue/echo.ts'
import { FRESH, perMethod } from '../../process/methods.ts'

const SLOW = new URL('../../fixtures/queue/slow-module.js', import.meta.url)
const BAD = new URL('../../fixtures/queue/bad-module.js', import.meta.url)

perMethod(FRESH, 'an item whose module fails while another is awaited is told to who gets it, and ends nothing', async ({ Process }) => {
  const [queue, answers] = [new Queue(), new Queue()]
  await queue.putMany([reference(SLOW, 'slow'), reference(BAD, 'bad'), 3])
  const child = new Process({ target: tellGets, args: [queue, answers] })
  await child.start()
  assert.deepEqual([await answers.get(), await answers.get(), await answers.get()], [1, 'this module cannot be imported', 3])
  await child.join()
  assert.equal(child.exitCode, 0)
})
