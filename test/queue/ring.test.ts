// The ring itself: records of all sizes at the borders of chunks, counters that wrap, and the memory that a queue takes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JoinableQueue, Queue } from '../../src/index.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { store } from '../../src/memory/words.ts'
import { AT_COUNT, AT_WEIGHT, SLOT_WORDS, SLOTS } from '../../src/queue/ring/layout.ts'
import type { Ring } from '../../src/queue/ring/ring.ts'
import { COUNT } from '../../src/queue/store/layout.ts'
import { messagesOf } from '../../src/queue/queue.ts'
import { balanced, balancedAsync } from '../value/balance.ts'
import { handleOf } from './deaths/queue-cast.ts'
import { setDone } from './ledger/passed.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

/** A string of letters takes a byte each, and a little before them. */
const item = (length: number, index: number): string => `${index} `.padEnd(length, 'x')

test('items of all lengths around the longest that is in the ring come out as they went in', () =>
  balanced(() => {
    using queue = new Queue()
    for (let length = 3960; length <= 4120; length += 1) {
      queue.putSync(item(length, length))
      queue.putSync(Buffer.alloc(length, length))
      if (length % 2 === 0) continue
      for (const back of [1, 0])
        assert.deepEqual(queue.tryGetMany(2), [item(length - back, length - back), Buffer.alloc(length - back, length - back)])
    }
    assert.equal(queue.size, 2)
  }))

test('large data is as it was around the length from which on it travels beside its message', () =>
  balanced(() => {
    using queue = new Queue()
    for (const length of [65_535, 65_536, 65_537, 70_000]) {
      const data = new Uint8Array(length).fill(length)
      queue.putManySync([data, { data, text: 'x'.repeat(4000) }, [data, data.subarray(5, 65_600)]])
      assert.deepEqual(queue.tryGetMany(5), [data, { data, text: 'x'.repeat(4000) }, [data, data.subarray(5, 65_600)]])
    }
  }))

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ put: fc.oneof(fc.nat(40), fc.nat(4100), fc.integer({ min: 3980, max: 4010 }), fc.nat(12_000)) }) },
    { weight: 1, arbitrary: fc.record({ putMany: fc.array(fc.oneof(fc.nat(200), fc.nat(4100)), { maxLength: 40 }) }) },
    { weight: 2, arbitrary: fc.record({ get: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ handle: fc.nat(2) }) },
  ),
  { maxLength: 120 },
)

type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never

/** Handles of one queue, and what must be in it. */
class Model {
  readonly #queue: Queue
  readonly #handles: readonly Queue[]
  readonly #maxSize: number
  #at = 0
  #made = 0
  readonly items: string[] = []

  constructor(queue: Queue, maxSize: number) {
    this.#queue = queue
    this.#handles = [queue, handleOf(queue), handleOf(queue)]
    this.#maxSize = maxSize
  }

  play(step: Step): void {
    const handle = this.#handles[this.#at] as Queue
    if ('handle' in step) this.#at = step.handle
    else if ('get' in step) assert.deepEqual(handle.tryGetMany(step.get), this.items.splice(0, step.get))
    else this.#put(handle, 'put' in step ? [step.put] : step.putMany)
    const { length } = this.items
    assert.deepEqual([this.#queue.size, this.#queue.isFull], [length, this.#maxSize > 0 && length >= this.#maxSize])
  }

  #put(handle: Queue, lengths: readonly number[]): void {
    const items = lengths.map(length => item(length, this.#made++))
    const count = handle.tryPutMany(items)
    this.items.push(...items.slice(0, count))
    const isFull = this.items.length === this.#maxSize || this.items.join('').length > 180_000
    assert.ok(count === items.length || isFull, `only ${count} of ${items.length} went in`)
  }
}

test('whatever is put and taken, by whichever handle, the queue is as an array would be', () => {
  balanced(() => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 40 }), (all, maxSize) => {
        using queue = new Queue({ maxSize, maxBytes: 200_000 })
        const model = new Model(queue, maxSize)
        for (const step of all) model.play(step)
        assert.deepEqual(queue.tryGetMany(10_000), model.items)
      }),
      { numRuns: 150 },
    )
  })
})

/** As if so many messages, of so many octets, had passed through it. */
function setPassed(queue: Queue, count: number, weight: number): void {
  const ring = messagesOf(queue).store as Ring
  for (const side of [ring.in, ring.out]) {
    store(ring.words, side + COUNT, count)
    store(ring.words, side + SLOTS + AT_COUNT, count)
    store(ring.words, side + SLOTS + AT_WEIGHT, weight)
    store(ring.words, side + SLOTS + SLOT_WORDS + AT_COUNT, (count - 1) | 0)
  }
  if (ring.header.ledger !== null) setDone(ring.header.ledger, count)
}

for (const [title, count] of [
  ['2^31', 0x7fffffff - 20],
  ['2^32', -20],
] as const) {
  test(`counts and weights may pass ${title}`, () =>
    balancedAsync(async () => {
      const queue = new JoinableQueue({ maxSize: 7, maxBytes: 3000 })
      setPassed(queue, count, count)
      const handles = [queue, handleOf(queue)] as const
      for (let round = 0; round < 40; round += 1) {
        const [putter, getter] = [handles[round % 2], handles[(round >> 1) % 2]] as [JoinableQueue, JoinableQueue]
        assert.equal(putter.tryPutMany(Array(9).keys()), 7)
        assert.deepEqual([queue.size, queue.isFull, queue.unfinished, queue.tryPut(1)], [7, true, 7, false])
        assert.deepEqual(getter.tryGetMany(20), [...Array(7).keys()])
        for (let done = 0; done < 7; done += 1) getter.taskDone()
        assert.throws(() => queue.taskDone(), { code: 'ERR_TASK_DONE' })
        assert.deepEqual([queue.size, queue.isEmpty, queue.joinSync({ timeout: 0 })], [0, true, true])
        let fit = 0
        while (putter.tryPut('x'.repeat(980))) fit += 1
        assert.equal(fit, 3, 'maxBytes is 3,000')
        for (const _ of queue.tryGetMany(20)) queue.taskDone()
      }
      queue.close()
    }))
}

test('who has not looked for as long as counts and weights can tell knows that it does not know', () => {
  for (const passed of [0x7fffff00, -0x80000000, -0x7fffff00, -5]) {
    using queue = new Queue({ maxSize: 5, maxBytes: 3000 })
    const late = handleOf(queue)
    late.putManySync([1, 2])
    late.tryGetMany(2)
    setPassed(queue, passed, passed)
    assert.deepEqual(late.tryGetMany(5), [])
    setPassed(queue, passed, passed)
    const others = handleOf(queue)
    others.putManySync(['a', 'b', 'c', 'd', 'e'])
    assert.equal(late.tryPut('f'), false, `it has room for more after ${passed}`)
    assert.deepEqual(late.tryGetMany(10), ['a', 'b', 'c', 'd', 'e'])
    others.putManySync(['x'.repeat(980), 'x'.repeat(980), 'x'.repeat(980)])
    assert.equal(late.tryPut('x'.repeat(980)), false, `it has room for more bytes after ${passed}`)
    assert.equal(others.tryGetMany(10).length, 3)
  }
})

test('a million messages through a queue of 1,000 leave the arena where it was', () => {
  using queue = new Queue({ maxSize: 1000 })
  const batch = Array.from({ length: 1000 }, (_, index) => index)
  queue.putManySync(batch)
  queue.tryGetMany(1000)
  const before = checkArena(arena())
  let most = 0
  for (let round = 0; round < 1000; round += 1) {
    assert.equal(queue.tryPutMany(batch), 1000)
    if (round % 100 === 0) most = Math.max(most, checkArena(arena()).bytes)
    assert.equal(queue.tryGetMany(1000).length, 1000)
  }
  const { problems, bytes, segments } = checkArena(arena())
  assert.deepEqual([problems, segments], [[], before.segments])
  assert.ok(bytes <= before.bytes + 32_768 && most <= before.bytes + 100_000, `${before.bytes} bytes, then ${bytes}, at most ${most}`)
})

test('what is in a queue takes memory for as long as it is in it', () =>
  balanced(() => {
    using queue = new Queue()
    const before = checkArena(arena()).bytes
    for (let round = 0; round < 5; round += 1) {
      queue.putManySync(Array.from({ length: 3000 }, (_, index) => item(index % 5000, index)))
      assert.ok(checkArena(arena()).bytes > before + 4_000_000)
      assert.equal(queue.tryGetMany(5000).length, 3000)
      assert.ok(checkArena(arena()).bytes <= before + 40_000)
    }
  }))
