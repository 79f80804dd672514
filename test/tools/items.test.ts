import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Chunk, readLines, toChunks } from '../../src/tools/map/items.ts'
import { runChunks } from '../../src/tools/map/run-chunks.ts'

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

test('the lines of a stream do not depend on how it is cut into pieces', async () => {
  const textOf = fc.array(fc.constantFrom('a', 'é', '\u{1f600}', '\n', '\r\n', ' '), { maxLength: 40 }).map(parts => parts.join(''))
  await fc.assert(
    fc.asyncProperty(textOf, fc.integer({ min: 1, max: 9 }), async (whole, size) => {
      const bytes = Buffer.from(whole)
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
      const expected = whole.split(/\r?\n/)
      if (expected.at(-1) === '') expected.pop()
      assert.deepEqual(await collect(readLines(Readable.from(pieces, { objectMode: false }))), expected)
    }),
  )
})

test('chunks number their items from 1 and lose none', async () => {
  const chunks = await collect(toChunks(['a', 'b', 'c', 'd', 'e'], 2))
  assert.deepEqual(chunks, [
    { index: 0, first: 1, items: ['a', 'b'] },
    { index: 1, first: 3, items: ['c', 'd'] },
    { index: 2, first: 5, items: ['e'] },
  ])
})

/** Chunks of one item each, endless or up to a number, with a count of how many were taken. */
function countedChunks(end = Infinity) {
  const counted = { taken: 0 }
  async function* generate(): AsyncGenerator<Chunk> {
    while (counted.taken < end) {
      const index = counted.taken
      counted.taken += 1
      yield { index, first: index + 1, items: [String(index)] }
    }
  }
  return { counted, chunks: generate() }
}

test('no more of the input is taken than the window has room for and one, while the output takes nothing', async () => {
  for (const order of ['as-they-come', 'as-given'] as const) {
    const { counted, chunks } = countedChunks()
    const stop = new AbortController()
    const blocked = new Promise<void>(resolve => stop.signal.addEventListener('abort', () => resolve()))
    const running = runChunks({ chunks, window: 3, order, run: async () => null, deliver: () => blocked, signal: stop.signal })
    // The input never waits: after one turn of the event loop it would be taken without end if nothing held it back.
    await new Promise(resolve => setImmediate(resolve))
    assert.equal(counted.taken, 4)
    stop.abort()
    await running
  }
})

test('in order, results are delivered as given, whenever they are done', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 8 }),
      async (delays, window) => {
        const delivered: number[] = []
        await runChunks({
          chunks: countedChunks(delays.length).chunks,
          window,
          order: 'as-given',
          run: async ({ index }) => {
            for (let turn = 0; turn < (delays[index] ?? 0); turn += 1) await null
            return index
          },
          deliver: async (_chunk, result) => {
            delivered.push(result)
          },
          signal: new AbortController().signal,
        })
        assert.deepEqual(delivered, [...delays.keys()])
      },
    ),
  )
})

test('an input that fails is the failure of the run, unless the run was stopped', async () => {
  // biome-ignore lint/correctness/useYield: an input that fails before its first item.
  async function* failing(): AsyncGenerator<Chunk> {
    throw new Error('cannot read')
  }
  const task = { window: 1, order: 'as-they-come', run: async () => null, deliver: async () => {} } as const
  await assert.rejects(runChunks({ ...task, chunks: failing(), signal: new AbortController().signal }), /cannot read/)
  await runChunks({ ...task, chunks: failing(), signal: AbortSignal.abort() })
})
