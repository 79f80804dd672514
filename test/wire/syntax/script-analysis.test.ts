import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { runInThisContext } from 'node:vm'
import { analyseScript, analyseText, type FunctionAnalysis, type ScriptAnalysis } from '../../../src/wire/syntax/script-analysis.ts'

function analyse(source: string, isModule: boolean): ScriptAnalysis {
  const analysis = analyseScript(source, isModule)
  assert.ok(analysis, source)
  return analysis
}

/** The function whose text is between the two marks, which are comments. */
function marked(source: string, { isModule = true } = {}): FunctionAnalysis {
  const start = source.indexOf('/*<*/') + 5
  const found = analyse(source, isModule).functionAt(start, source.indexOf('/*>*/'))
  assert.ok(found, source)
  return found
}

function bindings(source: string, { isModule = true } = {}): string {
  return marked(source, { isModule })
    .free.map(({ name, binding }) => `${name}:${binding}`)
    .join(' ')
}

const members = `({
  method() {}, async asyncMethod() {}, *generator() {}, async *asyncGenerator() {}, get getter() { return 1 }, set setter(value) {},
  ['compu' + 'ted']() {}, 'a string'() {}, 1() {}, async() {}, get() {}, set() {}, static() {}, async  *  [/* ] */ 'spaced'] ( a = ')' ) { },
  arrow: a => a, async: async (a, b) => { }, body: () => ({}), parenthesized: ((a) => (a)), old: function () {}, named: function named(a) {},
  nested: { a: [function* () {}, async function () {}, async function* inner() {}, async a => a] },
})`
const classMembers = `[class {}, class Named extends Array { }, class A {
  method() {} static method() {} static async *asyncGenerator() {} static get getter() { return 1 } static set setter(a) {}
  static /* static */
  // static
  spaced() {} static static() {} static async() {} static get() {} async *[Symbol.asyncIterator]() {} static [\`com\${'puted'}\`]() {}
  get 'a string'() { return 1 } static field = () => this; static function = function () {}; static #hidden() {} static shown = A.#hidden
  static { this.inBlock = () => 1 } constructor() {}
}]`

/** Every function that can be reached from a value, itself included. */
function functionsIn(value: unknown, found = new Set<object>()): Set<object> {
  const isObject = (typeof value === 'object' || typeof value === 'function') && value !== null
  if (!isObject || found.has(value) || value === Array || [Object, Array, Function].some(cls => cls.prototype === value)) return found
  found.add(value)
  const descriptors = Object.getOwnPropertyDescriptors(value) as Record<PropertyKey, PropertyDescriptor>
  for (const key of Reflect.ownKeys(descriptors)) {
    const { value: inner, get, set } = descriptors[key]!
    for (const each of [inner, get, set]) functionsIn(each, found)
  }
  return found
}

function placesOf(text: string, source: string): number[] {
  const places: number[] = []
  for (let start = source.indexOf(text); start !== -1; start = source.indexOf(text, start + 1)) places.push(start)
  return places
}

/** What the text alone can say. */
function textual({ isStrict: _strict, isStatic: _static, free, ...rest }: FunctionAnalysis): string {
  return JSON.stringify([rest, free.map(({ name }) => name)])
}

for (const [what, source, count] of [
  ['an object', members, 23],
  ['classes', classMembers, 19],
] as const) {
  test(`each function of ${what} is found where V8’s text of it is, and its text alone says the same`, () => {
    const analysis = analyse(source, false)
    const functions = [...functionsIn(runInThisContext(source))].filter(value => typeof value === 'function')
    assert.equal(functions.length, count)
    for (const fn of functions) {
      const text = Function.prototype.toString.call(fn)
      const found = placesOf(text, source).flatMap(start => analysis.functionAt(start, start + text.length) ?? [])
      const alone = analyseText(text)
      assert.ok(alone, text)
      assert.ok(!alone.isStatic && alone.isStrict === (alone.form === 'class' || alone.privateKey), text)
      assert.ok(
        found.some(each => textual(each) === textual(alone)),
        text,
      )
    }
  })
}

test('what is no function has no analysis', () => {
  const source = 'const a = 1, f = function () {}'
  const analysis = analyse(source, true)
  assert.equal(analysis.functionAt(0, 5), null)
  assert.equal(analysis.functionAt(17, 20), null)
  assert.ok(analysis.functionAt(17, source.length))
  assert.equal(analyseText('1 + 1'), null)
  assert.equal(analyseText('function () { [native code] }'), null)
  assert.equal(analyseText('() => 1) + (() => 2'), null)
})

test('the own name is free in a declaration and not in an expression', () => {
  assert.equal(bindings('/*<*/function f() { return f }/*>*/'), 'f:constant')
  assert.equal(bindings('(/*<*/function f() { return f }/*>*/)'), '')
  assert.equal(bindings('/*<*/class A { m() { return A } }/*>*/'), 'A:constant')
  assert.equal(bindings('(/*<*/class A { m() { return A } }/*>*/)'), '')
  assert.equal(bindings('export default /*<*/function f() { return f }/*>*/'), 'f:constant')
  assert.equal(marked('/*<*/function f() {}/*>*/').isDeclaration, true)
  assert.equal(marked('export default /*<*/class A {}/*>*/').isDeclaration, true)
  assert.equal(marked('export default /*<*/class {}/*>*/').isDeclaration, false)
  assert.equal(marked('(/*<*/function f() {}/*>*/)').isDeclaration, false)
})

test('what a class needs at once is told from what it needs later', () => {
  const source = `/*<*/class A extends (() => B)() {
    static a = [A, C, () => D]; b = E; [F] = 1; static [G]() { return H } I() { return C + J } get [K]() {} static { L(() => M) } static #n = N
    #o = class { static p = O }; static [P + Q]
  }/*>*/`
  const names = marked(source).free
  const eager = names.filter(each => each.eager).map(({ name }) => name)
  const later = names.filter(each => !each.eager).map(({ name }) => name)
  assert.equal(eager.join(' '), 'B C D F G K L M N P Q')
  assert.equal(later.join(' '), 'A E H J O')
  assert.deepEqual(
    marked('/*<*/() => class extends A { static b = C }/*>*/').free.map(({ eager: isEager }) => isEager),
    [false, false],
  )
})

/** Those of the yes and no answers that are yes. */
function answers(analysis: FunctionAnalysis): string {
  return Object.entries(analysis)
    .flatMap(([key, value]) => (value === true ? [key] : []))
    .sort()
    .join(' ')
}

const answerCases: readonly (readonly [source: string, answers: string])[] = [
  ['/*<*/() => this/*>*/', 'isStrict usesThis'],
  ['/*<*/() => () => { { this.a } }/*>*/', 'isStrict usesThis'],
  [
    '/*<*/() => [function () { this.a; arguments; new.target }, { m() { super.m(this) } }, class extends A { b = this; c = super.d; static { this.e } }]/*>*/',
    'isStrict',
  ],
  ['/*<*/function f() { return () => [this, arguments, new.target] }/*>*/', 'isDeclaration isStrict'],
  ['(function () { return /*<*/(a = arguments) => () => a/*>*/ })', 'isStrict usesArguments'],
  ['(function () { return /*<*/() => () => new.target/*>*/ })', 'isStrict usesNewTarget'],
  ['(class { m() { return /*<*/class { [this.a] = 1 }/*>*/ } })', 'isStrict usesThis'],
  ['(class { m() { return /*<*/class extends f(this, arguments, new.target) {}/*>*/ } })', 'isStrict usesArguments usesNewTarget usesThis'],
  ['(class { m() { return /*<*/class extends super.m {}/*>*/ } })', 'isStrict usesSuper usesThis'],
  ['(class { a = /*<*/() => this/*>*/ })', 'isStrict usesThis'],
  ['(class { static { /*<*/() => this/*>*/ } })', 'isStrict usesThis'],
  ['(class extends A { /*<*/m() { super.m() }/*>*/ })', 'isStrict usesSuper'],
  ['(class extends A { /*<*/m() { return () => super.m }/*>*/ })', 'isStrict usesSuper'],
  ['(class extends A { m() { return /*<*/() => super.m/*>*/ } })', 'isStrict usesSuper usesThis'],
  ['(class extends A { constructor() { /*<*/() => super()/*>*/ } })', 'isStrict usesSuper usesThis'],
  ['(class extends A { /*<*/get a() { return super.a }/*>*/ })', 'isStrict usesSuper'],
  ['({ /*<*/set a(b) { super.a = b }/*>*/ })', 'isStrict usesSuper'],
  ['/*<*/class A extends B { constructor() { super() } m() { return super.m() } }/*>*/', 'isDeclaration isStrict'],
  ['(class { static /*<*/async *m() {}/*>*/ })', 'isAsync isGenerator isStatic isStrict'],
  ['(class { static /*<*/#m() {}/*>*/ })', 'isStatic isStrict privateKey'],
  ['/*<*/async function* f() {}/*>*/', 'isAsync isDeclaration isGenerator isStrict'],
  ['/*<*/() => eval("a")/*>*/', 'callsEval isStrict'],
  ['/*<*/() => () => { eval("a") }/*>*/', 'callsEval isStrict'],
  ['/*<*/() => [eval?.("a"), (0, eval)("a"), a.eval("a"), eval]/*>*/', 'isStrict'],
  ['/*<*/() => import("a")/*>*/', 'isStrict usesDynamicImport'],
  ['/*<*/() => import("a", { with: {} })/*>*/', 'isStrict usesDynamicImport'],
  ['(/*<*/class { #a }/*>*/)', 'hasPrivateFields isStrict'],
  ['(/*<*/class { get #a() { return 1 } }/*>*/)', 'hasPrivateFields isStrict'],
  ['(/*<*/class { static #a; static #m() {} b = class { #c } }/*>*/)', 'isStrict'],
  ['({ /*<*/[this.a]() {}/*>*/ })', 'isStrict'],
]

for (const [source, expected] of answerCases) {
  test(`${source} is ${expected}`, () => {
    assert.equal(answers(marked(source)), expected)
  })
}

test('code is strict by a module, by a directive in it or around it, or in a class', () => {
  const strict = (source: string) => marked(source, { isModule: false }).isStrict
  assert.equal(strict('/*<*/() => 1/*>*/'), false)
  assert.equal(strict('"use strict"; /*<*/() => 1/*>*/'), true)
  assert.equal(strict('"use other"; "use strict"; /*<*/() => 1/*>*/'), true)
  assert.equal(strict('"a"; 1; "use strict"; /*<*/() => 1/*>*/'), false)
  assert.equal(strict('("use strict"); /*<*/() => 1/*>*/'), false)
  assert.equal(strict('/*<*/() => { "use strict" }/*>*/'), true)
  assert.equal(strict('/*<*/() => () => { "use strict" }/*>*/'), false)
  assert.equal(strict('function f() { "use strict"; ({ /*<*/m() {}/*>*/ }) }'), true)
  assert.equal(strict('class A { /*<*/m() {}/*>*/ }'), true)
  assert.equal(strict('class A extends (/*<*/() => 1/*>*/) {}'), true)
  assert.equal(analyseText('function () { "use strict" }')?.isStrict, true)
})

test('private names that are declared around a function are found, and those declared in it are not', () => {
  const around = (source: string) => marked(source).outerPrivateNames.join(' ')
  assert.equal(around('class A { #a; #b; #c; /*<*/m(o) { return [#a in o, this.#b, o?.#c, this.#b] }/*>*/ }'), '#a #b #c')
  assert.equal(around('/*<*/class A { #a; m() { this.#a } }/*>*/'), '')
  assert.equal(around('class A { #a; #b; b = /*<*/class { #b; m(o) { return o.#a + this.#b } }/*>*/ }'), '#a')
  assert.equal(around('class A { #a; b = /*<*/class extends f(o => o.#a) { #c }/*>*/ }'), '#a')
  assert.equal(around('class A { /*<*/#a() { this.#a() }/*>*/ }'), '#a')
  assert.equal(around('class A { /*<*/#a() {}/*>*/ }'), '')
  assert.deepEqual(analyseText('m() { return this.#a }')?.outerPrivateNames, ['#a'])
})

test('computed keys and import.meta are found at their offsets from the start of the text', () => {
  const source = 'class A { static async /* [ */ *[ /* ] */ (a)["b"] /* ] */ ](c) { return [import.meta, () => import . meta.url] } }'
  const start = source.indexOf('async')
  const found = analyse(source, true).functionAt(start, source.length - 2)
  assert.deepEqual(found?.computedKey, { start: source.indexOf('*[') + 1 - start, end: source.indexOf('](c)') + 1 - start })
  assert.deepEqual(found?.importMeta, [source.indexOf('import.meta') - start, source.indexOf('import . meta') - start])
  assert.deepEqual(
    found?.free.map(({ name }) => name),
    [],
    'the key is evaluated by the code around the method',
  )
  assert.equal(analyseText('get a() { return 1 }')?.computedKey, null)
  assert.deepEqual(analyseText('() => import.meta.url')?.importMeta, [6])
})

test('a script that is no module is the body of a function', () => {
  const source =
    '#!/usr/bin/env node\nif (new.target) return\nvar await = 1\n<!-- a comment\nconst f = () => [this, arguments, await, exports]\n--> another'
  const start = source.indexOf('() =>')
  const found = analyse(source, false).functionAt(start, source.indexOf('\n-->'))
  assert.ok(found?.usesThis && found.usesArguments && !found.isStrict)
  assert.deepEqual(found.free, [
    { name: 'await', eager: false, binding: 'constant', isShared: false },
    { name: 'exports', eager: false, binding: 'unresolved', isShared: false },
  ])
})

for (const [source, isShared] of [
  ['let a = 0; const f = () => /*<*/() => a/*>*/; function g() { a++ }', true],
  ['let a = 0; const f = () => /*<*/() => a/*>*/; [a] = [1]', false],
  ['let a = 0; const f = /*<*/() => { a = 1 }/*>*/', true],
  ['let a = 0; { for (a of [1]); } const f = /*<*/() => a/*>*/', false],
  ['function h() { let a = 0; const g = () => { a = 1 }; return /*<*/() => a/*>*/ }', false],
  ['let a = 0; function h(a) { a = 1 } const f = /*<*/() => a/*>*/', false],
] as const) {
  test(`${source}: the variable is ${isShared ? '' : 'not '}shared`, () => {
    assert.deepEqual(
      marked(source).free.map(free => free.isShared),
      [isShared],
    )
  })
}

test('a module may await, and has no arguments', () => {
  const found = marked('const a = await b; for await (const c of a) /*<*/() => [c, arguments]/*>*/')
  assert.equal(found.usesArguments, false)
  assert.equal(found.free.map(({ name, binding }) => `${name}:${binding}`).join(' '), 'c:constant arguments:unresolved')
})

test('what the parser does not know has no analysis', () => {
  assert.equal(analyseScript('let a = @', true), null)
  assert.equal(analyseScript('import a from "b"', false), null)
  assert.equal(analyseScript(`${'['.repeat(100_000)}${']'.repeat(100_000)}`, true), null, 'nor what is nested too deeply for it')
})

test('a chain of calls may be as long as V8 takes it', () => {
  const source = `const f = () => a${'.b(c)'.repeat(50_000)}`
  const found = analyse(source, true).functionAt(source.indexOf('('), source.length)
  assert.equal(found?.free.map(({ name }) => name).join(' '), 'a c')
})

test('the parser is loaded only when there is something to parse', () => {
  const url = JSON.stringify(new URL('../../../src/wire/syntax/script-analysis.js', import.meta.url))
  const program = `
    import { Module } from 'node:module'
    const isLoaded = () => Object.keys(Module._cache).some(file => file.includes('acorn'))
    const { analyseText } = await import(${url})
    const before = isLoaded()
    analyseText('() => 1')
    console.log(before, isLoaded())`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  assert.equal(output.trim(), 'false true')
})
