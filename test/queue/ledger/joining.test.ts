// Who takes items of a queue and ends before it has said that they are done with: whoever joins is told once, and nobody waits for ever.
import assert from 'node:assert/strict'
import { JoinableQueue, Queue } from '../../../src/index.ts'
import { PriorityQueue } from '../../../src/queue.ts'
import { handOn, reportOthers, takeAndEnd, takeAndExit, takeAndStay, tellJoin, workForEver } from '../../fixtures/queue/joining.ts'
import { ALL, perMethod, PROCESSES } from '../../process/methods.ts'
import { generator } from '../../fixtures/random.ts'
import { balancedAsync } from '../../value/balance.ts'

for (const queue of Array.from({ length: 6 }, () => new Queue())) queue.close()

const SOON = { timeout: 30_000 }

function lostItems(lost: number, message = /./): object {
  return { name: 'MultiprocessingError', code: 'ERR_ITEMS_LOST', lost, message }
}

perMethod(PROCESSES, 'join() throws when a consumer is killed with items, once, and goes on', context =>
  balancedAsync(async () => {
    using tasks = new JoinableQueue()
    using told = new Queue()
    await tasks.putMany(['a', 'b', 'c', 'd'])
    const child = await new context.Process({ target: takeAndStay, args: [tasks, told, 3], name: 'Miller' }).start()
    await told.get()
    assert.equal(tasks.unfinished, 3)
    const joins = [tasks.join(SOON), tasks.join(SOON)]
    const { pid } = child
    child.kill()
    for (const join of joins)
      await assert.rejects(join, lostItems(2, new RegExp(`^2 items are lost .*\\(2 with Miller, process ${pid}\\).*call join\\(\\) again`)))
    await child.join()
    assert.deepEqual([tasks.unfinished, tasks.size, await tasks.join({ timeout: 5 })], [1, 1, false])
    tasks.getSync()
    tasks.taskDone()
    assert.equal(tasks.joinSync(SOON), true)
  }),
)

perMethod(PROCESSES, 'joinSync() throws, too, though this thread reaps nobody meanwhile', context =>
  balancedAsync(async () => {
    using tasks = new PriorityQueue()
    using told = new Queue()
    await tasks.putMany([3, 1, 2])
    const child = await new context.Process({ target: takeAndStay, args: [tasks, told, 3] }).start()
    await told.get()
    child.kill()
    assert.throws(() => tasks.joinSync(SOON), lostItems(2))
    assert.equal(tasks.joinSync(SOON), true)
    await child.join()
    assert.equal(tasks.joinSync(SOON), true)
  }),
)

for (const end of [takeAndEnd, takeAndExit]) {
  perMethod(end === takeAndEnd ? ALL : PROCESSES, `a consumer that ends by itself loses what it had, too: ${end.name}`, context =>
    balancedAsync(async () => {
      using tasks = new JoinableQueue()
      await tasks.putMany(['a', 'b', 'c'])
      const child = await new context.Process({ target: end, args: [tasks, 3] }).start()
      await child.join()
      // Nobody waited when it ended: who comes next is told.
      await assert.rejects(tasks.join(SOON), lostItems(2))
      assert.deepEqual([await tasks.join(SOON), tasks.unfinished], [true, 0])
    }),
  )
}

perMethod(ALL, 'everybody who waits is told, in other processes, too', context =>
  balancedAsync(async () => {
    using tasks = new JoinableQueue()
    using ends = new Queue()
    using told = new Queue()
    await tasks.putMany(['a', 'b'])
    const victim = await new context.Process({ target: takeAndStay, args: [tasks, told, 2] }).start()
    await told.get()
    const tell = (form: 'join' | 'joinSync') => new context.Process({ target: tellJoin, args: [tasks, ends, form] }).start()
    const children = [await tell('join'), await tell('joinSync')]
    assert.deepEqual(await ends.getMany(1, SOON), ['joins'])
    assert.deepEqual(await ends.getMany(1, SOON), ['joins'])
    const join = assert.rejects(tasks.join(SOON), lostItems(1))
    victim.kill()
    await join
    // One that had not begun to wait when it was told elsewhere finds all done with.
    for (let count = 0; count < 2; count += 1) {
      const end = await ends.get(SOON)
      if (end !== true) assert.deepEqual(end, ['ERR_ITEMS_LOST', 1])
    }
    for (const child of [victim, ...children]) await child.join()
    assert.equal(await tasks.join(SOON), true)
  }),
)

perMethod(ALL, 'what one process takes another may report', context =>
  balancedAsync(async () => {
    using tasks = new JoinableQueue()
    using others = new Queue()
    const children = [
      await new context.Process({ target: handOn, args: [tasks, others] }).start(),
      await new context.Process({ target: reportOthers, args: [tasks, others] }).start(),
    ]
    for (let round = 0; round < 3; round += 1) {
      await tasks.putMany(Array(20).keys())
      assert.equal(await tasks.join(SOON), true)
    }
    await tasks.put(null)
    assert.equal(await tasks.join(SOON), true)
    await children[0]?.join()
    assert.equal(await tasks.join(SOON), true)
    others.shutdown()
    await children[1]?.join()
  }),
)

for (const kind of [JoinableQueue, PriorityQueue]) {
  perMethod(PROCESSES, `consumers of a ${kind.name} are killed at random while it is joined, and all else is done`, (context, _, t) =>
    balancedAsync(async () => {
      const seed = Number(process.env.SEED ?? Date.now() % 100_000)
      t.diagnostic(`SEED=${seed}`)
      const random = generator(seed)
      using tasks = new kind<number>()
      using done = new Queue<number>()
      using started = new Queue<number>()
      const start = () => new context.Process({ target: workForEver, args: [tasks, done, started] as never }).start()
      const workers = await Promise.all([start(), start(), start()])
      let lost = 0
      let put = 0
      for (let round = 0; round < 6; round += 1) {
        for (let count = 0; count < 200; count += 1) tasks.putSync(put++)
        const victim = workers.splice(Math.floor(random() * workers.length), 1)[0] as (typeof workers)[number]
        for (const until = random() * 180; done.size < until && tasks.unfinished > 20; ) await new Promise(resolve => setImmediate(resolve))
        victim.kill()
        workers.push(await start())
        lost += await joinAll(tasks)
        assert.equal(tasks.unfinished, 0)
        const got = done.tryGetMany(10_000)
        // The last that it had put it may not have reported.
        assert.ok(new Set(got).size === got.length && got.length + lost >= 200, `${got.length} done, ${lost} lost`)
        assert.ok(got.length + lost <= 201, `${got.length} done, ${lost} lost`)
        lost = 0
        await victim.join()
      }
      for (const worker of workers) worker.kill()
      for (const worker of workers) await worker.join()
      assert.equal(await tasks.join(SOON), true)
    }),
  )
}

async function joinAll(tasks: JoinableQueue): Promise<number> {
  let lost = 0
  for (;;) {
    try {
      assert.equal(await tasks.join(SOON), true, `${tasks.unfinished} are unfinished`)
      return lost
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_ITEMS_LOST') throw error
      lost += (error as { lost: number }).lost
    }
  }
}
