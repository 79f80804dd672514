// The matrix of functions and values, played from a test module under every start method: one subtest a row.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as library from '../../src/index.ts'
import { TABLES } from '../fixtures/matrix/tables.ts'
import { openElsewhere, START_METHODS } from './start-methods.ts'

for (const method of START_METHODS) {
  const there = openElsewhere(method, library)
  after(() => there.close())
  for (const [name, rows] of Object.entries(TABLES)) {
    for (const { title, play } of rows) test(`${method}, ${name}: ${title}`, () => play(there))
  }
}

test('no two rows of a table have one title, and there are many', () => {
  for (const rows of Object.values(TABLES)) {
    const titles = rows.map(row => row.title)
    assert.deepEqual(titles, [...new Set(titles)])
  }
  assert.ok(Object.values(TABLES).flat().length >= 250)
})
