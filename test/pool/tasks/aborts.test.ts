import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { echo, pid, square } from '../../fixtures/pool/work.ts'
import { isRunning, readLines, until } from '../../helpers/conditions.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const folder = temporaryFolder()
const reason = new Error('not wanted any more')
const isReason = (error: unknown): boolean => error === reason

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

test('a task that waits is dropped and never runs, and its neighbours do', () =>
  withWords(async (arrived, gate) => {
    const file = join(folder, 'dropped')
    const controller = new AbortController()
    const { signal } = controller
    await using pool = new Pool(1)
    const first = pool.apply(trials.block, [arrived.reference, gate.reference])
    await reached(arrived, 1)
    const dropped = [1, 2, 3].map(number => pool.apply(trials.note, [file, number], { signal }))
    const kept = pool.apply(trials.note, [file, 'kept'])
    controller.abort(reason)
    for (const task of dropped) await assert.rejects(task, isReason)
    assert.equal(listeners(signal), 0)
    gate.set(1)
    await Promise.all([first, kept])
    assert.deepEqual(readLines(file), ['kept'])
  }))

for (const [fn, name] of [
  [trials.spinFrom, 'computes for ever'],
  [trials.neverFrom, 'never settles'],
] as const) {
  test(`a running task that ${name} rejects at once, and its worker is stopped`, () =>
    withWords(async arrived => {
      const controller = new AbortController()
      await using pool = new Pool(1)
      const worker = await pool.apply(pid)
      const task = pool.apply(fn, [arrived.reference], { signal: controller.signal })
      await reached(arrived, 1)
      controller.abort(reason)
      await assert.rejects(task, isReason)
      assert.equal(listeners(controller.signal), 0)
      await until(() => !isRunning(worker), 'the worker has ended', 900)
      assert.equal(await pool.apply(square, [3]), 9)
    }))
}

for (const fn of [trials.heed, trials.heedInLoop]) {
  test(`a running task that heeds its signal (${fn.name}) leaves its worker alive`, () =>
    withWords(async arrived => {
      const file = join(folder, fn.name)
      const controller = new AbortController()
      await using pool = new Pool(1)
      const worker = await pool.apply(pid)
      const task = pool.apply<[number, string], unknown>(fn, [arrived.reference, file], { signal: controller.signal })
      await reached(arrived, 1)
      controller.abort(reason)
      await assert.rejects(task, isReason)
      assert.equal(await pool.apply(pid), worker)
      assert.deepEqual(readLines(file), ['AbortError'])
      assert.equal(await pool.apply(trials.isAbortedNow), false, 'the next task has a signal of its own')
    }))
}

test('a signal that is aborted already rejects with its reason, and nothing is sent', async () => {
  const file = join(folder, 'already')
  const signal = AbortSignal.abort(reason)
  await using pool = new Pool(1)
  await assert.rejects(pool.apply(trials.note, [file, 1], { signal }), isReason)
  await assert.rejects(pool.map(square, [1], { signal }), isReason)
  assert.throws(() => pool.imap(square, [1], { signal }), isReason)
  assert.throws(() => pool.stream(trials.throwAt, [3], { signal }), isReason)
  assert.equal(await pool.apply(square, [3]), 9)
  assert.deepEqual([readLines(file), listeners(signal)], [[], 0])
})

test('maps and streams end with the signal, and what was under way is stopped', () =>
  withWords(async arrived => {
    await using pool = new Pool(2)
    for (const open of [
      (signal: AbortSignal) => pool.map(trials.spinFrom, [arrived.reference, arrived.reference, arrived.reference], { signal }),
      (signal: AbortSignal) => pool.imap(trials.neverFrom, [arrived.reference, arrived.reference], { signal }).next(),
      (signal: AbortSignal) => pool.imapUnordered(trials.spinFrom, [arrived.reference, arrived.reference], { signal, chunkSize: 1 }).next(),
    ]) {
      arrived.set(0)
      const controller = new AbortController()
      const result = open(controller.signal)
      await reached(arrived, 1)
      controller.abort(reason)
      await assert.rejects(result, isReason)
      assert.equal(listeners(controller.signal), 0)
      assert.deepEqual(await pool.map(square, [1, 2, 3, 4], { chunkSize: 1 }), [1, 4, 9, 16])
    }
  }))

test('a stream of a generator ends with the signal, after the items that were there', () =>
  withWords(async made => {
    const controller = new AbortController()
    await using pool = new Pool(1)
    const worker = await pool.apply(pid)
    const stream = pool.stream(trials.countUp, [1000, made.reference, join(folder, 'generator')], {
      signal: controller.signal,
      maxPending: 4,
    })
    assert.deepEqual(await stream.next(), { value: 0, done: false })
    await reached(made, 5)
    controller.abort(reason)
    let items = 0
    await assert.rejects(async () => {
      for await (const value of stream) {
        items += 1
        assert.equal(value, items)
      }
    }, isReason)
    assert.ok(items <= 4)
    assert.deepEqual(await stream.next(), { value: undefined, done: true })
    assert.equal(await pool.apply(pid), worker, 'a generator heeds by itself')
    assert.deepEqual(readLines(join(folder, 'generator')), ['ended'])
    assert.equal(listeners(controller.signal), 0)
  }))

test('no listener stays after tasks, maps and streams have ended in any way', async () => {
  const { signal } = new AbortController()
  await using pool = new Pool(2)
  await pool.apply(echo, [1], { signal })
  await assert.rejects(pool.apply(trials.failToInitialize, [], { signal }), RangeError)
  await assert.rejects(pool.apply(echo, [new WeakMap()], { signal }), { name: 'NotSerializableError' })
  await pool.map(square, [1, 2, 3], { signal })
  await assert.rejects(pool.map(trials.spinFor, [1, 2, 5000], { signal, timeout: 50 }), { name: 'TimeoutError' })
  for await (const value of pool.imap(square, [1, 2, 3], { signal })) assert.ok(value > 0)
  await pool.imap(square, [1, 2, 3], { signal }).return()
  for await (const value of pool.imap(square, [1, 2, 3], { signal, timeout: 1000 })) assert.ok(value > 0)
  await assert.rejects(async () => {
    for await (const value of pool.stream(trials.throwAt, [2], { signal })) assert.ok(value >= 0)
  })
  await pool.stream(trials.throwAt, [100], { signal }).return()
  assert.equal(listeners(signal), 0)
})

test('one signal may be that of very many tasks', async () => {
  const controller = new AbortController()
  const { signal } = controller
  await using pool = new Pool(1)
  await pool.apply(square, [1])
  const start = performance.now()
  const tasks = Array.from({ length: 30_000 }, (_, index) => pool.apply(square, [index], { signal }))
  assert.ok(listeners(signal) <= 1, 'a listener each would take the time of all others')
  await Promise.all(tasks.slice(0, 100))
  controller.abort(reason)
  const outcomes = await Promise.allSettled(tasks)
  for (const outcome of outcomes) if (outcome.status === 'rejected') assert.equal(outcome.reason, reason)
  assert.equal(outcomes.at(-1)?.status, 'rejected')
  assert.ok(performance.now() - start < 8000, `${performance.now() - start} ms`)
  assert.equal(await pool.apply(square, [3]), 9)
})
