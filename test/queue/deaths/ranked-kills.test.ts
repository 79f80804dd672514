// Processes that are killed while they put and get, at any moment: what others put comes once and in its order, and nobody waits for ever.
import assert from 'node:assert/strict'
import { LifoQueue, PriorityQueue, Queue } from '../../../src/queue.ts'
import { churn } from '../../fixtures/queue/ranked-workers.ts'
import { assertSound } from '../../helpers/crash.ts'
import { arena } from '../../../src/memory/arena.ts'
import { perMethod, PROCESSES } from '../../process/methods.ts'
import { balancedAsync } from '../../value/balance.ts'

for (const queue of [new LifoQueue(), new Queue()]) queue.close()

const ROUNDS = 12

perMethod(PROCESSES, 'a process that is killed while it puts and gets disturbs nobody', context =>
  balancedAsync(async () => {
    using queue = new PriorityQueue<readonly [number, number, number]>({ maxSize: 500 })
    using started = new Queue<number>()
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = new context.Process({ target: churn, args: [queue, started] as never })
      await child.start()
      await started.get()
      for (let count = 0; count < 50; count += 1) queue.tryGet()
      child.kill()
      await child.join()
      const before = queue.size
      for (const rank of [5, 3, 4]) await queue.put([rank, round, rank], { timeout: 5000 })
      assert.deepEqual(
        [await queue.get(), await queue.get(), await queue.get()],
        [3, 4, 5].map(rank => [rank, round, rank]),
      )
      const rest = queue.tryGetMany(1000)
      // One that it was taking, or whose large parts went with it, is skipped.
      assert.ok(rest.length <= before + 1 && rest.length >= before - 2, `${rest.length} of ${before}`)
      const ranks = rest.map(([rank]) => rank)
      assert.deepEqual(
        ranks,
        [...ranks].sort((one, other) => one - other),
      )
      assert.deepEqual([queue.size, queue.isEmpty], [0, true])
      assertSound(arena())
    }
  }),
)
