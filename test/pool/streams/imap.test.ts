import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { WorkerDiedError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { echo, square } from '../../fixtures/pool/work.ts'
import { readLines } from '../../helpers/conditions.ts'
import { newGate } from '../../helpers/gate.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0
function newFile(): string {
  files += 1
  return join(folder, `file-${files}`)
}

for (const method of ['imap', 'imapUnordered'] as const) {
  test(`${method}: an item that is there is not kept back while the input waits for the next`, async () => {
    await using pool = new Pool(2)
    // Quick ones first, so that chunks are large.
    const gates = Array.from({ length: 5 }, newGate)
    async function* input(): AsyncGenerator<number> {
      for (let index = 0; index < 20_000; index += 1) yield index
      for (const [index, gate] of gates.entries()) {
        yield 20_000 + index
        await gate.opened
      }
    }
    const stream = pool[method](square, input())
    for (let index = 0; index < 20_000; index += 1) await stream.next()
    for (const [index, gate] of gates.entries()) {
      const { value } = await stream.next({ timeout: 5000 })
      if (method === 'imap') assert.equal(value, (20_000 + index) ** 2)
      gate.open()
    }
    assert.equal((await stream.next()).done, true)
  })

  for (const [maxPending, chunkSize] of [
    [1, undefined],
    [7, undefined],
    [7, 3],
    [3, 50],
    [100, 1],
  ] as const) {
    test(`${method}: never more than ${maxPending} items are read ahead, chunks of ${chunkSize ?? 'the usual size'}`, async () => {
      await using pool = new Pool(2)
      let read = 0
      function* input(): Generator<number> {
        for (; read < 500; ) yield read++
      }
      const stream = pool[method](square, input(), { maxPending, ...(chunkSize === undefined ? {} : { chunkSize }) })
      let most = 0
      for (let taken = 0; ; taken += 1) {
        most = Math.max(most, read - taken)
        const next = stream.next()
        // Who asks for one has not taken it yet.
        most = Math.max(most, read - taken)
        if ((await next).done === true) break
      }
      assert.equal(read, 500)
      assert.ok(most <= maxPending, `${most}`)
    })
  }

  test(`${method}: a death in a chunk fails one item and does the others, each once`, async () => {
    await using pool = new Pool(2)
    const file = newFile()
    const items = Array.from({ length: 300 }, (_, value) => [file, value, value % 50 === 17 ? value : -1, 9] as const)
    const stream = pool[method](trials.dieAtItem, items, { chunkSize: 20 })
    const values: number[] = []
    let died = 0
    for (let index = 0; index < 300; index += 1) {
      const outcome = await stream.next().catch((error: unknown) => error as Error)
      if (outcome instanceof Error) {
        assert.ok(outcome instanceof WorkerDiedError, String(outcome))
        died += 1
      } else values.push(outcome.value as number)
    }
    assert.equal((await stream.next()).done, true)
    assert.equal(died, 6)
    if (method === 'imap')
      assert.deepEqual(
        values,
        [...values].sort((a, b) => a - b),
      )
    assert.equal(new Set(values).size, 294)
    const lines = readLines(file)
    assert.deepEqual([lines.length, new Set(lines).size], [300, 300], 'each was begun once')
  })
}

test('imap: an item at a time has its result at once', async () => {
  await using pool = new Pool(1)
  let give = newGate()
  async function* input(): AsyncGenerator<number> {
    for (let index = 0; ; index += 1) {
      await give.opened
      give = newGate()
      yield index
    }
  }
  const stream = pool.imap(echo, input())
  for (let index = 0; index < 300; index += 1) {
    const next = stream.next()
    give.open()
    assert.equal((await next).value, index)
  }
  await Promise.race([stream.return(), new Promise(setImmediate)])
  give.open()
})

test('an input that throws does so in its place, and return() of a stream ends its input', async () => {
  await using pool = new Pool(2)
  let ended = 0
  function* input(): Generator<number> {
    try {
      yield* [1, 2, 3]
      throw new RangeError('no more')
    } finally {
      ended += 1
    }
  }
  const values: unknown[] = []
  const stream = pool.imap(square, input())
  for (let index = 0; index < 5; index += 1)
    values.push(
      await stream.next().then(
        ({ value, done }) => (done === true ? 'done' : value),
        (error: Error) => error.message,
      ),
    )
  assert.deepEqual(values, [1, 4, 9, 'no more', 'done'])
  const other = pool.imap(square, input(), { maxPending: 1 })
  await other.next()
  await other.return()
  assert.deepEqual([ended, await other.next()], [2, { value: undefined, done: true }])
})

test('map drops what waits when an item fails, and does not begin with it', async () => {
  await using pool = new Pool(1)
  const file = newFile()
  const items = Array.from({ length: 2000 }, (_, value) => [file, value, 5, 9] as const)
  await assert.rejects(pool.map(trials.failItem, items, { chunkSize: 1 }), /item 5/)
  assert.equal(await pool.apply(square, [3]), 9)
  assert.ok(readLines(file).length < 100, `${readLines(file).length} were begun`)
})

test('starmap calls with the items as arguments, and what is no list of them fails', async () => {
  await using pool = new Pool(2)
  const minus = (a: number, b = 1): number => a - b
  assert.deepEqual(
    await pool.starmap(minus, [
      [5, 3],
      [1, 2],
    ]),
    [2, -1],
  )
  await assert.rejects(pool.starmap(minus, [5 as unknown as [number, number]]), TypeError)
  assert.deepEqual(await pool.starmap(minus, new Set([[3, 1] as const])), [2])
})

test('a hundred thousand tasks, far more than the ring has room for are done, each once', async () => {
  await using pool = new Pool(2)
  const tasks = Array.from({ length: 100_000 }, (_, index) => pool.apply(square, [index]))
  const results = await Promise.all(tasks)
  for (const [index, result] of results.entries()) if (result !== index * index) assert.fail(`${index}: ${result}`)
})
