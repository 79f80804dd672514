// Random calls, against an array that is sorted: items, sizes, order and memory are what they should be after each of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type JoinableQueue, LifoQueue, PriorityQueue } from '../../../src/queue.ts'
import { balanced } from '../../value/balance.ts'

type Item = [rank: number, payload: string | Uint8Array]

new LifoQueue().close()

const payload = fc.oneof(
  { weight: 8, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 4, arbitrary: fc.integer({ min: 60, max: 120 }).map(length => 'p'.repeat(length)) },
  { weight: 1, arbitrary: fc.integer({ min: 3900, max: 4200 }).map(length => 'q'.repeat(length)) },
  { weight: 1, arbitrary: fc.integer({ min: 65_000, max: 66_000 }).map(length => new Uint8Array(length).fill(length)) },
)
const rank = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }))
const item: fc.Arbitrary<Item> = fc.tuple(rank, payload)

type Call = readonly ['put', Item[]] | readonly ['get', number]
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.constant('put' as const), fc.array(item, { maxLength: 40 })),
  fc.tuple(fc.constant('get' as const), fc.integer({ min: 1, max: 50 })),
)

/** What a queue does, done to an array. */
class Model {
  readonly items: Item[] = []
  readonly #maxSize: number
  readonly #isStack: boolean

  constructor(maxSize: number, { isStack }: { isStack: boolean }) {
    this.#maxSize = maxSize
    this.#isStack = isStack
  }

  put(items: readonly Item[]): number {
    const room = this.#maxSize === 0 ? items.length : Math.min(items.length, this.#maxSize - this.items.length)
    this.items.push(...items.slice(0, room))
    return room
  }

  take(count: number): Item[] {
    return Array.from({ length: Math.min(count, this.items.length) }, () => this.#next()).flat()
  }

  get isFull(): boolean {
    return this.#maxSize > 0 && this.items.length === this.#maxSize
  }

  #next(): Item[] {
    if (this.#isStack) return this.items.splice(-1)
    const lowest = Math.min(...this.items.map(([each]) => each))
    return this.items.splice(
      this.items.findIndex(([each]) => each === lowest),
      1,
    )
  }
}

/** By the ways for one and for many. */
function play(queue: JoinableQueue<Item>, model: Model, [what, given]: Call): void {
  if (what === 'put') {
    const put = given.length === 1 ? Number(queue.tryPut(given[0] as Item)) : queue.tryPutMany(given)
    assert.equal(put, model.put(given))
  } else {
    const item = given === 1 ? queue.tryGet() : undefined
    const got = given === 1 ? (item === undefined ? [] : [item]) : queue.tryGetMany(given)
    assert.deepEqual(got, model.take(given))
  }
  assert.deepEqual([queue.size, queue.isFull], [model.items.length, model.isFull])
}

for (const cls of [LifoQueue, PriorityQueue]) {
  test(`${cls.name} does what a sorted array does`, () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), fc.integer({ min: 0, max: 60 }), (calls, maxSize) =>
        balanced(() => {
          using queue = new cls<Item>({ maxSize })
          const model = new Model(maxSize, { isStack: cls === LifoQueue })
          for (const each of calls) play(queue, model, each)
          assert.deepEqual(queue.tryGetMany(5000), model.take(5000))
        }),
      ),
      { numRuns: 60 },
    )
  })
}
