import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkArray,
  checkBoolean,
  checkEnvironment,
  checkFunction,
  checkInteger,
  checkString,
  checkStrings,
  checkTimeout,
  readOptions,
  show,
} from '../../src/base/validate.ts'

interface Ab {
  a?: string
  b?: number
}

const refusals: readonly (readonly [string, () => unknown, typeof TypeError | typeof RangeError, string])[] = [
  [
    'an integer of another type',
    () => checkInteger('4', 'processes', 1),
    TypeError,
    "Expected `processes` to be an integer of at least 1, got '4'",
  ],
  ['an integer too small', () => checkInteger(0, 'processes', 1), RangeError, 'Expected `processes` to be an integer of at least 1, got 0'],
  ['an integer too large', () => checkInteger(9, 'n', 1, 8), RangeError, 'Expected `n` to be an integer from 1 to 8, got 9'],
  ['a fraction', () => checkInteger(1.5, 'n', 1), RangeError, 'Expected `n` to be an integer of at least 1, got 1.5'],
  ['not a number', () => checkInteger(Number.NaN, 'n', 0), RangeError, 'Expected `n` to be an integer of at least 0, got NaN'],
  ['no function', () => checkFunction({}, 'fn'), TypeError, 'Expected `fn` to be a function, got {}'],
  ['no boolean', () => checkBoolean(1, 'daemon'), TypeError, 'Expected `daemon` to be a boolean, got 1'],
  ['no string', () => checkString(null, 'name'), TypeError, 'Expected `name` to be a string, got null'],
  ['no array', () => checkArray('ab', 'args'), TypeError, "Expected `args` to be an array, got 'ab'"],
  ['a list with a number', () => checkStrings(['a', 1], 'execArgv'), TypeError, 'Expected `execArgv[1]` to be a string, got 1'],
  [
    'a string with NUL',
    () => checkStrings(['a\0'], 'execArgv'),
    RangeError,
    "Expected `execArgv[0]` to be a string without NUL characters, got 'a\\x00'",
  ],
  ['an environment that is text', () => checkEnvironment('A=1', 'env'), TypeError, "Expected `env` to be an object, got 'A=1'"],
  ['a variable that is a number', () => checkEnvironment({ A: 1 }, 'env'), TypeError, 'Expected `env.A` to be a string, got 1'],
  [
    'a variable whose name has =',
    () => checkEnvironment({ 'A=B': '' }, 'env'),
    RangeError,
    'Expected `env` to be an object of variables, whose names have no "=", got \'A=B\'',
  ],
  ['a timeout of another type', () => checkTimeout('1'), TypeError, "Expected `timeout` to be a number of milliseconds, got '1'"],
  ['a timeout that is no number', () => checkTimeout(Number.NaN), RangeError, 'Expected `timeout` to be a number of milliseconds, got NaN'],
  ['options that are text', () => readOptions<Ab>('x', ['a']), TypeError, "Expected `options` to be an object, got 'x'"],
  ['options that are null', () => readOptions<Ab>(null, ['a']), TypeError, 'Expected `options` to be an object, got null'],
  ['options that are a list', () => readOptions<Ab>([], ['a']), TypeError, 'Expected `options` to be an object, got []'],
  [
    'options with an example',
    () => readOptions<Ab>(true, ['a'], '{ a: 1 }'),
    TypeError,
    'Expected `options` to be an object like { a: 1 }, got true',
  ],
  ['an unknown option', () => readOptions<Ab>({ c: 1 }, ['a', 'b']), TypeError, 'Unknown option `c`; expected `a`, `b`'],
]

for (const [name, action, constructor, message] of refusals) {
  test(`${name} is refused with what was expected and what came`, () => {
    assert.throws(
      action,
      error => error instanceof constructor && Object.getPrototypeOf(error) === constructor.prototype && error.message === message,
    )
  })
}

test('a negative timeout is none at all, and an absent one is for ever', () => {
  assert.deepEqual(
    [checkTimeout(-5), checkTimeout(0), checkTimeout(7), checkTimeout(Infinity), checkTimeout(undefined)],
    [0, 0, 7, Infinity, Infinity],
  )
})

test('an option that is undefined counts as absent', () => {
  assert.deepEqual(Object.keys(readOptions<Ab>({ a: undefined, b: 0 }, ['a', 'b'])), ['b'])
})

test('options read neither a polluted Object.prototype nor a prototype of their own', () => {
  const prototype = Object.prototype as Record<string, unknown>
  prototype.a = 'polluted'
  try {
    const read = readOptions<Ab>(Object.create({ b: 1 }), ['a', 'b'])
    assert.equal(read.a, undefined)
    assert.equal(read.b, undefined)
  } finally {
    delete prototype.a
  }
})

test('the picture of a value is short and runs none of its code', () => {
  const hostile = {
    get trap(): never {
      throw new Error('a getter ran')
    },
    [Symbol.for('nodejs.util.inspect.custom')]: () => {
      throw new Error('an inspector ran')
    },
  }
  assert.ok(show(hostile).includes('trap'))
  assert.ok(show('x'.repeat(10_000)).length <= 120)
  assert.ok(show(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key${index}`, index]))).length <= 120)
  assert.equal(
    show(() => 1),
    'an anonymous function',
  )
  assert.equal(show(show), 'function show')
  assert.equal(show(Symbol('s')), 'Symbol(s)')
})
