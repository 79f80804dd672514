import assert from 'node:assert/strict'
import { arena } from '../../../src/memory/arena.ts'
import { claimBellAndDie } from '../../fixtures/sync/claiming.ts'
import { PROCESSES, perMethod } from '../../process/methods.ts'

perMethod(
  PROCESSES,
  'a child that dies between claiming the bell of its parent and ringing it is heard of all the same',
  async ({ Process }) => {
    for (let time = 0; time < 10; time += 1) {
      const child = new Process({ target: claimBellAndDie, args: [arena().slot] })
      await child.start()
      await child.join()
      assert.equal(child.exitCode, -9)
    }
  },
)
