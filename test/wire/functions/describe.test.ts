import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { test } from 'node:test'
import { encodeStored } from '../../../src/channel/stored-value.ts'
import { type AnyFunction, reference } from '../../../src/wire/function-reference.ts'
import { describeFunction, isFixed } from '../../../src/wire/functions/describe.ts'
import { isUnchanging } from '../../../src/wire/functions/unchanging.ts'
import { loadedModule, loadModules, readExport } from '../../../src/wire/modules/modules.ts'
import standard, * as functions from '../../fixtures/wire/functions.ts'
import { afterAwait } from '../../fixtures/wire/late.ts'
import { publicName } from '../../fixtures/wire/renamed.ts'
import * as written from '../../fixtures/wire/written.ts'
import { runProgram } from '../../helpers/programs.ts'

const require = createRequire(import.meta.url)
const whole = require('../../fixtures/wire/whole.cjs') as AnyFunction
const parts = require('../../fixtures/wire/parts.cjs') as Record<string, AnyFunction>

const found: readonly (readonly [string, AnyFunction, string])[] = [
  ['an exported function', functions.exported, 'functions.js exported'],
  ['a default export', standard, 'functions.js default'],
  ['an arrow function', functions.arrow, 'functions.js arrow'],
  ['a default export without a name', functions.unnamed, 'unnamed.js default'],
  ['an exported class', functions.Exported as unknown as AnyFunction, 'functions.js Exported'],
  ['a function exported under another name', publicName, 'renamed.js publicName'],
  ['a CommonJS module that is a function', whole, 'whole.cjs default'],
  ['a function among the exports of a CommonJS module', parts.part as AnyFunction, 'parts.cjs part'],
  ['a function that a CommonJS module exports under a computed name', parts.made as AnyFunction, 'parts.cjs made'],
  ['a function of a module with a top-level await', afterAwait, 'late.js afterAwait'],
  ['a function with `export` in front of it', written.plain, 'written.js plain'],
  ['an asynchronous one', written.later, 'written.js later'],
  ['a generator function', written.items, 'written.js items'],
  ['an arrow function that a constant holds', written.arrow, 'written.js arrow'],
  ['a function that a variable holds', written.variable, 'written.js variable'],
  ['what a variable holds that had another function', written.replaced, 'written.js replaced'],
  ['a function with its export further down', written.other, 'written.js other'],
]

for (const [name, fn, place] of found) {
  test(`${name} is found where another process imports it`, async () => {
    const description = describeFunction(fn)
    assert.ok(description.kind === 'known' && description.module !== null)
    await loadModules([description.module])
    assert.equal(readExport(loadedModule(description.module) as object, description.exportName), fn)
    assert.equal(`${(JSON.parse(description.module) as string[])[1]?.split('/').at(-1)} ${description.exportName}`, place)
    assert.ok(isFixed(fn), 'the inspector is not asked again')
    assert.ok(isUnchanging(fn))
  })
}

test('what only looks exported, or was so once, is code', () => {
  const hidden = written.giveHidden()
  assert.deepEqual(
    Object.values(hidden).map(fn => describeFunction(fn).kind),
    Object.values(hidden).map(() => 'code'),
  )
})

test('the parser is not loaded for a function that is exported where it is written', async () => {
  const { stdout } = await runProgram(new URL('../../fixtures/wire/parser-program.js', import.meta.url))
  assert.deepEqual(JSON.parse(stdout), [false, false, true])
})

test('a function of one of Node’s own modules is found there', () => {
  assert.deepEqual(describeFunction(basename), { kind: 'known', module: '["builtin","node:path"]', exportName: 'basename' })
})

for (const [fn, exportName] of [
  [Math.max, 'Math.max'],
  [JSON.stringify, 'JSON.stringify'],
  [String, 'String'],
  [Object.keys, 'Object.keys'],
  [decodeURI, 'decodeURI'],
  [setTimeout, 'setTimeout'],
  [Array.prototype.slice, 'Array.prototype.slice'],
] as const) {
  test(`the language's own ${exportName} travels by its name`, () => {
    assert.deepEqual(describeFunction(fn as AnyFunction), { kind: 'known', module: null, exportName })
  })
}

test('a reference needs no search, and keeps the address it was made with', () => {
  const url = new URL('../../fixtures/wire/functions.js', import.meta.url)
  const fn = reference(url, 'exported')
  assert.deepEqual(describeFunction(fn), { kind: 'known', module: JSON.stringify(['import', url.href, null, {}]), exportName: 'exported' })
})

function variablesOf(fn: AnyFunction): Record<string, unknown> {
  const description = describeFunction(fn)
  assert.ok(description.kind === 'code')
  return Object.fromEntries(
    description.variables.map(({ name, content }) => [name, content.kind === 'value' ? content.value : content.kind]),
  )
}

test('what no module exports is code with the variables that it uses, and no others', () => {
  assert.deepEqual(variablesOf(functions.giveHidden()), {})
  assert.deepEqual(variablesOf(functions.giveInner(5, { a: 1 })), { first: 5, second: { a: 1 }, notAFunction: 5 })
})

test('a function made out of text is code too', () => {
  assert.deepEqual(variablesOf(new Function('return 1') as AnyFunction), {})
})

let counter = 0

test('a variable that changes is read anew each time', () => {
  let changing = 0
  const fn = (): number => changing
  assert.deepEqual(variablesOf(fn), { changing: 0 })
  changing = 1
  assert.deepEqual(variablesOf(fn), { changing: 1 })
  assert.ok(!isFixed(fn))
  assert.ok(!isUnchanging(fn))
})

test('a variable of the top level that a function assigns to is one for all functions', () => {
  const increment = (): number => (counter += 1)
  const [first, second] = [increment, () => counter].map(fn => {
    const description = describeFunction(fn)
    assert.ok(description.kind === 'code')
    return description.variables[0]?.content
  })
  assert.ok(first?.kind === 'cell' && second?.kind === 'cell')
  assert.equal(first.cell, second.cell)
})

test('constants are read once; whether the message stays the same depends on what they hold', () => {
  const table = { a: 1 }
  const ofNumber =
    (factor: number): AnyFunction =>
    () =>
      factor
  const ofObject = (): unknown => table
  const number = ofNumber(3)
  assert.deepEqual([variablesOf(number), isFixed(number), isUnchanging(number)], [{ factor: 3 }, true, true])
  assert.deepEqual([variablesOf(ofObject), isFixed(ofObject), isUnchanging(ofObject)], [{ table }, true, false])
})

test('a constant whose declaration has not run yet is looked at again', () => {
  const fn = (): number => later
  describeFunction(fn)
  const later = 5
  assert.deepEqual(variablesOf(fn), { later: 5 })
  assert.ok(isFixed(fn))
})

test('functions that call each other are unchanging if nothing else about them changes', () => {
  const isEven = (n: number): boolean => n === 0 || isOdd(n - 1)
  const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1)
  encodeStored(isEven, 'isEven')
  assert.ok(isUnchanging(isEven))
  const even = (n: number): boolean => n === 0 || odd(n - counter)
  const odd = (n: number): boolean => n !== 0 && even(n - 1)
  encodeStored(odd, 'odd')
  assert.ok(!isUnchanging(odd))
})

test('a function with properties, and one with members on its prototype, can change', () => {
  assert.ok(!isUnchanging(Object.assign(() => 1, { calls: 0 })))
  function Old(): void {}
  Old.prototype.method = (): number => 1
  assert.ok(!isUnchanging(Old))
})

const refusals: readonly (readonly [string, AnyFunction, RegExp])[] = [
  ['a native function that is nobody’s property', nativeOrphan(), /^a native function cannot leave its process$/],
  ['a Proxy of a function', new Proxy(() => 1, {}), /^a Proxy cannot leave/],
  [
    'an arrow function with the this around it',
    new (class {
      arrow = () => this
    })().arrow,
    /const self = this/,
  ],
  [
    'a method with super',
    Object.setPrototypeOf(
      {
        toString() {
          return super.toString()
        },
      },
      {},
    ).toString,
    /`super`/,
  ],
  [
    'a method with private fields',
    // biome-ignore lint/complexity/noStaticOnlyClass: a static method is what the row is about.
    class {
      static #x = 1
      static get() {
        return this.#x
      }
    }.get,
    /#x cannot travel without its class/,
  ],
  // biome-ignore lint/security/noGlobalEval: it is never called.
  ['a function that calls eval', (text: string): unknown => eval(text), /eval/],
  ['a function from inside Node', process.stdout.write, /from inside Node/],
]

for (const [name, fn, reason] of refusals) {
  test(`${name} is refused with a reason`, () => {
    const description = describeFunction(fn)
    assert.ok(description.kind === 'refused')
    assert.match(description.reason, reason)
  })
}

for (const name of ['main-module-program.js', 'main-module-program']) {
  test(`functions of the main module are code when the program is called ${name}`, async () => {
    const { stdout } = await runProgram(new URL(`../../fixtures/wire/${name}`, import.meta.url))
    assert.equal(stdout, 'code\n')
  })
}

function nativeOrphan(): AnyFunction {
  let orphan: AnyFunction = Math.max
  new Promise(resolve => {
    orphan = resolve
  })
  return orphan
}
