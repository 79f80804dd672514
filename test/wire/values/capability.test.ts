import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ValueReader, ValueWriter } from '../../../src/wire/values/capability.ts'
import { attachmentsOf, decode, modulesOf } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'
import { roundTrip, TestCapability } from './test-capability.ts'

const one = (): number => 1
const two = (): number => 2

/** Writes a function as a module and a message in itself. */
class ModuleCapability extends TestCapability {
  readonly inner: Uint8Array

  constructor(inner: Uint8Array = Uint8Array.from(encode(5, 'inner'))) {
    super()
    this.inner = inner
  }

  override writeFunction(writer: ValueWriter, fn: () => void): void {
    writer.uint32(writer.module(`file:///${fn.name}.js`))
    writer.nested(this.inner)
    super.writeFunction(writer, fn)
  }

  override readFunction(reader: ValueReader): () => void {
    const module = reader.module(reader.uint32())
    const nested = reader.nested()
    return Object.assign(super.readFunction(reader) as () => void, { module, nested })
  }
}

test('functions are written by the capability, once each, and are shared like objects', () => {
  const back = roundTrip({ a: one, b: [one, two], c: new Map([[two, one]]) }, new TestCapability())
  assert.deepEqual(back, { a: one, b: [one, two], c: new Map([[two, one]]) })
})

test('a function may be a part of what it captured', () => {
  const capability = new TestCapability()
  capability.captured.set(one, { list: [one, { two }] })
  capability.captured.set(two, one)
  assert.deepEqual(roundTrip([two, one], capability), [two, one])
  assert.equal(capability.captured.get(two), one)
})

test('a message lists its modules and those of the messages in it, and gets them from the capability', () => {
  const empty = new ModuleCapability()
  const inner = Uint8Array.from(encode({ two, list: [1] }, 'inner', { capability: empty }))
  assert.deepEqual(modulesOf(inner), ['file:///two.js'])
  const capability = new ModuleCapability(inner)
  const message = Uint8Array.from(encode([one, 'x'.repeat(9), one], 'value', { capability }))
  assert.deepEqual(modulesOf(message), ['file:///one.js', 'file:///two.js'])
  const moved = new Uint8Array(message.length + 24)
  moved.set(message, 16)
  assert.deepEqual(modulesOf(moved, 16, message.length), ['file:///one.js', 'file:///two.js'])
  assert.throws(() => decode(message, 0, message.length, capability), { code: 'ERR_BAD_MESSAGE', message: /one\.js is not loaded/ })
})

test('a message in a message is decoded by itself', () => {
  const shared = { a: 1 }
  const capability = new ModuleCapability(Uint8Array.from(encode([shared, shared, new Float64Array([1, 2])], 'inner')))
  const module = {}
  capability.modules.set('file:///one.js', module)
  for (let shift = 0; shift < 9; shift += 1) {
    const value = ['x'.repeat(shift), shared, one, shared]
    const back = roundTrip(value, capability) as [string, object, { module: object; nested: [object, object, Float64Array] }, object]
    assert.equal(back[1], back[3])
    assert.equal(back[2].module, module)
    assert.equal(back[2].nested[0], back[2].nested[1])
    assert.notEqual(back[2].nested[0], back[1])
    assert.deepEqual([...back[2].nested[2]], [1, 2])
  }
})

test('large bytes go beside the message, small ones and those of a message without capability into it', () => {
  const capability = new TestCapability()
  const large = new Float64Array(100_000).map((_, index) => index)
  const value = { large, small: new Uint8Array(10), again: large, buffer: Buffer.alloc(200_000, 7) }
  const message = Uint8Array.from(encode(value, 'value', { capability }))
  assert.ok(message.length < 1000)
  assert.deepEqual(attachmentsOf(message), [
    { reference: 1, generation: 7, byteLength: 800_000 },
    { reference: 2, generation: 7, byteLength: 200_000 },
  ])
  const back = decode(message, 0, message.length, capability) as typeof value
  assert.deepStrictEqual(back, value)
  assert.equal(back.large, back.again)
  assert.equal(back.large.buffer, capability.blocks.get(1), 'nothing is copied')
  assert.deepEqual(attachmentsOf(Uint8Array.from(encode(value, 'value'))), [])
})

test('attachments are freed when the value turns out not to travel, or the message not to be one', () => {
  const capability = new TestCapability()
  const large = new Uint8Array(100_000)
  assert.throws(() => encode([large, Symbol('s')], 'value', { capability }), /Symbol\(s\)/)
  assert.deepEqual(capability.freed, [1])
  const message = Uint8Array.from(encode([large, 'abc'], 'value', { capability }))
  message[13] = 60
  assert.throws(() => decode(message, 0, message.length, capability), { code: 'ERR_BAD_MESSAGE' })
  assert.deepEqual(capability.freed, [1, 2])
})

test('a message in a message may have no attachments', () => {
  const inner = Uint8Array.from(encode(new Uint8Array(100_000), 'inner', { capability: new TestCapability() }))
  assert.throws(() => encode(one, 'value', { capability: new ModuleCapability(inner) }), TypeError)
})

test('without a capability functions, modules and attachments in a message are refused', () => {
  const messages = [
    Uint8Array.from(encode(one, 'value', { capability: new TestCapability() })),
    Uint8Array.from(encode([one], 'value', { capability: new ModuleCapability() })),
    Uint8Array.from(encode(new Uint8Array(100_000), 'value', { capability: new TestCapability() })),
  ]
  for (const message of messages)
    assert.throws(() => decode(Uint8Array.from(message)), { code: 'ERR_BAD_MESSAGE', message: /on this channel/ })
})

test('a message is decoded from any place, aligned or not, with its header and trailer', () => {
  const shared = { numbers: Array.from({ length: 30 }, (_, index) => index / 2) }
  const capability = new ModuleCapability()
  capability.modules.set('file:///one.js', {})
  const message = Uint8Array.from(encode([shared, one, shared], 'value', { capability }))
  for (let offset = 0; offset < 17; offset += 1) {
    const memory = new Uint8Array(message.length + 40).fill(0xee)
    memory.set(message, offset)
    const back = decode(memory, offset, message.length, capability) as [unknown, unknown, unknown]
    assert.deepEqual(back[0], shared)
    assert.equal(back[0], back[2])
  }
})
