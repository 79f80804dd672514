import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { TimeoutError } from '../../src/base/errors.ts'
import { Pool } from '../../src/pool/pool.ts'
import { WaitWord } from '../../src/sync/waiting/wait-word.ts'
import * as work from '../fixtures/pool/work.ts'
import { until } from '../helpers/conditions.ts'

const pool = new Pool(2)
after(() => pool[Symbol.asyncDispose]())

const numbers = Array.from({ length: 1000 }, (_, index) => index)
const squares = numbers.map(x => x * x)

const squaring: readonly ((x: number) => number | Promise<number>)[] = [work.square, work.squareLater]

for (const fn of squaring) {
  for (const chunkSize of [undefined, 1, 7, 1000, 5000]) {
    test(`map, imap and imapUnordered of ${fn.name} with chunks of ${chunkSize ?? 'the usual size'} give all results`, async () => {
      const options = chunkSize === undefined ? {} : { chunkSize }
      assert.deepEqual(await pool.map(fn, numbers, options), squares)
      assert.deepEqual(await collect(pool.imap(fn, numbers, options)), squares)
      const unordered = await collect(pool.imapUnordered(fn, numbers, options))
      assert.deepEqual(
        unordered.sort((a, b) => a - b),
        squares,
      )
    })
  }
}

const sources: readonly (readonly [string, () => Iterable<number> | AsyncIterable<number>])[] = [
  ['a set', () => new Set([1, 2, 3])],
  ['a generator', () => generate(3)],
  ['an asynchronous generator', () => generateLater(3)],
  ['an iterable whose iterator has only next', () => ({ [Symbol.iterator]: () => ({ next: counter(3) }) })],
  ['an asynchronous iterable whose next returns no promise', () => ({ [Symbol.asyncIterator]: () => ({ next: counter(3) as never }) })],
  ['a typed array', () => new Uint8Array([1, 2, 3])],
]

for (const [name, source] of sources) {
  test(`items come from ${name}`, async () => {
    assert.deepEqual(await pool.map(work.square, source()), [1, 4, 9])
    assert.deepEqual(await collect(pool.imap(work.square, source())), [1, 4, 9])
    assert.deepEqual((await collect(pool.imapUnordered(work.square, source(), { chunkSize: 2 }))).sort(), [1, 4, 9])
  })
}

test('a string is an iterable of its characters', async () => {
  assert.deepEqual(await pool.map(work.echo, 'aé🎉'), ['a', 'é', '🎉'])
  assert.deepEqual(await collect(pool.imap(work.echo, 'ab')), ['a', 'b'])
})

test('no items are no results', async () => {
  assert.deepEqual(await pool.map(work.square, []), [])
  assert.deepEqual(await collect(pool.imap(work.square, [])), [])
  assert.deepEqual(await collect(pool.imapUnordered(work.square, generateLater(0))), [])
})

test('map rejects with the first failure, and the pool goes on', async () => {
  await assert.rejects(pool.map(work.failOnThree, [1, 2, 3, 4], { chunkSize: 1 }), { name: 'RangeError', message: 'no 3' })
  assert.deepEqual(await pool.map(work.square, [2]), [4])
})

test('a stream rejects for the item that failed and goes on with those after it, whatever the chunks', async () => {
  for (const chunkSize of [1, 2, 5]) {
    const stream = pool.imap(work.failOnThree, [1, 2, 3, 4, 5], { chunkSize })
    const seen: unknown[] = []
    for (let index = 0; index < 5; index += 1)
      seen.push(
        await stream.next().then(
          result => result.value,
          error => (error as Error).message,
        ),
      )
    assert.deepEqual(seen, [1, 2, 'no 3', 4, 5])
    assert.deepEqual(await stream.next(), { value: undefined, done: true })
  }
})

test('imap keeps the order although the first item is done last', async () => {
  const { arrived, gate, items, free } = gatedItems()
  const stream = pool.imap(work.passGateWith, items)
  const first = stream.next()
  await until(() => arrived.value >= 5, 'the others have been done', 10_000)
  gate.set(1)
  assert.deepEqual((await first).value, 0)
  assert.deepEqual(await collect(stream), [1, 2, 3, 4])
  free()
})

test('imapUnordered gives what is ready before what is not', async () => {
  const { gate, items, free } = gatedItems()
  const stream = pool.imapUnordered(work.passGateWith, items)
  const early: unknown[] = []
  for (let index = 0; index < 4; index += 1) early.push((await stream.next()).value)
  gate.set(1)
  assert.deepEqual([...early.sort(), (await stream.next()).value], [1, 2, 3, 4, 0])
  assert.equal((await stream.next()).done, true)
  free()
})

for (const method of ['imap', 'imapUnordered'] as const) {
  for (const maxPending of [1, 3, 10]) {
    test(`${method} never reads its input more than ${maxPending} items ahead of its reader`, async () => {
      let read = 0
      let taken = 0
      let furthest = 0
      function* endless(): Generator<number> {
        for (;;) {
          furthest = Math.max(furthest, read + 1 - taken)
          yield read++
        }
      }
      const stream = pool[method](work.square, endless(), { maxPending, chunkSize: 2 })
      for await (const _ of stream) {
        taken += 1
        if (taken === 100) break
      }
      // The result that is being handed over has left the pool, but is not counted here yet.
      assert.ok(furthest <= maxPending + 1, `${furthest} items were read ahead`)
      const end = read
      await pool.apply(work.square, [1])
      assert.equal(read, end, 'nothing is read after the break')
    })
  }
}

test('a break ends the input: its finally runs, and nothing of the stream comes any more', async () => {
  for (const items of [generate, generateLater]) {
    let ended = false
    const stream = pool.imapUnordered(
      work.square,
      items(Infinity, () => {
        ended = true
      }),
    )
    for await (const value of stream) if (value > 100) break
    assert.ok(ended)
    assert.deepEqual(await stream.next(), { value: undefined, done: true })
    assert.deepEqual(await stream.return(), { value: undefined, done: true })
  }
})

test('return() settles readers that wait', async () => {
  const gate = WaitWord.create()
  const stream = pool.imap(work.passGateWith, [[gate.reference, gate.reference, 1] as const])
  const waiting = stream.next()
  await stream.return()
  assert.deepEqual(await waiting, { value: undefined, done: true })
  gate.add(1)
  await pool.apply(work.square, [1])
})

test('a failing input fails the stream in its turn, after the items before it', async () => {
  function* broken(): Generator<number> {
    yield* [1, 2, 3]
    throw new URIError('input')
  }
  async function* brokenLater(): AsyncGenerator<number> {
    yield* broken()
  }
  for (const source of [broken, brokenLater]) {
    for (const chunkSize of [1, 2]) {
      const stream = pool.imap(work.square, source(), { chunkSize })
      const seen: unknown[] = []
      for (let index = 0; index < 4; index += 1)
        seen.push(
          await stream.next().then(
            result => result.value,
            error => (error as Error).message,
          ),
        )
      assert.deepEqual(seen, [1, 4, 9, 'input'])
      assert.equal((await stream.next()).done, true)
    }
    await assert.rejects(pool.map(work.square, source()), URIError)
  }
})

test('an asynchronous input that gives no iterator result fails the stream, not the process', async () => {
  const stream = pool.imap(work.square, { [Symbol.asyncIterator]: () => ({ next: async () => undefined as never }) })
  await assert.rejects(stream.next(), TypeError)
})

test('next with a timeout rejects, and the result is not lost', async () => {
  const [arrived, gate] = [WaitWord.create(), WaitWord.create()]
  const stream = pool.imap(work.passGateWith, [[arrived.reference, gate.reference, 5] as const])
  await assert.rejects(stream.next({ timeout: 5 }), TimeoutError)
  await assert.rejects(stream.next({ timeout: 0 }), TimeoutError)
  gate.set(1)
  assert.deepEqual(await stream.next({ timeout: 2 ** 33 }), { value: 5, done: false })
  assert.equal((await stream.next({ timeout: 0 })).done, true)
  await assert.rejects(stream.next({ time: 1 } as object), /Unknown option `time`/)
  for (const word of [arrived, gate]) word.free()
})

test('several readers at once get a result each', async () => {
  const stream = pool.imap(work.squareLater, [1, 2, 3])
  const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()])
  assert.deepEqual(
    results.map(result => result.value),
    [1, 4, 9, undefined],
  )
  assert.deepEqual(
    results.map(result => result.done),
    [false, false, false, true],
  )
})

/** Five items for `passGateWith`: 0 waits for the gate, 1 to 4 find theirs open. */
function gatedItems(): { arrived: WaitWord; gate: WaitWord; items: (readonly [number, number, number])[]; free: () => void } {
  const words = [WaitWord.create(), WaitWord.create(), WaitWord.create()] as const
  const [arrived, gate, opened] = words
  opened.set(1)
  const items = [0, 1, 2, 3, 4].map(value => [arrived.reference, (value === 0 ? gate : opened).reference, value] as const)
  return { arrived, gate, items, free: () => words.forEach(word => void word.free()) }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function* generate(count: number, onEnd = (): void => {}): Generator<number> {
  try {
    for (let index = 1; index <= count; index += 1) yield index
  } finally {
    onEnd()
  }
}

async function* generateLater(count: number, onEnd = (): void => {}): AsyncGenerator<number> {
  yield* generate(count, onEnd)
}

function counter(count: number): () => IteratorResult<number> {
  let next = 1
  return () => (next > count ? { value: undefined, done: true } : { value: next++, done: false })
}

test('a stream’s chunks stay whole while the reader keeps up with them one by one', async () => {
  const sizes = new Set<number>()
  const items = Array.from({ length: 3000 }, (_, index) => index)
  let asked = 0
  function* input(): Generator<number> {
    for (const item of items) {
      asked = item
      yield item
    }
  }
  let taken = 0
  let last = 0
  for await (const _ of pool.imap(work.square, input(), { chunkSize: 100, maxPending: 400 })) {
    taken += 1
    if (asked !== last) sizes.add((asked - last) % 100)
    last = asked
    assert.ok(asked - taken <= 400)
  }
  assert.deepEqual(
    [...sizes].filter(size => size !== 0 && size !== 99),
    [],
    'the input is read by whole chunks',
  )
})
