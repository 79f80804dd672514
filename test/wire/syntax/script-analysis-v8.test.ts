// V8 is asked which names a text leaves free: every word in it is made a variable of a function around it, and V8 keeps those
// variables alive that the text can reach. It decides so before anything runs, so nothing of the text has to run.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Script } from 'node:vm'
import { inspectFunction } from '../../../src/wire/functions/inspector.ts'
import { walkScopes } from '../../../src/wire/syntax/scope-visitors.ts'
import { analyseScript, analyseText, type FunctionAnalysis } from '../../../src/wire/syntax/script-analysis.ts'
import { parseScript } from '../../../src/wire/syntax/syntax-tree.ts'

/** Every function has `arguments`; and V8 takes the beginning of `async (a) => b` for a call of a function, until it sees the arrow. */
const unasked: ReadonlySet<string> = new Set(['arguments', 'async'])
const words = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu

/** The free names of a text, as V8 sees them; null when it cannot stand alone, because it uses a `#private` name, say. */
function freeByV8(text: string, { form, isStrict, computedKey, free }: FunctionAnalysis): string[] | null {
  // A word may be written with escapes.
  const found = [...(text.match(words) ?? []), ...free.map(({ name }) => name)]
  const names = new Set(found.filter(word => !unasked.has(word) && canBeVariable(word, isStrict)))
  const isMember = form === 'method' || form === 'getter' || form === 'setter'
  const member = computedKey === null ? text : `${text.slice(0, computedKey.start)}key${text.slice(computedKey.end)}`
  const expression = isMember ? `({${member}\n})` : `(${text}\n)`
  const declarations = names.size === 0 ? '' : `var ${[...names].join()};`
  const source = `(function () { ${isStrict ? "'use strict';" : ''} ${declarations} return () => ${expression} })()`
  let script: Script
  try {
    script = new Script(source)
  } catch {
    return null
  }
  const { scopes } = inspectFunction(script.runInThisContext())
  return scopes.flatMap(({ kind, variables }) => (kind === 'Closure' ? Object.keys(variables) : []))
}

const variables = new Map<string, boolean>()

function canBeVariable(word: string, isStrict: boolean): boolean {
  const key = `${word} ${isStrict}`
  let answer = variables.get(key)
  if (answer === undefined) {
    answer = compiles(`${isStrict ? "'use strict';" : ''} var ${word}`)
    variables.set(key, answer)
  }
  return answer
}

function compiles(source: string): boolean {
  try {
    return new Script(source) instanceof Script
  } catch {
    return false
  }
}

const texts: readonly (readonly [text: string, free: string])[] = [
  // Parameters and their scope
  ['function f(a, b = a, c = d) { return e }', 'd e'],
  ['function f(a = () => b) { var b = 1; return a }', 'b'],
  ['function f(a = () => b) { let b = 1; return a }', 'b'],
  ['function f(b, a = () => b) { var b = 1; return a }', ''],
  ['function f(a = function () { return c }) { { var c } function d() {} }', 'c'],
  ['({ a: [b, ...c], d = e, [f]: g, ...h }) => a + b + c + d + g + h + i', 'e f a i'],
  ['([a, , [b = c]] = d) => [a, b]', 'c d'],
  ['(...[a, b]) => a + b + c', 'c'],
  ['function f(a, a) { return a + f }', ''],
  ['a => b => c => a + b + c + d', 'd'],
  ['async a => { await b; for await (const c of d) e(c) }', 'b d e'],
  ['async (a, b) => a + b', ''],
  ['async () => { using(a) }', 'using a'],
  ['function* f() { yield a; yield* b }', 'a b'],
  ['async function* f() { yield await a }', 'a'],
  // Hoisting
  ['function f() { a = 1; b(); if (c) { var a; function b() {} } }', 'c'],
  ['function f() { return a; for (var a of b) for (var c in d) { var { e, f = g } = h } }', 'b d g h'],
  ['function f() { { let a; const b = 1; class c {} } return [a, b, c] }', 'a b c'],
  ['function f() { "use strict"; { function a() {} } return a }', 'a'],
  ['function f() { { function a() {} } return a }', ''],
  ['function f() { { async function a() {} function* b() {} } return [a, b] }', 'a b'],
  ['function f() { { let a; { function a() {} } } return a }', 'a'],
  ['function f() { try {} catch (a) { { function a() {} } } return a }', ''],
  ['function f() { try {} catch ({ a }) { { function a() {} } } return a }', 'a'],
  ['function f() { for (let a;;) { { function a() {} } } return a }', 'a'],
  ['function f() { switch (a) { case 1: function a() {} } return a }', ''],
  ['function f() { if (a) function b() {} else function c() {} return [b, c] }', 'a'],
  ['function f() { l: function a() {} { m: function b() {} } return [a, b] }', ''],
  ['function f(a = 1) { { function a() {} } return a }', ''],
  ['function f() { var arguments; return () => arguments }', ''],
  // Blocks and loops
  ['() => { for (let i = 0, j = i; i < k; i++) l(() => i + j); return i }', 'k l i'],
  ['() => { for (const a of a) b }', 'b'],
  ['() => { for (a of b) for (c.d in e) for ([f.g, h = i] of j); }', 'a b c e f h i j'],
  ['() => { for (let [a = b] of c) a }', 'b c'],
  ['() => { while (a) { let a } do { let b } while (b) }', 'a b'],
  ['() => { switch (a) { case b: let b; default: c; const a = 1 } return b }', 'a c b'],
  ['() => { try { a } catch (b) { b; c } finally { b } }', 'a c b'],
  ['() => { try {} catch { a } }', 'a'],
  ['() => { try {} catch ({ a, b: [c = d] }) { return a + b + c } }', 'd b'],
  ['() => { try {} catch (a) { var a = 1 } return a }', ''],
  ['() => { label: for (;;) { if (a) continue label; break label } }', 'a'],
  ['function f() { with (a) { b; var c = d } return c }', 'a b d'],
  // Names of functions and classes
  ['function f() { return f }', ''],
  ['function () { return function g() { return g } || g }', 'g'],
  ['() => { f = 1; function f() {} return class A { m() { return A } } || A }', 'A'],
  ['class A extends B { m() { return A + C } }', 'B C'],
  ['class extends a.b(c) {}', 'a c'],
  ['() => { { class A {} } return A }', 'A'],
  // Classes
  ['class A { [a] = b; static [c] = d; static { var e; e; f; let g } h() { return e + g } "i" = j; #k = l }', 'a b c d f e g j l'],
  ['class A { static async *[a](b = c) {} get d() { return e } set d(f) { g } static #h() {} static i = this.#h }', 'a c e g'],
  ['class A { #a; has(b) { return #a in b && b.#a + b?.#a + a } }', 'a'],
  ['class A extends B { constructor(a) { super(a, b); super.c(d); super[e] } }', 'B b d e'],
  ['class A { static a = () => a; static b = function () { return b }; get; set; static; async; c\n d = 1 }', 'a b'],
  // Keys, labels and other words that are no names
  ['() => ({ a: b, c, [d]: e, f() { return g }, get h() { return i }, set h(j) { k }, async *l() {}, "m": 1, ...n })', 'b c d e g i k n'],
  ['() => a.b.c[d]?.e?.[f]?.(g)', 'a d f g'],
  ['() => { ({ a, b: c.d, e: [f], g = h, ...i.j } = k) }', 'a c f g h i k'],
  ['() => { [a, b.c, [d], e = f, ...g] = h }', 'a b d e f g h'],
  ['() => { a += b; c++; --d; e ??= f; delete g.h; void i; typeof j }', 'a b c d e f g i j'],
  ['function () { return new.target + this.a + arguments.length + undefined + NaN + globalThis.b }', 'undefined NaN globalThis'],
  [`() => \`a\${b}c\${\`\${d}\`}\` + e\`f\${g}\` + /h/i.test(j)`, 'b d e g j'],
  ['() => import(a)', 'a'],
  ['async () => (await a)(...b, await c)', 'a b c'],
  ['() => (a, b ? c : d, !e, [f, , g], (h), new i(j), new k, l in m, n instanceof o, p ** q)', 'a b c d e f g h i j k l m n o p q'],
  ['() => { var \\u0061b = 1; return ab + \\u0063d }', 'cd'],
  ['() => { var ünï = 1; return ünï + øther + $ + _ }', 'øther $ _'],
  ['() => { debugger; ; return }', ''],
  [
    'function f() { var let_ = let, static_ = static, yield_ = yield, async_ = async, of_ = of, await_ = await }',
    'let static yield async of await',
  ],
  ['() => { throw a }', 'a'],
  // Methods: the key is no part of them
  ['async *m(a, b = c) { d }', 'c d'],
  ['get a() { return a }', 'a'],
  ['set a(b) { b + c }', 'c'],
  ['"a b"() { return m }', 'm'],
  ['m() { return m }', 'm'],
  ['async *[ /* ] */ (a, b)[c] ] (d) { return a + e }', 'a e'],
  ['get /* [ */ [`]`] () { return f }', 'f'],
]

for (const [text, free] of texts) {
  test(`the free names of ${text} are those that V8 keeps`, () => {
    const analysis = analyseText(text)
    assert.ok(analysis)
    const names = analysis.free.map(({ name }) => name)
    assert.equal(names.join(' '), free)
    assert.deepEqual(freeByV8(text, analysis)?.sort(), names.filter(name => !unasked.has(name)).sort())
  })
}

const installed = new URL('../../../../node_modules/', import.meta.url)
const packages: readonly (readonly [file: string, isModule: boolean])[] = [
  ['acorn/dist/acorn.mjs', true],
  ['acorn/dist/acorn.js', false],
  ['commander/lib/command.js', false],
  ['fast-check/lib/fast-check.js', true],
  ['fast-check/lib/cjs/fast-check.js', false],
  ['esbuild/lib/main.js', false],
]
const inspectedOfEach = 150

for (const [file, isModule] of packages) {
  test(`the free names of functions in ${file} are those that V8 keeps`, () => {
    const source = readFileSync(new URL(file, installed), 'utf8')
    const script = analyseScript(source, isModule)
    const places = [...(walkScopes(source, parseScript(source, isModule)!, isModule)?.functions.values() ?? [])]
    const step = Math.max(1, Math.floor(places.length / inspectedOfEach))
    let compared = 0
    for (const [index, { start, end, ownName }] of places.entries()) {
      if (index % step !== 0) continue
      const text = source.slice(start, end)
      const analysis = script?.functionAt(start, end)
      assert.ok(analysis)
      const byV8 = freeByV8(text, analysis)
      if (byV8 === null) continue
      // V8 is given an expression, which has its own name itself.
      const names = analysis.free
        .map(({ name }) => name)
        .filter(name => !(unasked.has(name) || (analysis.isDeclaration && name === ownName)))
      assert.deepEqual(names.sort(), byV8.sort(), text)
      compared++
    }
    assert.ok(compared >= Math.min(places.length, inspectedOfEach) * 0.9, `${compared} of ${places.length} were compared`)
  })
}
