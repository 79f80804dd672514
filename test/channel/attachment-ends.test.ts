// Large data that a pool's tasks bring and leave, however they end: nothing of it stays in the arena.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lentBlocks } from '../../src/channel/attachments.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { Pool } from '../../src/pool/pool.ts'
import { rebuild, reduce } from '../../src/wire/classes.ts'
import { collectUntil } from '../helpers/collector.ts'

/** Copied out of its block on arrival. */
const COPIED = 100_000
/** Lent. */
const LENT = 3_000_000
const MORE_THAN_A_SEGMENT = 17_000_000

/** Cannot be rebuilt in the process with this pid. */
class Unreadable {
  readonly pid: number
  constructor(pid: number) {
    this.pid = pid
  }
  [reduce](): unknown {
    return { before: new Uint8Array(100_000), pid: this.pid, after: new Float64Array(400_000) }
  }
  static [rebuild]({ pid }: { pid: number }): Unreadable {
    if (process.pid === pid) throw new Error('not here')
    return new Unreadable(pid)
  }
}

/** Runs the body twice: the first time its functions become definitions, which are kept. */
async function balanced(body: (pool: Pool) => Promise<unknown>): Promise<void> {
  const pictures: unknown[] = []
  for (let round = 0; round < 2; round += 1) {
    const pool = new Pool(2)
    try {
      await body(pool)
    } finally {
      pool.terminate()
      await pool.join()
    }
    await collectUntil(() => lentBlocks() === 0, 'all buffers are collected')
    const { problems, blocks, bytes, slotsInUse } = checkArena(arena())
    pictures.push([problems, blocks, bytes, slotsInUse])
  }
  assert.deepEqual(pictures[1], pictures[0], 'no block is left')
  assert.deepEqual((pictures[1] as unknown[])[0], [])
}

/** Of its own function, so that no frame here holds a buffer when the collector looks. */
async function settled(promises: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(promises)).map(({ status }) => status)
}

test('of arguments and results, of all sizes and in many places, nothing stays', () =>
  balanced(async pool => {
    const echo = (...args: unknown[]): unknown => [args, { again: args[0] }]
    for (const byteLength of [0, COPIED, LENT, MORE_THAN_A_SEGMENT]) {
      const bytes = new Uint8Array(byteLength).fill(7)
      const [args, { again }] = (await pool.apply(echo, [bytes, [bytes], new Float64Array(bytes.buffer.slice(0))])) as [
        [Uint8Array, [Uint8Array], Float64Array],
        { again: unknown },
      ]
      assert.equal(again, args[0])
      assert.equal(args[0], args[1][0])
      assert.deepEqual([args[0].length, args[0].at(-1), args[2].byteLength], [byteLength, bytes.at(-1), byteLength])
    }
  }))

test('of two thousand parts of one message, and fifty larger ones, nothing stays', () =>
  balanced(async pool => {
    const parts = Array.from({ length: 2050 }, (_, index) => new Uint8Array(index < 2000 ? 64 * 1024 : LENT).fill(index))
    assert.equal(await pool.apply((list: readonly Uint8Array[]) => list.findIndex((part, index) => part[9] !== (index & 255)), [parts]), -1)
  }))

test('of errors and what they carry nothing stays, in calls and in streams', () =>
  balanced(async pool => {
    const fail = (bytes: Uint8Array): never => {
      throw Object.assign(new Error('failed', { cause: { bytes } }), { bytes: bytes.slice() })
    }
    for (const byteLength of [COPIED, LENT]) {
      await assert.rejects(pool.apply(fail, [new Uint8Array(byteLength).fill(3)]), error => {
        const { bytes, cause } = error as { bytes: Uint8Array; cause: { bytes: Uint8Array } }
        return bytes[byteLength - 1] === 3 && cause.bytes.length === byteLength
      })
    }
    for await (const _ of stopAtErrors(pool.imap(fail, [new Uint8Array(COPIED), new Uint8Array(LENT)])));
  }))

async function* stopAtErrors(stream: AsyncIterableIterator<unknown>): AsyncGenerator<unknown> {
  try {
    yield* stream
  } catch (error) {
    yield error
  }
}

test('of variables that functions captured nothing stays but their definitions', () =>
  balanced(async pool => {
    for (const byteLength of [COPIED, LENT]) {
      const captured = new Uint8Array(byteLength).fill(5)
      assert.deepEqual(await pool.map((index: number) => captured[index], [0, byteLength - 1]), [5, 5])
    }
  }))

test('of results of a stream that is left early, or a map that fails early, nothing stays', () =>
  balanced(async pool => {
    const make = (seed: number): Uint8Array => new Uint8Array(seed % 2 === 0 ? 100_000 : 3_000_000).fill(seed)
    for await (const bytes of pool.imap(
      make,
      Array.from({ length: 100 }, (_, index) => index),
    ))
      if (bytes[0] === 3) break
    const half = (seed: number): Uint8Array => {
      if (seed === 1) throw new Error('early')
      return new Uint8Array(seed % 2 === 0 ? 100_000 : 3_000_000)
    }
    await assert.rejects(pool.map(half, [0, 1, 2, 3, 4, 5, 6, 7], { chunkSize: 1 }), /early/)
  }))

test('of tasks that wait when the pool is terminated nothing stays', () =>
  balanced(async pool => {
    const forever = (_: Uint8Array): Promise<never> => new Promise(() => setInterval(() => {}, 1000))
    const [bytes, more] = [new Uint8Array(64 * 1024), new Uint8Array(LENT)]
    const calls = Array.from({ length: 1500 }, (_, index) => pool.apply(forever, [index % 50 === 0 ? more : bytes]))
    const all = settled(calls)
    pool.terminate()
    assert.deepEqual(new Set(await all), new Set(['rejected']))
  }))

test('of tasks whose workers are killed while they have them nothing stays', () =>
  balanced(async pool => {
    const die = (_: Uint8Array): void => process.kill(process.pid, 'SIGKILL') as never
    const statuses = await settled(
      Array.from({ length: 6 }, (_, index) => pool.apply(die, [new Uint8Array(index % 2 === 0 ? COPIED : LENT)])),
    )
    assert.deepEqual(new Set(statuses), new Set(['rejected']))
  }))

test('of arguments that cannot be sent, or read, and results that cannot be read nothing stays', () =>
  balanced(async pool => {
    const none = (..._: unknown[]): void => {}
    await assert.rejects(pool.apply(none, [new Uint8Array(COPIED), new Uint8Array(LENT), Symbol('unique')]), {
      code: 'ERR_NOT_SERIALIZABLE',
    })
    const workers = await pool.map(() => process.pid, [1, 2, 3, 4], { chunkSize: 1 })
    for (const pid of workers)
      await settled([1, 2].map(() => pool.apply(none, [new Unreadable(pid), new Uint8Array(COPIED), new Uint8Array(LENT)])))
    const home = (cls: typeof Unreadable, pid: number): unknown => [new cls(pid), new Uint8Array(100_000), new Uint8Array(3_000_000)]
    await assert.rejects(pool.apply(home, [Unreadable, process.pid]), { code: 'ERR_BAD_MESSAGE', message: /not here/ })
    const thrown = (cls: typeof Unreadable, pid: number): never => {
      throw Object.assign(new Error('with it'), { part: new cls(pid), bytes: new Uint8Array(3_000_000) })
    }
    await assert.rejects(pool.apply(thrown, [Unreadable, process.pid]))
  }))
