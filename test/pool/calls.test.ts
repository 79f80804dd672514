import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { cpuCount } from '../../src/base/cpu-count.ts'
import { NotSerializableError } from '../../src/base/errors.ts'
import { Pool } from '../../src/pool/pool.ts'
import { WaitWord } from '../../src/sync/waiting/wait-word.ts'
import { reference } from '../../src/wire/function-reference.ts'
import * as work from '../fixtures/pool/work.ts'

const pool = new Pool(2)
after(() => pool[Symbol.asyncDispose]())

test('apply calls the function with its arguments in another process', async () => {
  assert.equal(await pool.apply(work.square, [7]), 49)
  assert.equal(await pool.apply(work.join, ['a', 'b', 3]), 'a b 3')
  assert.notEqual(await pool.apply(work.pid), process.pid)
})

test('apply awaits what an asynchronous function returns', async () => {
  assert.equal(await pool.apply(work.squareLater, [7]), 49)
})

test('apply carries results of every kind', async () => {
  for (const value of [undefined, null, 0, '', 'é', [1, [2]], { a: undefined }, new Float64Array([1.5]), Buffer.from('x'), -0, 2n ** 70n]) {
    assert.deepStrictEqual(await pool.apply(work.echo, [value]), value)
  }
})

test('calls submitted one after the other give each its own result', async () => {
  const results = await Promise.all(Array.from({ length: 5000 }, (_, index) => pool.apply(work.square, [index])))
  assert.deepEqual(
    results,
    Array.from({ length: 5000 }, (_, index) => index * index),
  )
})

test('arguments are copied when apply is called', async () => {
  const numbers = [1, 2, 3]
  const result = pool.apply(work.sum, [numbers])
  numbers[0] = 1000
  assert.equal(await result, 6)
})

test('more large arguments than the ring and a block have room for come through at once', async () => {
  const sizes = [200, 225, 1000, 16_000, 32_769, 1_000_000, 14 * 2 ** 20, 20_000_000]
  const results = await Promise.all(sizes.map(size => pool.apply(work.sum, [new Uint8Array(size).fill(1)])))
  assert.deepEqual(results, sizes)
})

test('large results come back, as many as there are', async () => {
  const sizes = [100, 16_300, 16_400, 300_000, 15_000_000, 20_000_000]
  const results = await Promise.all(sizes.map(size => pool.apply(work.makeBytes, [size])))
  for (const [index, size] of sizes.entries()) {
    const bytes = results[index] as Uint8Array
    assert.equal(bytes.length, size)
    assert.ok(bytes.every(byte => byte === size % 251))
  }
})

test('more results than the ring has room for wait for the reader and lose nothing', async () => {
  const text = 'x'.repeat(9000) // A ring of 64 KiB has room for seven.
  const results = await Promise.all(Array.from({ length: 500 }, () => pool.apply(work.echo, [text])))
  assert.ok(results.every(result => result === text))
})

test('what a function throws arrives as an error of its class with the far stack and its process', async () => {
  await assert.rejects(pool.apply(work.failOn, [3, 3]), error => {
    assert.ok(error instanceof RangeError)
    assert.equal(error.message, 'no 3')
    assert.match(String(error.stack), /at failOn .*work\.[jt]s/)
    assert.match(String(error.stack), /\n {4}at \(in PoolWorker-\d+, process \d+\)\n {4}at .*calls\.test\.js/)
    return true
  })
})

test('thrown values of other kinds arrive, and the worker lives on', async () => {
  const coded = await failureOf('coded')
  assert.deepEqual([coded.code, coded.detail, (coded.cause as Error).message], ['E_MINE', { a: 1 }, 'the reason'])
  assert.ok(coded.cause instanceof TypeError)
  const own = await failureOf('class')
  assert.ok(own instanceof Error)
  assert.deepEqual([own.constructor.name, (own as { level?: number }).level], ['CustomError', 3], 'the class came along')
  assert.equal(await failureOf('string'), 'just text')
  assert.equal(await failureOf('nothing'), undefined)
  assert.deepEqual(Object.keys(await failureOf('strange')), ['call'])
  assert.equal(await pool.apply(work.square, [3]), 9)
})

test('a reference, a CommonJS function and one of the language are called like any other', async () => {
  const square = reference<typeof work.square>(new URL('../fixtures/pool/work.js', import.meta.url), 'square')
  assert.equal(await pool.apply(square, [5]), 25)
  const double = reference<(x: number) => number>(new URL('../fixtures/pool/common.cjs', import.meta.url), 'double')
  assert.equal(await pool.apply(double, [5]), 10)
  assert.equal(await pool.apply(Math.max, [1, 9, 3]), 9)
})

test('a value that cannot travel rejects at the call, with the path to it', async () => {
  await assert.rejects(pool.apply(work.echo, [{ onData: new WeakMap() }]), { name: 'NotSerializableError', path: 'args[0].onData' })
  await assert.rejects(pool.map(work.echo, [1, Symbol('s')], { chunkSize: 5 }), { name: 'NotSerializableError', path: 'items[1]' })
})

test('a result that cannot travel rejects with the path to it', async () => {
  await assert.rejects(pool.apply(work.makeUnsendable), error => {
    assert.ok(error instanceof NotSerializableError)
    assert.match(error.message, /^result\.deep\[0\]: .*WeakMap/)
    assert.equal(error.path, 'result.deep[0]')
    return true
  })
})

test('a reference to what is not there rejects with where it was looked for', async () => {
  const url = new URL('../fixtures/pool/work.js', import.meta.url)
  await assert.rejects(pool.apply(reference(url, 'missing'), []), {
    name: 'NotSerializableError',
    message: `${url.href}#missing: the module has no such export`,
  })
  await assert.rejects(pool.apply(reference('/nowhere/at/all.js', 'f'), []), {
    code: 'ERR_MODULE_NOT_FOUND',
    message: /\/nowhere\/at\/all\.js/,
  })
})

test('arguments of the wrong type are told apart', async () => {
  await assert.rejects(pool.apply(5 as unknown as () => void), { name: 'TypeError', message: 'Expected `fn` to be a function, got 5' })
  await assert.rejects(pool.apply(work.square, 5 as unknown as [number]), {
    name: 'TypeError',
    message: 'Expected `args` to be an array, got 5',
  })
  await assert.rejects(pool.map(work.square, 5 as unknown as number[]), /Expected `items` to be an iterable or an async iterable, got 5/)
  await assert.rejects(pool.map(work.square, [1], { chunkSize: 0 }), { name: 'RangeError', message: /`chunkSize`/ })
  await assert.rejects(pool.map(work.square, [1], { chunks: 1 } as object), /Unknown option `chunks`; expected `chunkSize`/)
  assert.throws(() => pool.imap(work.square, [1], { maxPending: 0 }), /`maxPending`/)
  assert.throws(() => pool.imap(work.square, null as unknown as number[]), /`items`/)
})

test('a pool has as many workers as processors may be used, unless told otherwise', async () => {
  const usual = new Pool()
  try {
    const gate = { arrived: WaitWord.create(), open: WaitWord.create() }
    const tasks = Array.from({ length: cpuCount() }, () => usual.apply(work.passGate, [gate.arrived.reference, gate.open.reference]))
    // Only when each worker has one task can all arrive.
    while (gate.arrived.value < cpuCount()) await gate.arrived.wait(gate.arrived.value)
    gate.open.set(1)
    assert.equal(new Set(await Promise.all(tasks)).size, cpuCount())
    gate.arrived.free()
    gate.open.free()
  } finally {
    await usual[Symbol.asyncDispose]()
  }
})

async function failureOf(kind: string): Promise<Error & { code?: string; detail?: unknown }> {
  return pool.apply(work.throwAnything, [kind]).then(
    () => assert.fail('nothing was thrown'),
    error => error,
  )
}

test('an object that has a pool among its fields travels; the pool throws where it is used elsewhere', async () => {
  class Service {
    readonly factor = 3
    readonly pool = pool
    run(): Promise<number[]> {
      // biome-ignore lint/complexity/noUselessThisAlias: V8 does not show the `this` of an arrow function.
      const self = this
      return this.pool.map(x => self.scale(x), [1, 2])
    }
    scale(x: number): number {
      return x * this.factor
    }
  }
  const service = new Service()
  assert.deepEqual(await service.run(), [3, 6])
  await assert.rejects(
    pool.apply(() => service.pool.map(Math.sqrt, [4])),
    /This pool belongs to another process/,
  )
})

test('what cannot be sent is an error whose stack begins with the call', async () => {
  for (const call of [
    () => pool.apply(work.echo, [new WeakMap()]),
    () => pool.map(work.echo, [new WeakMap()]),
    () => pool.map(new Proxy(work.echo, {}), [1]),
    async () => pool.imap(new Proxy(work.echo, {}), [1]),
  ]) {
    await assert.rejects(call, error => error instanceof NotSerializableError && /calls\.test\.js/.test(String(error.stack)))
  }
})
