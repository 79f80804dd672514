import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arena } from '../../src/memory/arena.ts'
import { type Definition, defineFunction, readDefinition } from '../../src/pool/definitions.ts'
import type { AnyFunction } from '../../src/wire/function-reference.ts'

const scale = (factor: number): AnyFunction => {
  let changing = factor
  changing += 0
  return (x: number) => x * changing
}

function defineOnce(fn: AnyFunction): Definition {
  const definition = defineFunction(fn)
  definition.letGo()
  return definition
}

test('closures that are equal are one definition, whichever objects they are', () => {
  assert.equal(defineOnce(scale(3)), defineOnce(scale(3)))
  assert.notEqual(defineOnce(scale(3)), defineOnce(scale(4)))
})

test('a definition is the function as it was when it was defined', async () => {
  let value = 1
  const fn = (): number => value
  const first = defineOnce(fn)
  value = 2
  const second = defineOnce(fn)
  assert.equal((await readDefinition(first.reference))(), 1)
  assert.equal((await readDefinition(second.reference))(), 2)
})

test('a function that cannot change is defined without being looked at again', () => {
  const fn = (x: number): number => x + 1
  assert.equal(defineOnce(fn), defineOnce(fn))
})

test('definitions are bounded: the oldest make room, and those in use go when they are let go', () => {
  const held = defineFunction(scale(-1))
  const idle = defineOnce(scale(-2))
  const before = arena().allocator.entries.generationOf(held.reference)
  for (let factor = 0; factor < 600; factor += 1) defineOnce(scale(factor))
  assert.ok(!idle.isKept)
  assert.ok(!held.isKept)
  assert.equal(arena().allocator.entries.generationOf(held.reference), before, 'who holds it can still read it')
  assert.notEqual(arena().allocator.entries.generationOf(idle.reference), idle.generation)
  held.letGo()
  assert.notEqual(arena().allocator.entries.generationOf(held.reference), before)
})

test('definitions with much in them are bounded by their bytes', () => {
  const capture =
    (bytes: Uint8Array): AnyFunction =>
    () =>
      bytes.length
  const definitions = Array.from({ length: 10 }, (_, index) => defineOnce(capture(new Uint8Array(10_000_000).fill(index))))
  const kept = definitions.filter(({ isKept }) => isKept)
  assert.ok(kept.length > 0 && kept.reduce((sum, { byteLength }) => sum + byteLength, 0) <= 64 * 1024 * 1024)
  assert.ok(definitions.at(-1)?.isKept)
})

test('a definition that has made room is made anew when it is asked for again', async () => {
  const fn = (x: number): number => x - 1
  const first = defineOnce(fn)
  for (let factor = 1000; factor < 1600; factor += 1) defineOnce(scale(factor))
  const second = defineOnce(fn)
  assert.ok(!first.isKept && second.isKept)
  assert.equal((await readDefinition(second.reference))(5), 4)
})
