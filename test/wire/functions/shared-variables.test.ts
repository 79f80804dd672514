import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'

const pool = new Pool(1)
after(() => pool[Symbol.asyncDispose]())

let count = 0
const increment = (): number => (count += 1)
const read = (): number => count

test('functions of the top level that share a variable share it there, too', async () => {
  count = 5
  const counted = await pool.apply(() => {
    increment()
    increment()
    return [count, read()]
  })
  assert.deepEqual(counted, [7, 7])
  assert.equal(count, 5, 'it is a copy')
  count = 10
  assert.deepEqual(await pool.apply(() => [increment(), read()]), [11, 11], 'with the value that it has at the call')
})

let model: { readonly scale: number } | undefined
const load = (): void => {
  model ??= { scale: 3 }
}
const predict = (x: number): number => {
  load()
  return x * (model?.scale ?? Number.NaN)
}

test('what one function of the top level makes at its first call others find', async () => {
  assert.deepEqual(await pool.map(predict, [1, 2, 3]), [3, 6, 9])
})

let shorthand = 1
let renamed = 2
function assignAll(): object {
  ;({ shorthand, other: renamed } = { shorthand: 10, other: 20 })
  for (shorthand of [11, 12]);
  return { shorthand, renamed }
}
class Counter {
  bump(): number {
    renamed += 1
    return renamed
  }
  static seen = (): number => renamed
}

test('shared variables are assigned to in every way, also by classes', async () => {
  const sums = await pool.apply(() => [assignAll(), new Counter().bump(), Counter.seen(), typeof shorthand, shorthand])
  assert.deepEqual(sums, [{ shorthand: 12, renamed: 20 }, 21, 21, 'number', 12])
})

let callback = (x: number): number => x + 1
const replace = (): void => {
  callback = x => x * 100
}

test('a shared variable may hold a function, which is called without a this', async () => {
  const called = await pool.apply(() => {
    const before = callback(1)
    replace()
    return [before, callback(1)]
  })
  assert.deepEqual(called, [2, 100])
})

test('code with shared variables is as strict as it was, and its stack as right', async () => {
  await assert.rejects(
    pool.apply(() => {
      increment()
      // @ts-expect-error: it is not declared.
      undeclared = count
    }),
    { name: 'ReferenceError', message: 'undeclared is not defined', stack: /shared-variables\.test\.js:\d+:\d+\)?\n {4}at \(in Pool/ },
  )
})

test('a variable of an inner scope is each function’s own, since V8 does not tell which of them have it in common', async () => {
  let inner = 0
  const add = (): number => (inner += 1)
  assert.deepEqual(await pool.apply(() => [add(), inner]), [1, 0])
  const box = { inner: 0 }
  const addToBox = (): number => (box.inner += 1)
  assert.deepEqual(await pool.apply(() => [addToBox(), box.inner]), [1, 1], 'an object is shared')
})
