// Shared memory in messages: by name where the capability lets it through, as ordinary bytes elsewhere.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeForTree, TREE_MESSAGES } from '../../src/channel/tree-messages.ts'
import {
  ClosedError,
  closeShared,
  defineStruct,
  NotSerializableError,
  RawArray,
  RawValue,
  SharedArray,
  share,
  Value,
} from '../../src/index.ts'
import { decode } from '../../src/wire/values/decoder.ts'
import { encode } from '../../src/wire/values/encoder.ts'
import { balanced } from '../value/balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: what arrives may be anything.
type Any = any

function messageOf(value: unknown): Uint8Array {
  return new Uint8Array(encodeForTree(value, 'value'))
}

function read(message: Uint8Array): Any {
  return TREE_MESSAGES.decode(message, 0, message.length)
}

test('an array travels by its name, whatever its size: nothing is copied and nothing is beside the message', () =>
  balanced(() => {
    const array = new RawArray('f64', 3_000_000)
    const message = messageOf([array, array.subarray(5), { again: array }])
    assert.ok(message.length < 300, `${message.length} bytes`)
    assert.equal(TREE_MESSAGES.attachmentsOf(message, 0, message.length).length, 0)
    const [whole, part, { again }] = read(message)
    assert.deepEqual([whole.buffer, part.byteOffset, again], [array.buffer, 40, whole])
    assert.equal(read(message)[0].buffer, array.buffer, 'it can be read as often as one likes')
    closeShared(array)
  }))

test('views of one block received one after the other are views of one buffer', () =>
  balanced(() => {
    const array = new SharedArray('u8', 100)
    const [one, two] = [read(messageOf(array.subarray(1, 50))), read(messageOf(new Uint16Array(array.buffer as ArrayBuffer, 2, 4)))]
    assert.equal(one.buffer, two.buffer)
    one[1] = 7
    assert.equal(two[0], 7)
    closeShared(one)
    assert.deepEqual([array.length, two.length], [0, 0])
  }))

test('without a capability an array travels as ordinary bytes, and values do not travel', () =>
  balanced(() => {
    const array = new SharedArray('i32', [1, 2, 3])
    const copy = decode(new Uint8Array(encode([array, array.subarray(1)], 'value'))) as Int32Array[]
    assert.deepEqual(
      copy.map(each => [...each]),
      [
        [1, 2, 3],
        [2, 3],
      ],
    )
    assert.notEqual(copy[0]?.buffer, array.buffer)
    const value = new Value('i32')
    const point = new RawValue(defineStruct({ x: 'i8' }))
    for (const each of [value, point, point.value]) assert.throws(() => encode([each], 'value'), NotSerializableError)
    assert.throws(() => decode(messageOf(value)), { code: 'ERR_BAD_MESSAGE' })
    assert.throws(() => decode(messageOf(array)), { code: 'ERR_BAD_MESSAGE' })
    closeShared(array)
    value.close()
    point.close()
  }))

test('an array that is closed on the way is a ClosedError, a value arrives closed', () => {
  const array = new RawArray('f64', 10)
  const value = new Value('f64', 1)
  const point = new RawValue(defineStruct({ x: 'i8' }))
  const messages = [array, value, point, point.value].map(messageOf)
  closeShared(array)
  value.close()
  point.close()
  assert.throws(() => read(messages[0] as Uint8Array), ClosedError)
  const [late, latePoint, view] = messages.slice(1).map(read)
  assert.deepEqual([late.closed, latePoint.closed], [true, true])
  for (const use of [() => late.value, () => late.add(1), () => latePoint.value, () => view.x]) assert.throws(use, ClosedError)
  late.close()
  latePoint.close()
  // Their places are others' now, and stay theirs.
  const others = Array.from({ length: 20 }, () => new Value('f64', 5))
  late.close()
  assert.deepEqual([...new Set(others.map(each => each.value))], [5])
  for (const each of others) each.close()
})

test('what arrives in the thread that made it closes it for all, as what was made there does', () =>
  balanced(() => {
    const value = new Value('i32', 5)
    const again = read(messageOf(value))
    again.close()
    assert.equal(value.closed, true)
    value.close()
    const array = new RawArray('i32', 5)
    const message = messageOf(array)
    closeShared(read(message))
    assert.equal(array.length, 0)
  }))

test('arrays of classes that extend typed arrays arrive over the same memory', () =>
  balanced(() => {
    class Samples extends Float32Array {}
    const array = new RawArray('f32', 4)
    const samples = new Samples(array.buffer as ArrayBuffer, 4, 2)
    const back = read(messageOf(samples))
    back[0] = 0.5
    assert.deepEqual([array[1], back.length, back.constructor.name], [0.5, 2, 'Samples'])
    closeShared(array)
  }))

test('empty views, and an empty array', () =>
  balanced(() => {
    const array = new RawArray('f64', 2)
    const empty = new RawArray('f64', 0)
    const [end, none] = read(messageOf([array.subarray(2), empty]))
    assert.deepEqual([end.length, end.byteOffset, none.length, none.buffer === empty.buffer], [0, 16, 0, true])
    closeShared(array)
    closeShared(empty)
  }))

test('share makes of a large array what no message copies', () =>
  balanced(() => {
    const large = share(new Float64Array(500_000).fill(0.5))
    const message = messageOf({ large })
    assert.ok(message.length < 200)
    assert.equal(read(message).large[499_999], 0.5)
    closeShared(large)
  }))
