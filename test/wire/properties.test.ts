// Values and bytes that nobody thought of. fast-check prints the seed of what fails.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MultiprocessingError } from '../../src/base/errors.ts'
import { decode } from '../../src/wire/decoder.ts'
import { encode } from '../../src/wire/encoder.ts'

const typedArrays = fc.oneof(
  fc.uint8Array(),
  fc.int16Array(),
  fc.int32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.uint8ClampedArray(),
  fc.uint32Array(),
)
const scalars = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, 2 ** 31, -(2 ** 31)),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  // Lone surrogates.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map(codes => String.fromCharCode(...codes)),
)
const values = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    scalars,
    typedArrays,
    fc.array(tie('value')),
    fc.array(fc.oneof(fc.integer(), fc.double()), { minLength: 12, maxLength: 40 }),
    fc.sparseArray(tie('value'), { maxLength: 10 }),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { noNullPrototype: true }),
  ),
})).value

test('every value that can travel comes back as it was, alone and beside others', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 9 }), (value, shift) => {
      const bytes = Uint8Array.from(encode(value, 'value'))
      assert.deepStrictEqual(decode(bytes), value)
      const moved = new Uint8Array(bytes.length + shift)
      moved.set(bytes, shift)
      assert.deepStrictEqual(decode(moved, shift), value)
    }),
    { numRuns: 700 },
  )
})

test('a hundred thousand damaged messages are an error or a value each, and pollute no prototype', () => {
  const names = Object.getOwnPropertyNames(Object.prototype).join()
  let errors = 0
  let read = 0
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0 // Stacks are nine tenths of the time that the errors take.
  const attempt = (bytes: Uint8Array): void => {
    try {
      decode(bytes)
      read += 1
    } catch (error) {
      errors += 1
      if (!(error instanceof MultiprocessingError) && !(error instanceof RangeError)) throw error
    }
  }
  fc.assert(
    fc.property(values, fc.integer({ min: 1 }), (value, seed) => {
      const bytes = Uint8Array.from(encode([value, 'end'], 'value'))
      const random = generator(seed)
      for (let round = 0; round < 500; round += 1) attempt(damaged(bytes, random))
    }),
    { numRuns: 200 },
  )
  Error.stackTraceLimit = stackTraceLimit
  assert.equal(errors + read, 100_000)
  assert.ok(errors > 1000)
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), names)
})

test('random bytes are an error or a value each', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        decode(bytes)
      } catch (error) {
        assert.ok(error instanceof MultiprocessingError || error instanceof RangeError, String(error))
      }
    }),
    { numRuns: 5000 },
  )
})

/** Integers from 0 on, the same for the same seed (xorshift of G. Marsaglia). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 1
  }
}

/** Cut short, with bytes changed, or with a part put elsewhere. */
function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const kind = random() % 3
  if (kind === 0) return copy.subarray(0, random() % copy.length)
  if (kind === 1) {
    for (let count = 1 + (random() % 4); count > 0; count -= 1) copy[random() % copy.length] = random() & 255
    return copy
  }
  copy.copyWithin(random() % copy.length, random() % copy.length)
  return copy
}
