import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseScript, type ScriptAnalysis } from '../../../src/wire/syntax/script-analysis.ts'

function analyse(source: string): ScriptAnalysis {
  const analysis = analyseScript(source, true)
  assert.ok(analysis, source)
  return analysis
}

test('imports are known by their local names', () => {
  const source = `import 'a'; import b, * as c from 'd'; import { e, f as g, 'h i' as j, default as k } from '#l'
    import m from './m.json' with { type: 'json', 'a b': "c" }`
  assert.deepEqual(Object.fromEntries(analyse(source).imports), {
    b: { specifier: 'd', importedName: 'default', attributes: {} },
    c: { specifier: 'd', importedName: null, attributes: {} },
    e: { specifier: '#l', importedName: 'e', attributes: {} },
    g: { specifier: '#l', importedName: 'f', attributes: {} },
    j: { specifier: '#l', importedName: 'h i', attributes: {} },
    k: { specifier: '#l', importedName: 'default', attributes: {} },
    m: { specifier: './m.json', importedName: 'default', attributes: { type: 'json', 'a b': 'c' } },
  })
  const old = `import m from './m.json' assert { type: 'json' }; export const f = () => m`
  assert.deepEqual(analyse(old).imports.get('m')?.attributes, { type: 'json' }, 'as Node 20 reads it, too')
  assert.equal(analyse(old).functionAt(old.indexOf('() =>'), old.length)?.free[0]?.binding, 'import')
})

function exportsOf(source: string): string[] {
  const { exports } = analyse(source)
  return exports.map(({ exportName, localName, start, end }) => `${exportName} ${localName} ${source.slice(start, end)}`)
}

test('exports are known with the place of what they export', () => {
  assert.deepEqual(exportsOf('export function f() {} export class A {} export async function* g() {}'), [
    'f f function f() {}',
    'A A class A {}',
    'g g async function* g() {}',
  ])
  assert.deepEqual(exportsOf('export const a = (() => 1), { b, c: [d = 1, ...e] } = x; export let f'), [
    'a a () => 1',
    'b b { b, c: [d = 1, ...e] } = x',
    'd d { b, c: [d = 1, ...e] } = x',
    'e e { b, c: [d = 1, ...e] } = x',
    'f f f',
  ])
  assert.deepEqual(exportsOf('export { a as b, c, d as default, e as "f g" }; function a() {} const c = () => 1; class d {} { var e }'), [
    'b a function a() {}',
    'c c () => 1',
    'default d class d {}',
    'f g e e as "f g"',
  ])
  assert.deepEqual(
    exportsOf('import a, * as b from "a"; export { a, b }; export * from "c"; export * as d from "c"; export { e } from "f"'),
    [],
  )
})

for (const [source, expected] of [
  ['export default function f() {}', 'default f function f() {}'],
  ['export default function () {}', 'default null function () {}'],
  ['export default class A {}', 'default A class A {}'],
  ['export default (function f() {})', 'default null function f() {}'],
  ['export default (async a => a)', 'default null async a => a'],
  ['const a = 1; export default a', 'default null a'],
  ['export default async function () {} export { f as g }; var f = class {}', 'default null async function () {},g f class {}'],
] as const) {
  test(`exports: ${source}`, () => {
    assert.equal(exportsOf(source).join(), expected)
  })
}
