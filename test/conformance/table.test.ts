// The tables of rows that are not played: each row in them is one of CPython's, and has one place only.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { checkName, CPYTHON } from './cpython/rows.ts'
import { ELSEWHERE } from './elsewhere.ts'
import { NOT_PORTABLE, NOT_YET, type Reasons } from './reasons.ts'

test('reasons are given for rows that CPython has', () => {
  for (const reasons of [NOT_PORTABLE, NOT_YET]) for (const [cls, name] of namesIn(reasons)) checkName({ cls, test: name })
})

test('no row is both not portable and ported elsewhere', () => {
  const unportable = new Set(namesIn(NOT_PORTABLE).map(String))
  const both = Object.entries(ELSEWHERE).flatMap(([cls, places]) => Object.keys(places).filter(name => unportable.has(`${cls},${name}`)))
  assert.deepEqual(both, [])
})

test('rows that are ported elsewhere are found there', () => {
  for (const [cls, places] of Object.entries(ELSEWHERE)) {
    for (const [name, [file, title]] of Object.entries(places)) {
      checkName({ cls, test: name })
      const source = readFileSync(new URL(`../../../test/${file}`, import.meta.url), 'utf8')
      assert.ok(source.includes(title), `${file} has no test with “${title}” (${cls}.${name})`)
    }
  }
})

function namesIn(reasons: Reasons): [string, string][] {
  return Object.entries(reasons).flatMap(([cls, byRow]) => {
    const names = typeof byRow === 'string' ? (CPYTHON.get(cls) ?? ['no such class']) : Object.keys(byRow)
    return names.map((name): [string, string] => [cls, name])
  })
}
