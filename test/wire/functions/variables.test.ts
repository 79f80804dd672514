import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'
import { describeFunction, isFixed } from '../../../src/wire/functions/describe.ts'
import type { AnyFunction } from '../../../src/wire/function-reference.ts'

const require = createRequire(import.meta.url)
const pool = new Pool(1)
after(() => pool[Symbol.asyncDispose]())

function contentOf(fn: AnyFunction): unknown {
  const description = describeFunction(fn)
  assert.ok(description.kind === 'code')
  return description.variables[0]?.content
}

test('a variable that holds something of the language now is read again later', () => {
  let helper: object = Math
  const fn = (): object => helper
  assert.deepEqual(contentOf(fn), { kind: 'known', module: null, exportName: 'Math' })
  assert.ok(!isFixed(fn))
  helper = { max: 5 }
  assert.deepEqual(contentOf(fn), { kind: 'value', value: { max: 5 } })
})

// What compilers make of `import fs from 'fs'` where there is only `require`.
const fs = require('node:fs') as Record<string, unknown>
const wrappers: readonly (readonly [string, object])[] = [
  ['__importDefault of TypeScript', { default: fs }],
  ['__importStar of TypeScript', Object.defineProperty(getters(fs), 'default', { enumerable: true, value: fs })],
  ['_interopRequireWildcard of Babel', { ...fs, default: fs }],
  [
    '__toESM of esbuild',
    Object.defineProperties(Object.create(Object.getPrototypeOf(fs) as object) as object, {
      default: { value: fs, enumerable: true },
      ...Object.getOwnPropertyDescriptors(getters(fs)),
    }),
  ],
]

function getters(exports: Record<string, unknown>): object {
  const made = {}
  for (const name of Object.keys(exports)) Object.defineProperty(made, name, { get: () => exports[name], enumerable: true })
  return made
}

for (const [name, wrapper] of wrappers) {
  test(`a module in the wrapper ${name} travels by name`, async () => {
    const module = wrapper as { default: typeof import('node:fs') }
    const fn = (path: string): boolean => module.default.existsSync(path)
    assert.deepEqual(contentOf(fn), { kind: 'known', module: '["builtin","node:fs"]', exportName: null })
    assert.equal(await pool.apply(fn, ['/']), true)
  })
}

test('an object that has a module as its default and something else beside it is an object', () => {
  const path = require('node:path') as object
  const table = { default: path, other: 1 }
  assert.deepEqual(
    contentOf(() => table),
    { kind: 'value', value: table },
  )
})

test('a require of another folder looks there', async () => {
  const elsewhere = createRequire(new URL('../../fixtures/wire/any.js', import.meta.url))
  assert.equal(await pool.apply(() => typeof elsewhere('./parts.cjs').part), 'function')
  assert.equal(await pool.apply(() => typeof require('../../fixtures/wire/parts.cjs').part), 'function')
})

test('a function that gives its own name another value does so there', async () => {
  // As helpers of compilers do; the compiler of this file does not let it pass as code.
  const make = new Function("'use strict'; function once() { once = () => 'again'; return ['first', once()] } return once")
  assert.deepEqual(await pool.apply(make() as () => string[]), ['first', 'again'])
})

test('what a class extends may be written over several lines: the lines that follow are where they were', async () => {
  const mixin = (base: new () => object) => class extends base {}
  class Derived extends mixin(
    // biome-ignore format: the lines are the test.
    Object,
  ) {
    fail(): never {
      throw new Error('here')
    }
  }
  const lineOf = (error: Error): string | undefined => /variables\.test\.[jt]s:(\d+)/.exec(error.stack ?? '')?.[1]
  const here = lineOf(thrown(() => new Derived().fail()))
  const there = await pool.apply(() => new Derived().fail()).catch((error: Error) => lineOf(error))
  assert.ok(here !== undefined)
  assert.equal(there, here)
})

function thrown(fn: () => never): Error {
  try {
    return fn()
  } catch (error) {
    return error as Error
  }
}
