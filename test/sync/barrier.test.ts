// A place where a number of processes wait for each other, again and again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Barrier, BrokenBarrierError, closeShared, RawArray } from '../../src/index.ts'
import { meet, meetUntilBroken } from '../fixtures/sync/meeters.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: arguments that are wrong.
type Any = any

const brokenNow = (barrier: Barrier): unknown[] => [barrier.broken, barrier.waiting]

test('each party gets how many had come before it, round after round', () =>
  balancedAsync(async () => {
    const barrier = new Barrier(3)
    assert.deepEqual([barrier.parties, ...brokenNow(barrier)], [3, false, 0])
    for (let round = 0; round < 50; round += 1) {
      const waits = [barrier.wait(), barrier.wait()]
      assert.equal(barrier.waiting, 2)
      if (round % 2 === 0) assert.equal(barrier.waitSync(), 2)
      else waits.push(barrier.wait())
      assert.deepEqual(await Promise.all(waits), [0, 1, 2].slice(0, waits.length))
      assert.deepEqual(brokenNow(barrier), [false, 0])
    }
    barrier.close()
  }))

test('one party waits for nobody', () =>
  balancedAsync(async () => {
    const barrier = new Barrier(1)
    assert.deepEqual([await barrier.wait(), barrier.waitSync(), barrier.waitSync({ timeout: 0 })], [0, 0, 0])
    barrier.close()
  }))

test('the number of parties and the options are checked', () => {
  for (const wrong of [0, -1, 1.5, Number.NaN, 2001, Infinity]) assert.throws(() => new Barrier(wrong), RangeError)
  for (const wrong of [undefined, null, '3', {}]) assert.throws(() => new Barrier(wrong as Any), TypeError)
  assert.throws(() => new Barrier(2, { action: 5 } as Any), TypeError)
  assert.throws(() => new Barrier(2, { timeout: Number.NaN }), RangeError)
  assert.throws(() => new Barrier(2, { actoin: () => {} } as Any), TypeError)
})

test('the last to come runs the action before anybody goes on', () =>
  balancedAsync(async () => {
    const log: string[] = []
    const barrier = new Barrier(3, { action: () => void log.push(`action with ${barrier.waiting}`) })
    const wait = (name: string): Promise<unknown> => barrier.wait().then(() => log.push(name))
    await Promise.all(['a', 'b', 'c'].map(wait))
    assert.equal(log.shift(), 'action with 3')
    assert.deepEqual(log.sort(), ['a', 'b', 'c'])
    barrier.close()
  }))

test('an action that throws breaks the barrier: its party gets the error, the others a BrokenBarrierError', () =>
  balancedAsync(async () => {
    const error = new Error('of the action')
    const barrier = new Barrier(2, {
      action: () => {
        throw error
      },
    })
    const first = assert.rejects(barrier.wait(), BrokenBarrierError)
    assert.throws(
      () => barrier.waitSync(),
      thrown => thrown === error,
    )
    await first
    assert.deepEqual(brokenNow(barrier), [true, 0])
    barrier.close()
  }))

test('abort breaks it for those who wait and for those who come, until it is reset', () =>
  balancedAsync(async () => {
    const barrier = new Barrier(3)
    const waits = Promise.allSettled([barrier.wait(), barrier.wait()])
    barrier.abort()
    barrier.abort()
    assert.ok((await waits).every(end => end.status === 'rejected' && end.reason instanceof BrokenBarrierError))
    await assert.rejects(barrier.wait(), { code: 'ERR_BROKEN_BARRIER' })
    assert.throws(() => barrier.waitSync(), BrokenBarrierError)
    barrier.reset()
    assert.deepEqual(brokenNow(barrier), [false, 0])
    assert.deepEqual(await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()]), [0, 1, 2])
    barrier.close()
  }))

test('reset breaks the wait of those who stand there, and those who come afterwards are as many as ever', () =>
  balancedAsync(async () => {
    const barrier = new Barrier(2)
    barrier.reset()
    const old = assert.rejects(barrier.wait(), BrokenBarrierError)
    barrier.reset()
    const fresh = [barrier.wait(), barrier.wait()]
    await old
    assert.deepEqual((await Promise.all(fresh)).sort(), [0, 1])
    assert.deepEqual(brokenNow(barrier), [false, 0])
    barrier.close()
  }))

test('one whose time is up or who is aborted breaks it for the others', () =>
  balancedAsync(async () => {
    for (const late of ['promise', 'blocking', 'signal'] as const) {
      const barrier = new Barrier(3)
      const other = assert.rejects(barrier.wait(), BrokenBarrierError)
      const controller = new AbortController()
      if (late === 'promise') await assert.rejects(barrier.wait({ timeout: 5 }), BrokenBarrierError)
      else if (late === 'blocking') assert.throws(() => barrier.waitSync({ timeout: 5 }), BrokenBarrierError)
      else {
        const aborted = assert.rejects(barrier.wait({ signal: controller.signal }), { name: 'AbortError' })
        controller.abort()
        await aborted
      }
      await other
      assert.deepEqual(brokenNow(barrier), [true, 0])
      barrier.close()
    }
  }))

test('its own timeout is for the waits that say nothing themselves', () =>
  balancedAsync(async () => {
    const barrier = new Barrier(2, { timeout: 5 })
    await assert.rejects(barrier.wait(), BrokenBarrierError)
    barrier.reset()
    assert.throws(() => barrier.waitSync(), BrokenBarrierError)
    barrier.reset()
    const patient = barrier.wait({ timeout: 20_000 })
    for (const start = performance.now(); performance.now() - start < 20; ) await new Promise(setImmediate)
    assert.equal(barrier.waiting, 1)
    barrier.waitSync()
    assert.equal(await patient, 0)
    barrier.close()
  }))

perMethod(ALL, 'processes and this one meet in step, in both forms', context =>
  balancedAsync(async () => {
    const rounds = 100
    const barrier = new Barrier(3)
    const counts = new RawArray('i32', 3)
    const forms = ['promise', 'blocking'] as const
    const children = await Promise.all(
      forms.map((form, index) => new context.Process({ target: meet, args: [barrier, form, rounds, counts, index] }).start()),
    )
    await meet(barrier, 'promise', rounds, counts, 2)
    for (const child of children) await child.join()
    assert.deepEqual(
      [children.map(child => child.exitCode), [...counts]],
      [
        [0, 0],
        [rounds, rounds, rounds],
      ],
    )
    closeShared(counts)
    barrier.close()
  }),
)

perMethod(ALL, 'abort reaches those who wait elsewhere, in both forms', context =>
  balancedAsync(async () => {
    const barrier = new Barrier(3)
    const forms = ['promise', 'blocking'] as const
    const children = await Promise.all(forms.map(form => new context.Process({ target: meetUntilBroken, args: [barrier, form] }).start()))
    while (barrier.waiting < 2) await new Promise(resolve => setTimeout(resolve, 1))
    barrier.abort()
    for (const child of children) await child.join()
    assert.deepEqual(
      children.map(child => child.exitCode),
      [0, 0],
    )
    barrier.close()
  }),
)
