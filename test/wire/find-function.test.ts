import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { test } from 'node:test'
import { NotSerializableError } from '../../src/base/errors.ts'
import { findFunction } from '../../src/wire/find-function.ts'
import { type AnyFunction, importFunction } from '../../src/wire/function-reference.ts'
import standard, * as functions from '../fixtures/wire/functions.ts'
import { afterAwait } from '../fixtures/wire/late.ts'
import { publicName } from '../fixtures/wire/renamed.ts'
import { runProgram } from '../helpers/programs.ts'

const require = createRequire(import.meta.url)
const whole = require('../fixtures/wire/whole.cjs') as AnyFunction
const parts = require('../fixtures/wire/parts.cjs') as Record<string, AnyFunction>

const found: readonly (readonly [string, AnyFunction, string, string])[] = [
  ['an exported function', functions.exported, 'functions.js', 'exported'],
  ['a default export', standard, 'functions.js', 'default'],
  ['an arrow function', functions.arrow, 'functions.js', 'arrow'],
  ['a function exported under another name', publicName, 'renamed.js', 'publicName'],
  ['a CommonJS module that is a function', whole, 'whole.cjs', 'default'],
  ['a function among the exports of a CommonJS module', parts.part as AnyFunction, 'parts.cjs', 'part'],
  ['a function that a CommonJS module exports under a computed name', parts.made as AnyFunction, 'parts.cjs', 'made'],
  ['a function of a module with a top-level await', afterAwait, 'late.js', 'afterAwait'],
]

for (const [name, fn, file, exportName] of found) {
  test(`${name} is found, and importing its address gives it back`, async () => {
    const address = await findFunction(fn)
    assert.deepEqual(address, { url: new URL(`../fixtures/wire/${file}`, import.meta.url).href, exportName })
    assert.equal(await importFunction(address), fn)
    assert.equal(findFunction(fn), address, 'a function that is known is found without a promise')
  })
}

test('a function of one of Node’s own modules is found there', async () => {
  assert.deepEqual(await findFunction(basename), { url: 'node:path', exportName: 'basename' })
  assert.deepEqual(await findFunction(setTimeout), { url: 'node:timers', exportName: 'setTimeout' })
})

for (const [fn, exportName] of [
  [Math.max, 'Math.max'],
  [JSON.stringify, 'JSON.stringify'],
  [String, 'String'],
  [Object.keys, 'Object.keys'],
  [decodeURI, 'decodeURI'],
] as const) {
  test(`the language's own ${exportName} travels by its name`, async () => {
    const address = await findFunction(fn)
    assert.deepEqual(address, { url: 'global:', exportName })
    assert.equal(await importFunction(address), fn)
  })
}

const evaluated = new Function('return 1') as AnyFunction
const refused: readonly (readonly [string, AnyFunction, RegExp])[] = [
  [
    'a function that its module does not export',
    functions.giveHidden(),
    /^hidden: .*functions\.js does not export it\. Export it there, or pass reference\(url, exportName\)$/,
  ],
  ['a function made inside another', functions.giveInner(), /^an anonymous function: .*functions\.js does not export it/],
  ['a bound function', functions.bound, /^bound exported: .*bind\(\) made it/],
  ['a function made out of text', evaluated, /^anonymous: .*it was made by code that is in no file/],
  ['a native function that is nobody’s property', nativeOrphan(), /: .*it is native code/],
  [
    'a function of the main module',
    (() => 1) as AnyFunction,
    /: .*it is defined in the main module, .*Move it to a module of its own and export it/,
  ],
]

for (const [name, fn, message] of refused) {
  test(`${name} is refused with what to do about it, each time anew`, async () => {
    for (let round = 0; round < 2; round += 1) {
      await assert.rejects(
        async () => findFunction(fn),
        error => error instanceof NotSerializableError && message.test(error.message),
      )
    }
  })
}

for (const name of ['main-module-program.js', 'main-module-program']) {
  test(`the main module is recognized when the program is called ${name}`, async () => {
    const { stdout } = await runProgram(new URL(`../fixtures/wire/${name}`, import.meta.url))
    assert.match(stdout, /^own: .*it is defined in the main module/)
  })
}

test('calls at the same time for one function share one search', async () => {
  const fn = parts.part as AnyFunction
  const addresses = await Promise.all(Array.from({ length: 5 }, async () => findFunction(fn)))
  assert.equal(new Set(addresses).size, 1)
})

function nativeOrphan(): AnyFunction {
  let orphan: AnyFunction = Math.max
  new Promise(resolve => {
    orphan = resolve
  })
  return orphan
}
