import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { DeadlockError, WorkerDiedError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import * as work from '../../fixtures/pool/work.ts'

const pool = new Pool(2)
after(() => pool[Symbol.asyncDispose]())

function* count(limit: number, state: { read: number; closed: boolean }): Generator<number> {
  try {
    for (let number = 0; number < limit; number += 1) {
      state.read += 1
      yield number
    }
  } finally {
    state.closed = true
  }
}

test('imapSync reads an endless input only as far as it is needed, and break calls off the rest', () => {
  const state = { read: 0, closed: false }
  const seen: number[] = []
  for (const value of pool.imapSync(work.square, count(Infinity, state), { chunkSize: 2 })) {
    seen.push(value)
    if (seen.length === 50) break
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, x) => x * x),
  )
  // Of two workers each is 256 chunks of two ahead, at most.
  assert.ok(state.read <= 50 + 2 * 256 * 2, `read ${state.read} items`)
  assert.equal(state.closed, true)
})

test('a slow input does not keep its first results from the reader', () => {
  const read: number[] = []
  function* slowly(): Generator<number> {
    for (let number = 0; number < 1000; number += 1) {
      work.busy(5)
      read.push(number)
      yield number
    }
  }
  pool.applySync(work.square, [1])
  const stream = pool.imapSync(work.square, slowly(), { chunkSize: 1 })
  assert.deepEqual(stream.next(), { value: 0, done: false })
  assert.ok(read.length < 30, `read ${read.length} items before the first result`)
  stream.return?.()
  assert.deepEqual(stream.next(), { value: undefined, done: true })
})

test('what calls and inputs throw comes in its place, and the results behind it can still be had', () => {
  function* broken(): Generator<number> {
    yield* [1, 2, 3, 4]
    throw new Error('no more input')
  }
  const stream = pool.imapSync(work.failOnThree, broken())
  assert.deepEqual([stream.next().value, stream.next().value], [1, 2])
  assert.throws(() => stream.next(), { name: 'RangeError', message: 'no 3' })
  assert.equal(stream.next().value, 4)
  assert.throws(() => stream.next(), { message: 'no more input' })
  assert.equal(stream.next().done, true)
  assert.equal(stream.next().done, true)
})

test('what the input throws when it is told to end reaches who ends it', () => {
  function* stubborn(): Generator<number> {
    try {
      for (;;) yield 1
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: the test is about it.
      throw new Error('not yet')
    }
  }
  const stream = pool.imapSync(work.square, stubborn())
  assert.equal(stream.next().value, 1)
  assert.throws(() => stream.return?.(), { message: 'not yet' })
  assert.equal(stream.next().done, true)
})

test('a worker that dies fails the item it was at, and nothing else', () => {
  const outcomes: unknown[] = []
  const stream = pool.imapSync(
    (x: number) => (x === 5 ? process.exit(3) : x),
    Array.from({ length: 12 }, (_, x) => x),
    { chunkSize: 4 },
  )
  for (;;) {
    try {
      const { value, done } = stream.next()
      if (done === true) break
      outcomes.push(value)
    } catch (error) {
      assert.ok(error instanceof WorkerDiedError)
      outcomes.push('died')
    }
  }
  assert.deepEqual(outcomes, [0, 1, 2, 3, 4, 'died', 6, 7, 8, 9, 10, 11])
})

test('streams and calls of one pool block for each other, also from within an input', () => {
  function* nested(): Generator<number> {
    for (const number of [1, 2, 3]) yield pool.applySync(work.square, [number])
  }
  assert.deepEqual([...pool.imapSync(work.square, nested())], [1, 16, 81])
  const [a, b] = [pool.imapSync(work.square, [1, 2]), pool.imapUnorderedSync(work.square, [3])]
  assert.deepEqual([a.next().value, b.next().value, pool.applySync(work.square, [4]), a.next().value], [1, 9, 16, 4])
  assert.deepEqual([a.next().done, b.next().done], [true, true])
})

test('an empty input ends at once', () => {
  assert.deepEqual([...pool.imapSync(work.square, [])], [])
  assert.deepEqual(pool.mapSync(work.square, []), [])
})

test('joinSync does not wait for a stream that only this thread could read on', async () => {
  const other = new Pool(1)
  const state = { read: 0, closed: false }
  const stream = other.imapSync(work.square, count(Infinity, state))
  assert.equal(stream.next().value, 0)
  other.close()
  assert.throws(() => other.joinSync(), DeadlockError)
  assert.equal(stream.next().value, 1)
  stream.return?.()
  assert.equal(other.joinSync(), true)
})
