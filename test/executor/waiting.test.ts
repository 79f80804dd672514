import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { asCompleted, CancelledError, type Future, ThreadPoolExecutor, TimeoutError, waitFutures } from '../../src/futures.ts'
import * as work from '../fixtures/pool/work.ts'
import { Held } from './executors.ts'

const executor = new ThreadPoolExecutor({ maxWorkers: 2 })
const other = new ThreadPoolExecutor({ maxWorkers: 1 })

after(async () => {
  for (const each of [executor, other]) {
    each.killWorkers()
    await each.shutdown()
  }
})

/** One that has ended well, one that threw, one that was cancelled, and two that run. */
async function ofAllKinds(): Promise<{ ended: Future<number>[]; running: Future<number>[]; held: Held }> {
  const well = executor.submit(work.square, 2)
  const threw = executor.submit(work.failOnThree, 3)
  await waitFutures([well, threw])
  const held = new Held()
  const running = [held.submit(executor), held.submit(executor)]
  await held.arrived(2)
  const cancelled = held.submit(executor)
  cancelled.cancel()
  return { ended: [well, threw, cancelled], running, held }
}

test('asCompleted yields how each ended and which it was, those that have ended already first, each once', async () => {
  const { ended, running, held } = await ofAllKinds()
  const seen: Future<number>[] = []
  const kinds: string[] = []
  const all = [...running, ...ended, ...ended]
  for await (const done of asCompleted(new Set([...all, ...all]))) {
    seen.push(done.future)
    kinds.push(done.status === 'fulfilled' ? `${typeof done.value}` : (done.reason as Error).name)
    if (seen.length === 3) held.letGo()
  }
  assert.deepEqual(kinds, ['number', 'RangeError', 'CancelledError', 'number', 'number'])
  assert.deepEqual(seen.slice(0, 3), ended)
  assert.deepEqual(new Set(seen), new Set(all))
})

test('asCompleted yields in the order in which they end, of several executors', async () => {
  const held = new Held()
  const slow = held.submit(executor)
  const fast = other.submit(work.square, 3)
  const order: Future<number>[] = []
  for await (const { future } of asCompleted([slow, fast])) {
    order.push(future)
    held.letGo()
  }
  assert.deepEqual(order, [fast, slow])
})

test('asCompleted says how many have not ended when the time is over, after those that have, and nothing comes then', async () => {
  const { ended, running, held } = await ofAllKinds()
  const iterator = asCompleted([...running, ...ended.slice(0, 2)], { timeout: 30 })
  assert.equal((await iterator.next()).value.future, ended[0])
  assert.equal((await iterator.next()).value.future, ended[1])
  await assert.rejects(iterator.next(), { name: 'TimeoutError', message: '2 (of 4) futures unfinished' })
  assert.equal((await iterator.next()).done, true)
  held.letGo()
  await Promise.all(running)
})

test('asCompleted heeds a signal, refuses what is no future, and of nothing yields nothing', async () => {
  const held = new Held()
  const running = held.submit(executor)
  const controller = new AbortController()
  const next = asCompleted([running], { signal: controller.signal }).next()
  controller.abort(new Error('enough'))
  await assert.rejects(next, { message: 'enough' })
  for await (const _done of asCompleted([])) assert.fail('there is none')
  assert.throws(() => asCompleted([Promise.resolve(1)] as never), { name: 'TypeError', message: /an iterable of futures/ })
  assert.throws(() => asCompleted(5 as never), TypeError)
  for await (const { future } of asCompleted([running, other.submit(work.square, 1)])) {
    if (future !== running) break
    assert.fail('it still runs')
  }
  held.letGo()
  await running
})

test('waitFutures waits for all, for the first, or for the first that fails', async () => {
  const { ended, running, held } = await ofAllKinds()
  const [well, threw, cancelled] = ended as [Future<number>, Future<number>, Future<number>]
  const first = await waitFutures([...running, well], { returnWhen: 'FIRST_COMPLETED' })
  assert.deepEqual(first, { done: new Set([well]), notDone: new Set(running) })
  const failed = await waitFutures([...running, threw], { returnWhen: 'FIRST_EXCEPTION' })
  assert.deepEqual(failed, { done: new Set([threw]), notDone: new Set(running) })
  // To be cancelled is no failure.
  const none = await waitFutures([...running, cancelled, well], { returnWhen: 'FIRST_EXCEPTION', timeout: 20 })
  assert.deepEqual(none, { done: new Set([cancelled, well]), notDone: new Set(running) })
  const all = waitFutures([...running, ...running, ...ended])
  held.letGo()
  assert.deepEqual(await all, { done: new Set([...running, ...ended]), notDone: new Set() })
})

test('waitFutures goes on when one of several executors fails or ends', async () => {
  const held = new Held()
  const running = held.submit(executor)
  const failing = waitFutures([running, other.submit(work.failOnThree, 3)], { returnWhen: 'FIRST_EXCEPTION' })
  assert.equal((await failing).done.size, 1)
  const ending = waitFutures([running, other.submit(work.square, 3)], { returnWhen: 'FIRST_COMPLETED' })
  assert.deepEqual((await ending).notDone, new Set([running]))
  held.letGo()
  await running
})

test('waitFutures is no error when the time is over, heeds a signal, and of nothing waits for nothing', async () => {
  const held = new Held()
  const running = held.submit(executor)
  assert.deepEqual(await waitFutures([running], { timeout: 0 }), { done: new Set(), notDone: new Set([running]) })
  assert.deepEqual(await waitFutures([running], { timeout: 20 }), { done: new Set(), notDone: new Set([running]) })
  const controller = new AbortController()
  const waiting = waitFutures([running], { signal: controller.signal })
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, { message: 'enough' })
  for (const returnWhen of ['FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED'] as const) {
    assert.deepEqual(await waitFutures([], { returnWhen }), { done: new Set(), notDone: new Set() })
  }
  await assert.rejects(
    waitFutures([running], { returnWhen: 'SOME' as never }),
    /'FIRST_COMPLETED', 'FIRST_EXCEPTION' or 'ALL_COMPLETED', got 'SOME'/,
  )
  await assert.rejects(waitFutures([running], 5 as never), /an object like \{ timeout: 1000 \}/)
  await assert.rejects(waitFutures([running, null as never]), TypeError)
  held.letGo()
  await running
  assert.ok(!(new CancelledError() instanceof TimeoutError))
})
