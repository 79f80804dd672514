import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../../../src/wire/values/decoder.ts'
import { collectNow } from '../../helpers/collector.ts'
import { attempt, damaged, generator, noise, validMessages, withGlobalsWatched } from './hostile-messages.ts'

const messages = validMessages()
const seed = Number(process.env.CHAOS_SEED ?? Date.now() | 0)

test('a message cut off anywhere is an error', () => {
  withGlobalsWatched(() => {
    for (const message of messages) {
      for (let length = 0; length < message.length; length += 1) {
        assert.equal(attempt(message.subarray(0, length)), 'error', `${length} bytes of ${Buffer.from(message).toString('hex')}`)
      }
      assert.equal(attempt(message), 'value')
    }
  })
})

test(`damaged messages are an error or a value each (seed ${seed})`, () => {
  const random = generator(seed)
  const pick = (): Uint8Array => messages[random() % messages.length] as Uint8Array
  const outcomes = { value: 0, error: 0 }
  withGlobalsWatched(() => {
    for (let round = 0; round < 20_000; round += 1) outcomes[attempt(damaged(pick(), pick(), random))] += 1
  })
  assert.ok(outcomes.value > 500 && outcomes.error > 5000, JSON.stringify(outcomes))
})

test(`noise is an error or a value each (seed ${seed})`, () => {
  const random = generator(seed)
  const outcomes = { value: 0, error: 0 }
  withGlobalsWatched(() => {
    for (let round = 0; round < 10_000; round += 1) outcomes[attempt(noise(random))] += 1
  })
  assert.ok(outcomes.error > 5000, JSON.stringify(outcomes))
})

const bad: readonly (readonly [string, readonly number[]])[] = [
  ['nothing', []],
  ['no tag', [63]],
  ['holes outside an array', [15]],
  ['half a number', [5, 0, 0]],
  ['a string longer than the message', [0x7f, 65]],
  ['a long string longer than the message', [6, 255, 255, 255, 255, 65]],
  ['an array that says it has 4 billion items', [13, 255, 255, 255, 255]],
  ['an item of a sparse array outside of it', [14, 5, 0, 0, 0, 15, 1, 0, 0, 0, 5, 0, 0, 0, 128]],
  ['items of a sparse array out of order', [14, 9, 0, 0, 0, 15, 2, 0, 0, 0, 5, 0, 0, 0, 128, 4, 0, 0, 0, 128]],
  ['numbers that say they are 4 billion', [17, 255, 255, 255, 255, 0, 0]],
  ['a dictionary that says it has 4 billion keys', [22, 255, 255, 255, 255, 65, 0, 0]],
  ['a dictionary whose key is a number', [22, 1, 0, 0, 0, 129, 129]],
  ['a shape that it has not', [20, 0]],
  ['a shape with a key twice', [19, 5, 0, 0, 0, 2, 0x41, 97, 0x41, 97, 128, 128]],
  ['a shape with more bytes than keys', [19, 4, 0, 0, 0, 1, 0x41, 97, 98, 128]],
  ['a typed array of no kind', [24, 77, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a typed array of NaN bytes', [24, 3, 0, 0, 0, 0, 0, 0, 0, 248, 127]],
  ['a typed array of more bytes than there are', [24, 3, 0, 0, 0, 0, 0, 0, 0, 240, 67]],
  ['an attachment that it has not', [24, 3, 1, 0, 0, 0, 0]],
  ['half an element', [24, 8, 0, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 1]],
  ['a bigint without digits', [9, 0x41, 45]],
  ['a bigint of other letters', [9, 0x42, 48, 120]],
  ['a reference to an object without a table', [13, 1, 0, 0, 0, 12, 0, 0, 0, 0]],
  ['a reference to an object that comes later', [39, 1, 0, 0, 0, 0, 0, 0, 12, 1, 0, 0, 0]],
  ['a regular expression that is none', [29, 0x41, 40, 0x40, 128]],
  ['flags of a regular expression that are none', [29, 0x41, 97, 0x41, 122, 128]],
  ['a URL that is none', [30, 0x41, 97]],
  ['a boxed object', [32, 13, 0, 0, 0, 0]],
  ['an error of no class', [33, 200, 0, 0, 0, 0]],
  ['a function', [37, 0, 0, 0]],
  ['an instance of no class', [35, 38, 0, 0, 19, 1, 0, 0, 0, 0]],
  ['an instance whose base is none', [35, 13, 0, 1, 0x4d, ...Buffer.from('hostile.Named'), 129]],
  ['a header without a value', [39, 0, 0, 0, 0, 0, 0, 0]],
  ['a header in a header', [39, 0, 0, 0, 0, 0, 0, 0, 39, 0, 0, 0, 0, 0, 0, 0, 128]],
  ['a trailer outside of it', [39, 0, 0, 0, 200, 0, 0, 0, 128]],
  ['more after the value', [129, 129]],
]

for (const [name, bytes] of bad) {
  test(`bytes with ${name} are an error and not a value`, () => {
    assert.throws(() => decode(Uint8Array.from(bytes)), {
      name: 'MultiprocessingError',
      code: 'ERR_BAD_MESSAGE',
      message: /cannot be decoded/,
    })
  })
}

const levels: readonly (readonly [string, readonly number[]])[] = [
  ['arrays', [13, 1, 0, 0, 0]],
  ['sparse arrays', [14, 9, 0, 0, 0]],
  ['dictionaries', [22, 1, 0, 0, 0, 0x40]],
  ['Maps', [26, 1, 0, 0, 0]],
  ['Sets', [27, 1, 0, 0, 0]],
  ['errors', [33, 0, 1, 0, 0, 0, 0x41, 97, 0]],
  ['boxed primitives', [32]],
  ['instances with hooks', [36, 1, 0x4e, ...Buffer.from('hostile.Hooked')]],
]

for (const [name, level] of levels) {
  test(`bytes with ${name} in each other without end are an error and not an overflow of the stack`, () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => level[index % level.length] as number)
    assert.throws(() => decode(bytes), { code: 'ERR_BAD_MESSAGE', message: /nested too deep/ })
  })
}

test('the length of a sparse array costs no memory that the message does not pay for', () => {
  const message = [...[14, 0, 0, 200, 1, 15, 1, 0, 0, 0, 5, 0, 0, 0, 128]]
  const bytes = Uint8Array.from([13, 100, 0, 0, 0, ...Array.from({ length: 100 }, () => message).flat()])
  const before = process.memoryUsage().heapUsed
  const back = decode(bytes) as unknown[][]
  assert.equal(back[99]?.length, 0x1c80000)
  assert.ok(process.memoryUsage().heapUsed - before < 50_000_000)
})

/** An array of objects of one key each. */
function objectsOf(keys: readonly Buffer[]): Buffer {
  const word = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
  const objects = keys.map(key =>
    Buffer.concat([Buffer.from([19]), word(key.length + 6), Buffer.from([1, 6]), word(key.length), key, Buffer.from([129])]),
  )
  return Buffer.concat([Buffer.from([13]), word(keys.length), ...objects])
}

/** How many bytes outside of the heap are in use after it, and were not before. */
async function bytesLeftBy(work: () => void): Promise<number> {
  decode(Uint8Array.of(19, 1, 0, 0, 0, 0)) // A shape that lets go of what followed the first one.
  await collectNow()
  const before = process.memoryUsage().arrayBuffers
  work()
  await collectNow()
  return process.memoryUsage().arrayBuffers - before
}

test('what was read of a shape is not kept because one that is kept came before it', async () => {
  const long = Buffer.alloc(1_000_000, 0x61)
  const left = await bytesLeftBy(() => {
    for (let round = 0; round < 100; round += 1) decode(objectsOf([Buffer.from(`k${round}`), long]))
  })
  assert.ok(left < 10_000_000, `${left} bytes`)
})

test('a large message is not kept when it has been read', async () => {
  const left = await bytesLeftBy(() => {
    decode(objectsOf([Buffer.from('a'), Buffer.alloc(30_000_000, 0x61)]))
    assert.throws(() => decode(Buffer.alloc(30_000_000)), { code: 'ERR_BAD_MESSAGE' })
  })
  assert.ok(left < 10_000_000, `${left} bytes`)
})

test('a message of very many shapes leaves only a few of them behind', async () => {
  const left = await bytesLeftBy(() => {
    decode(objectsOf(Array.from({ length: 20_000 }, (_, index) => Buffer.from(`${index}`.padEnd(1900, 'a')))))
  })
  assert.ok(left < 10_000_000, `${left} bytes`)
})

test('what a place outside of its memory is said to hold is an error', () => {
  const memory = new Uint8Array(20).fill(128)
  for (const [offset, length] of [
    [0, 21],
    [20, 1],
    [-1, 2],
    [5, -1],
  ] as const)
    assert.throws(() => decode(memory, offset, length), { code: 'ERR_BAD_MESSAGE' })
})
