import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseScript } from '../../../src/wire/syntax/script-analysis.ts'

/** The free names of the function whose text is between two marks, which are comments, and what they are bound to. */
function bindings(source: string, { isModule = true } = {}): string {
  const start = source.indexOf('/*<*/') + 5
  const found = analyseScript(source, isModule)?.functionAt(start, source.indexOf('/*>*/'))
  assert.ok(found, source)
  return found.free.map(({ name, binding }) => `${name}:${binding}`).join(' ')
}

const bindingCases: readonly (readonly [what: string, source: string, bindings: string])[] = [
  [
    'imports',
    'import a, { b as c, default as d } from "x"; import * as e from "y"; /*<*/() => [a, c, d, e, b]/*>*/',
    'a:import c:import d:import e:import b:unresolved',
  ],
  [
    'constants',
    'const a = 1, [b, { c }] = []; let d = 1, e; class F {} function g() {} /*<*/() => [a, b, c, d, e, F, g]/*>*/',
    'a:constant b:constant c:constant d:constant e:constant F:constant g:constant',
  ],
  ['a variable that is assigned', 'let a = 1; a = 2; /*<*/() => a/*>*/', 'a:variable'],
  ['a variable that the function itself assigns', 'let a; /*<*/() => { a = 1 }/*>*/', 'a:variable'],
  [
    'assignments of all kinds',
    'let a, b, c, d, e, f, g, h; a++; b += 1; [c, ...d] = []; ({ e, x: [f = 1] } = {}); for (g of []); for (h in {}); /*<*/() => [a, b, c, d, e, f, g, h]/*>*/',
    'a:variable b:variable c:variable d:variable e:variable f:variable g:variable h:variable',
  ],
  ['a variable of the same name that is assigned', 'let a = 1; { let a; a = 2 } /*<*/() => a/*>*/', 'a:constant'],
  ['var with one value', 'var a = 1; var a; /*<*/() => a/*>*/', 'a:constant'],
  ['var with two values', 'var a = 1; var a = 2; /*<*/() => a/*>*/', 'a:variable'],
  ['var in a loop', 'while (x) { var a = 1; let b = 1; /*<*/() => [a, b]/*>*/ }', 'a:variable b:constant'],
  ['var in a function in a loop', 'while (x) (function () { var a = 1; /*<*/() => a/*>*/ })()', 'a:constant'],
  [
    'heads of loops',
    'for (var a of []) for (const b of []) for (let c in {}) for (let d = 0, e = 1; d < e; d++) { /*<*/() => [a, b, c, d, e]/*>*/ }',
    'a:variable b:constant c:constant d:variable e:constant',
  ],
  ['parameters', '(function (a, b, { c }, ...d) { b = 1; /*<*/() => [a, b, c, d]/*>*/ })', 'a:constant b:variable c:constant d:constant'],
  ['parameters with a var of the same name', '(function (a, b) { var a = 1; var b; /*<*/() => [a, b]/*>*/ })', 'a:variable b:constant'],
  ['parameters with a var in another scope', '(function (a, b = 1) { var a = 1; var b; /*<*/() => [a, b]/*>*/ })', 'a:variable b:constant'],
  ['a caught error', 'try {} catch (a) { /*<*/() => a/*>*/ }', 'a:constant'],
  ['the name of a function expression', '(function f() { /*<*/() => f/*>*/ })', 'f:constant'],
  ['the name of a class expression', '(class A { m() { /*<*/() => A/*>*/ } })', 'A:constant'],
  ['using', 'async function f() { using a = 1; await using b = 2; /*<*/() => [a, b]/*>*/ }', 'a:constant b:constant'],
  [
    'a function with a direct eval around it',
    'let a = 1; const b = 1; function f() { let c; eval(""); return /*<*/() => [a, b, c]/*>*/ }',
    'a:variable b:constant c:variable',
  ],
  ['a direct eval beside it', 'let a = 1; { let b = 1; eval("") } { let c = 1; /*<*/() => [a, c]/*>*/ }', 'a:variable c:constant'],
  ['other evals', 'let a = 1; eval?.(""); (0, eval)(""); /*<*/() => a/*>*/', 'a:constant'],
  ['names of more than one use', 'let a = 1; /*<*/() => [b, a, b, a, typeof c]/*>*/', 'b:unresolved a:constant c:unresolved'],
  ['exports', 'export let a = 1; export function f() { a++ } /*<*/() => [a, f]/*>*/', 'a:variable f:constant'],
]

for (const [what, source, expected] of bindingCases) {
  test(`bindings: ${what}`, () => {
    assert.equal(bindings(source), expected)
  })
}

const sloppyCases: readonly (readonly [what: string, source: string, bindings: string])[] = [
  ['the wrapper’s names', 'var a; /*<*/() => [require, module, a]/*>*/', 'require:unresolved module:unresolved a:constant'],
  ['a function in a block', '{ function a() {} } /*<*/() => a/*>*/', 'a:variable'],
  ['a function with a label in a block', '{ label: function a() {} } /*<*/() => a/*>*/', 'a:variable'],
  ['a function in a block with the name of a parameter', '(function (a, b = 1) { { function a() {} } /*<*/() => a/*>*/ })', 'a:constant'],
  ['a caught error with a var of its name', 'try {} catch (a) { var a = 1; /*<*/() => a/*>*/ }', 'a:variable'],
  ['arguments that are parameters', '(function (a) { arguments[0] = 1; return /*<*/() => a/*>*/ })', 'a:variable'],
  ['a variable that is called arguments', '(function (a) { var arguments = a; return /*<*/() => arguments/*>*/ })', 'arguments:variable'],
  ['two functions of one name', 'function a() {} function a() {} /*<*/() => a/*>*/', 'a:variable'],
  [
    'names that are words of the language elsewhere',
    'var let, static, yield, await, async, of, get; /*<*/() => [let, static, yield, await, async, of, get]/*>*/',
    'let:constant static:constant yield:constant await:constant async:constant of:constant get:constant',
  ],
]

for (const [what, source, expected] of sloppyCases) {
  test(`bindings in sloppy code: ${what}`, () => {
    assert.equal(bindings(source, { isModule: false }), expected)
  })
}
