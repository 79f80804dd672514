// What a message may not do to a process that gave the channel no capability: everything here comes from the other side of a wire.
// The bytes are written by hand, tag by tag, since no encoder of ours would write them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { registerClass } from '../../src/wire/classes.ts'
import { KIND_BOUND, KIND_CODE, KIND_HOME, KIND_KNOWN } from '../../src/wire/functions/records.ts'
import { builtinKey, importKey, requireKey } from '../../src/wire/modules/modules.ts'
import { treeCapability } from '../../src/wire/tree-capability.ts'
import { ARENA_BLOCKS } from '../../src/channel/tree-messages.ts'
import { decode } from '../../src/wire/values/decoder.ts'
import { encode } from '../../src/wire/values/encoder.ts'
import * as tags from '../../src/wire/values/tags.ts'

const BAD = { name: 'MultiprocessingError', code: 'ERR_BAD_MESSAGE' }
const tree = treeCapability({ receiver: 0, blocks: ARENA_BLOCKS })

// ---- bytes by hand

type Bytes = readonly number[]

function word(value: number): Bytes {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]
}

function double(value: number): Bytes {
  return [...new Uint8Array(Float64Array.of(value).buffer)]
}

function text(value: string): Bytes {
  if (value.length < 64) return [tags.SHORT_STRING + value.length, ...Buffer.from(value, 'latin1')]
  return [tags.TAG_STRING_LATIN1, ...word(value.length), ...Buffer.from(value, 'latin1')]
}

function dictionary(...entries: readonly (readonly [string, Bytes])[]): Bytes {
  return [tags.TAG_DICTIONARY, ...word(entries.length), ...entries.flatMap(([key, value]) => [...text(key), ...value])]
}

function shape(...entries: readonly (readonly [string, Bytes])[]): Bytes {
  const block = [entries.length, ...entries.flatMap(([key]) => text(key))]
  return [tags.TAG_NEW_SHAPE, ...word(block.length), ...block, ...entries.flatMap(([, value]) => value)]
}

function error(...entries: readonly (readonly [string, Bytes])[]): Bytes {
  return [tags.TAG_ERROR, 0, ...word(entries.length), ...entries.flatMap(([key, value]) => [...text(key), 1, ...value])]
}

function mapOf(...entries: readonly (readonly [string, Bytes])[]): Bytes {
  return [tags.TAG_MAP, ...word(entries.length), ...entries.flatMap(([key, value]) => [...text(key), ...value])]
}

const ANYTHING: Bytes = [tags.SMALL_INTEGER]
const NOTHING: Bytes = dictionary()

function instance(name: string, { base = tags.TAG_PLAIN_BASE, contents = [] as Bytes, properties = NOTHING } = {}): Bytes {
  return [tags.TAG_INSTANCE, base, 0, tags.CLASS_NAMED, ...text(name), ...contents, ...properties]
}

/** With a list of modules and one of attachments behind it. */
function withTrailer(value: Bytes, modules: readonly string[], attachments: readonly (readonly number[])[] = []): Bytes {
  const start = (tags.HEADER_BYTES + value.length + 7) & ~7
  const padding = new Array<number>(start - tags.HEADER_BYTES - value.length).fill(0)
  const lists = [...word(modules.length), ...modules.flatMap(text), ...word(attachments.length), ...attachments.flat().flatMap(double)]
  return [tags.TAG_HEADER, tags.FLAG_REFERENCES, 0, 0, ...word(start), ...value, ...padding, ...lists]
}

function read(bytes: Bytes): unknown {
  return decode(Uint8Array.from(bytes))
}

function refused(bytes: Bytes): void {
  assert.throws(() => read(bytes), BAD)
}

// ---- code

const marks = globalThis as { ran?: string }
const CODE = 'globalThis.ran = "code"'
const PATHS = ['eval', 'Function', 'process.exit', 'process.binding', 'globalThis', '%AsyncFunction%', 'Reflect.construct']
const MODULES = [
  importKey(`data:text/javascript,${CODE}`, null),
  importKey('file:///tmp/evil.mjs', null),
  importKey('./evil.js', '/tmp/main.js'),
  requireKey('/tmp/evil.cjs'),
  builtinKey('node:child_process'),
]

const expression = [KIND_CODE, 0, 0, ...text(`(() => { ${CODE} })()`), ...text('/x.js'), ...word(0), ...word(0), ...word(0)]
const functions: readonly (readonly [string, Bytes])[] = [
  ...PATHS.map(path => [`the global ${path}`, [KIND_KNOWN, ...word(0), ...text(path)]] as const),
  ['an export of a module', [KIND_KNOWN, ...word(1), ...text('execSync')]],
  [
    'one bound to another',
    [KIND_BOUND, tags.TAG_FUNCTION, KIND_KNOWN, ...word(0), ...text('eval'), ...ANYTHING, tags.TAG_ARRAY, ...word(0)],
  ],
  ['a class of the receiver', [KIND_HOME, ...word(1)]],
  ['a text', [...expression, ...text(''), ...text(''), ...word(0), ...word(0)]],
  ['no kind at all', [99]],
]
/** Wherever a value can be: what is around it must not matter. */
const places: readonly (readonly [string, (value: Bytes) => Bytes])[] = [
  ['by itself', value => value],
  ['in an array', value => [tags.TAG_ARRAY, ...word(1), ...value]],
  ['behind holes', value => [tags.TAG_SPARSE_ARRAY, ...word(9), tags.TAG_HOLES, ...word(1), ...word(5), ...value]],
  ['in a shape', value => shape(['a', value])],
  ['in a dictionary', value => dictionary(['a', value])],
  ['in an object without a prototype', value => [tags.TAG_NULL_PROTOTYPE, ...dictionary(['a', value]).slice(1)]],
  ['as a key of a Map', value => [tags.TAG_MAP, ...word(1), ...value, ...ANYTHING]],
  ['in a Map', value => mapOf(['a', value])],
  ['in a Set', value => [tags.TAG_SET, ...word(1), ...value]],
  ['as a lastIndex', value => [tags.TAG_REGEXP, ...text('a'), ...text(''), ...value]],
  ['in a box', value => [tags.TAG_BOXED, ...value]],
  ['in an error', value => error(['stack', value])],
  ['as the cause of a DOMException', value => [tags.TAG_DOM_EXCEPTION, ...text('m'), ...text('n'), ...text('s'), ...value]],
  ['in a match', value => [tags.TAG_MATCH_ARRAY, tags.TAG_ARRAY, ...word(0), 1, 0, ...value]],
  ['as a class', value => [tags.TAG_INSTANCE, tags.TAG_PLAIN_BASE, 0, tags.CLASS_SENT, ...value, ...NOTHING]],
  ['as the class of a registered name', value => [tags.TAG_REDUCED, tags.CLASS_NAMED | tags.CLASS_SENT, ...text('trust.Hooked'), ...value]],
  ['as a rebuild hook', value => [tags.TAG_REDUCED, tags.CLASS_NAMED | tags.CLASS_HOOK, ...text('trust.Plain'), ...value, ...ANYTHING]],
  ['as the data of a rebuild hook', value => [tags.TAG_REDUCED, tags.CLASS_NAMED, ...text('trust.Hooked'), ...value]],
  ['in a registered instance', value => instance('trust.Plain', { properties: dictionary(['a', value]) })],
]

class Plain {
  a = 1
}
class Hooked {
  readonly data: unknown
  constructor(data: unknown) {
    this.data = data
  }
}
class Floats extends Float64Array {}
class Longs extends BigInt64Array {}
class List extends Array<unknown> {}
class Name extends String {}
class Pattern extends RegExp {}
class Failure extends Error {}
registerClass(Plain, { name: 'trust.Plain' })
registerClass(Hooked, { name: 'trust.Hooked', reduce: hooked => hooked.data, rebuild: data => new Hooked(data) })
for (const cls of [Floats, Longs, List, Name, Pattern, Failure]) registerClass<object>(cls, { name: `trust.${cls.name}` })

for (const [name, fn] of functions) {
  test(`a function that is ${name} is refused wherever it stands, and nothing runs`, () => {
    for (const [, put] of places) {
      refused(put([tags.TAG_FUNCTION, ...fn]))
      refused(withTrailer(put([tags.TAG_FUNCTION, ...fn]), MODULES))
    }
    assert.equal(marks.ran, undefined)
  })
}

test('every place of these tests can hold a value, so that it is the function that is refused', () => {
  const objects = new Set(['in a box', 'as a class', 'as the class of a registered name', 'as a rebuild hook'])
  for (const [name, put] of places) if (!objects.has(name)) assert.doesNotThrow(() => read(put(ANYTHING)), name)
})

test('what was encoded for the tree does not come in without its capability', () => {
  const values = [() => 1, Plain, { a: [Math.max] }, new Uint8Array(100_000), [class Local {}], new (class Local {})()]
  for (const value of values) {
    const message = Uint8Array.from(encode(value, 'value', { capability: tree }))
    assert.throws(() => decode(message), BAD)
    decode(message, 0, message.length, tree) // Frees what is beside it.
  }
})

test('a list of modules is refused before anything of it is loaded, also if no value refers to one', () => {
  for (const module of MODULES) refused(withTrailer(ANYTHING, [module]))
  assert.equal(marks.ran, undefined)
})

test('a message cannot name memory of the arena', () => {
  const { blocks, bytes } = checkArena(arena())
  const mine = arena().allocate(100_000)
  const generation = arena().allocator.entries.generationOf(mine) >>> 0
  const attached: Bytes = [tags.TAG_TYPED_ARRAY, 3, tags.BYTES_ATTACHED, ...word(0)]
  refused(withTrailer(attached, [], [[mine, generation, 100_000]]))
  refused(attached)
  arena().free(mine)
  assert.deepEqual([checkArena(arena()).blocks, checkArena(arena()).bytes], [blocks, bytes])
})

// ---- prototypes

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'then', 'toJSON', 'stack']
const holders: readonly (readonly [string, (...entries: (readonly [string, Bytes])[]) => Bytes])[] = [
  ['an object of a shape', shape],
  ['a dictionary', dictionary],
  ['an error', error],
  ['a registered instance', (...entries) => instance('trust.Plain', { properties: dictionary(...entries) })],
  ['a registered instance of a shape', (...entries) => instance('trust.Plain', { properties: shape(...entries) })],
  [
    'a registered error',
    (...entries) => instance('trust.Failure', { base: tags.TAG_ERROR, contents: error(...entries).slice(2), properties: [] }),
  ],
  [
    'a registered list',
    (...entries) =>
      instance('trust.List', { base: tags.TAG_ARRAY, contents: [tags.TAG_ARRAY, ...word(0)], properties: dictionary(...entries) }),
  ],
]

for (const [name, make] of holders) {
  test(`whatever a property of ${name} is called, it is an own property and no prototype is another`, () => {
    const watched = [Object, Array, Error, Function, Plain, Failure, List]
    const picture = (): unknown[] => watched.map(each => [Reflect.ownKeys(each), Reflect.ownKeys(each.prototype as object)])
    const before = picture()
    const polluted = dictionary(['polluted', ANYTHING], ['prototype', dictionary(['polluted', ANYTHING])])
    const clean = Object.getPrototypeOf(read(make())) as object
    const value = read(make(...NAMES.map(each => [each, polluted] as const))) as object
    assert.equal(Object.getPrototypeOf(value), clean)
    for (const each of NAMES) assert.ok(Object.hasOwn(value, each), each)
    assert.equal((value as { polluted?: unknown }).polluted, undefined)
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    assert.deepEqual(picture(), before)
  })
}

test('the names of Object.prototype in a Map, a Set and a match are items like all others', () => {
  const map = read(mapOf(...NAMES.map(each => [each, NOTHING] as const))) as Map<string, object>
  assert.deepEqual([...map.keys()], NAMES)
  assert.equal(Object.getPrototypeOf(map), Map.prototype)
})

test('a class is found by a name that was registered and by no other', () => {
  for (const name of [...NAMES, 'Object', 'Function', 'Process', 'EventEmitter', '', 'trust.plain', '../Plain']) {
    refused(instance(name))
    refused([tags.TAG_REDUCED, tags.CLASS_NAMED, ...text(name), ...ANYTHING])
  }
})

test('a symbol is found by a name that Symbol has for one', () => {
  for (const name of [...NAMES, 'for', 'keyFor', 'length']) refused([tags.TAG_WELL_KNOWN_SYMBOL, ...text(name)])
})

test('accessors that somebody put on a prototype are not called', () => {
  const heard: unknown[] = []
  const accessor = { configurable: true, set: (value: unknown) => heard.push(value), get: () => heard.push('get') }
  for (const prototype of [Object.prototype, Plain.prototype, Error.prototype]) Object.defineProperty(prototype, 'heard', accessor)
  try {
    for (const [, make] of holders) assert.equal(Object.getOwnPropertyDescriptor(read(make(['heard', ANYTHING])), 'heard')?.value, 0)
  } finally {
    for (const prototype of [Object.prototype, Plain.prototype, Error.prototype]) Reflect.deleteProperty(prototype, 'heard')
  }
  assert.deepEqual(heard, [])
})

test('a value that looks like a promise is none: awaiting it gives it back', async () => {
  for (const then of [NOTHING, text('then'), dictionary(['call', ANYTHING])]) {
    const value = read(dictionary(['then', then]))
    assert.equal(await value, value)
  }
})

// ---- what the language says no to

test('properties that a registered class cannot have are an error of the message', () => {
  const eight = [tags.BYTES_INLINE, ...double(8)]
  const builtIn: readonly (readonly [string, Parameters<typeof instance>[1] & object, readonly string[]])[] = [
    ['trust.List', { base: tags.TAG_ARRAY, contents: [tags.TAG_ARRAY, ...word(1), ...ANYTHING] }, ['length']],
    ['trust.Name', { base: tags.TAG_BOXED, contents: text('ab') }, ['length', '0']],
    ['trust.Pattern', { base: tags.TAG_REGEXP, contents: [...text('a'), ...text(''), ...ANYTHING] }, ['lastIndex']],
  ]
  for (const [name, parts, keys] of builtIn) {
    for (const key of keys) {
      assert.doesNotThrow(() => read(instance(name, { ...parts, properties: NOTHING })))
      refused(instance(name, { ...parts, properties: dictionary([key, [tags.TAG_NULL_PROTOTYPE, ...word(0)]]) }))
    }
  }
  for (const [name, kind] of [
    ['trust.Floats', 11],
    ['trust.Longs', 12],
  ] as const) {
    // Eight bytes at a multiple of eight of the message.
    const head = [tags.TAG_INSTANCE, tags.TAG_TYPED_ARRAY, kind, tags.CLASS_NAMED, ...text(name), ...eight]
    const whole = [...head, ...new Array<number>((-head.length & 7) + 8).fill(0)]
    assert.equal((read([...whole, ...NOTHING]) as Float64Array).length, 1)
    for (const key of ['0', '7']) refused([...whole, ...dictionary([key, [tags.TAG_NULL_PROTOTYPE, ...word(0)]])])
  }
})

test('a bigint or a string that is longer than the language has is an error of the message', () => {
  const bytes = Buffer.alloc(2 ** 29 + 10, 0x31)
  for (const head of [
    [tags.TAG_STRING_LATIN1, ...word(2 ** 29 + 1)],
    [tags.TAG_BIGINT, tags.TAG_STRING_LATIN1, ...word(2 ** 28 + 1)],
  ]) {
    bytes.set(head)
    const length = head.length + Buffer.from(head.slice(-4)).readUInt32LE()
    assert.throws(
      () => decode(bytes, 0, length),
      error => {
        assert.equal((error as { code?: string }).code, BAD.code)
        return String(error).length < 200
      },
    )
  }
})

test('what an error says of a message is short, whatever is quoted of it', () => {
  const long = 'x'.repeat(1_000_000)
  const messages = [
    instance(long),
    [tags.TAG_WELL_KNOWN_SYMBOL, ...text(long)],
    [tags.TAG_REGEXP, ...text(`(${long}`), ...text(''), ...ANYTHING],
  ]
  for (const message of messages)
    assert.throws(
      () => read(message),
      caught => (caught as Error).message.length < 1000,
    )
})

test('a regular expression is made, not run, and one that cannot be made is an error of the message', () => {
  const pattern = (source: string): Bytes => [tags.TAG_REGEXP, ...text(source), ...text(''), ...ANYTHING]
  assert.equal((read(pattern('(a+)+$')) as RegExp).source, '(a+)+$')
  assert.ok(read(pattern('a{1000}'.repeat(8))) instanceof RegExp)
  refused(pattern('('.repeat(100_000)))
})
