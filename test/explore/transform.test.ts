import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Patch, transform } from './transform.ts'

const folder = mkdtempSync(join(tmpdir(), 'transform-'))
after(() => rmSync(folder, { recursive: true }))

/** The rewritten text, without the line that is added before it. */
function rewrite(text: string, options: { forgetful?: string[]; patches?: Patch[] } = {}): string {
  writeFileSync(join(folder, 'code.js'), text)
  transform({ from: folder, to: join(folder, 'rewritten'), modules: ['code.js'], primitives: ['load', 'store'], ...options })
  return readFileSync(join(folder, 'rewritten/code.js'), 'utf8').replace(/^import \{ forgetful \}.*\n/, '')
}

test('a function that accesses shared memory becomes a generator, and a call of it a yield*', () => {
  assert.equal(
    rewrite('function one(w) { return load(w, 1) }\nfunction two(w) { return one(w) + 1 }\nfunction three() { return 3 }'),
    'function* one(w) { return (yield ["load", "code.js:1", w, 1]) }\nfunction* two(w) { return (yield* one(w)) + 1 }\nfunction three() { return 3 }',
  )
})

test('methods, private methods and getters become generators, and reading such a getter a call', () => {
  assert.equal(
    rewrite(
      'class A { static make() { return new A() } get limit() { return this.#look() } #look() { return load(this.w, 0) } }\nfunction f(a) { return a.limit }',
    ),
    'class A { static make() { return new A() } *limit() { return (yield* this.#look()) } *#look() { return (yield ["load", "code.js:1", this.w, 0]) } }\nfunction* f(a) { return (yield* a.limit()) }',
  )
})

test('an access whose result nobody uses is marked', () => {
  assert.match(rewrite('function f(w) { store(w, 0, load(w, 1)); }'), /\(yield \["store;", "code\.js:1", w, 0, \(yield \["load"/)
})

test('a forgetful function is called in a way that forgets', () => {
  assert.match(
    rewrite('function f(w) { return load(w, 0) }\nfunction g(w) { return f(w) }', { forgetful: ['f'] }),
    /\(yield\* forgetful\(f\(w\)\)\)/,
  )
})

test('a forgetful function that changes something outside is refused', () => {
  assert.throws(() => rewrite('class A { f(w) { this.x = load(w, 0) } }', { forgetful: ['f'] }), /cannot be forgetful/)
  assert.throws(() => rewrite('class A { f(w) { this.list.push(load(w, 0)) } }', { forgetful: ['f'] }), /cannot be forgetful/)
})

const refused: readonly (readonly [title: string, text: string, reason: RegExp])[] = [
  [
    'an access in an arrow function',
    'function f(w) { return [1].map(i => load(w, i)) }',
    /around an access stands a ArrowFunctionExpression/,
  ],
  ['an access at the top of a module', 'export const x = load(w, 0)', /not directly in a function/],
  ['an access in a field', 'class A { x = load(w, 0) }', /not directly in a function/],
  ['an access in a parameter', 'function f(w, x = load(w, 0)) { return load(w, x) }', /an access in a parameter/],
  ['a constructor with an access', 'class A { constructor(w) { this.x = load(w, 0) } }', /constructor .* reaches shared memory/],
  ['an asynchronous function', 'async function f(w) { return load(w, 0) }', /an asynchronous function/],
  ['an access passed on as a function', 'function f(w) { return load }', /load is passed on/],
  ['a method passed on', 'class A { f(w) { return load(w, 0) } g() { return this.f } }', /f is passed on/],
  ['a local variable of the same name', 'function f(w) { const load = 1; return load }', /load is passed on/],
  ['a name of the language’s own', 'class A { push(w) { return load(w, 0) } }', /push is also a name of the language/],
  ['an optional call', 'function f(w) { return load(w, 0) }\nfunction g(w) { return f?.(w) }', /ChainExpression/],
  ['a getter whose result is called', 'class A { get f() { return load(w, 0) } g() { return this.f() } }', /what f returns is called/],
]

for (const [title, text, reason] of refused) {
  test(`what cannot be followed by name is refused: ${title}`, () => {
    assert.throws(() => rewrite(text), reason)
  })
}

test('a patch must fit exactly once', () => {
  const patch = { module: 'code.js', from: 'x', to: 'y' }
  assert.equal(rewrite('const x = 1', { patches: [patch] }), 'const y = 1')
  assert.throws(() => rewrite('const x = x', { patches: [patch] }), /found it 2 times/)
  assert.throws(() => rewrite('const z = 1', { patches: [patch] }), /found it 0 times/)
})
