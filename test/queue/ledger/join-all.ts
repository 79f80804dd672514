// Joining a queue some of whose items may have been lost.
import assert from 'node:assert/strict'
import type { JoinableQueue } from '../../../src/queue/joinable-queue.ts'

const SOON = { timeout: 5000 }

/** Until all is done with, which nothing is missing to but what is lost. Returns how many that was. */
export function joinAll(queue: JoinableQueue): number {
  let lost = 0
  for (;;) {
    try {
      assert.equal(queue.joinSync(SOON), true, `${queue.unfinished} are unfinished, and nobody has them`)
      return lost
    } catch (error) {
      const { code, lost: more } = error as { code?: string; lost?: number }
      if (code !== 'ERR_ITEMS_LOST' || more === undefined) throw error
      assert.ok(more > 0, `${more} are lost`)
      lost += more
    }
  }
}
