// Rows: what is thrown there arrives here; and what cannot travel is refused, with the way to it.
// biome-ignore-all format: a row is as short as it can be, so that the table reads as one.
// biome-ignore-all lint/style/useThrowOnlyError: anything can be thrown.
// biome-ignore-all lint/security/noGlobalEval: what is refused is there on purpose.
// biome-ignore-all lint/complexity/useLiteralKeys: what is refused is there on purpose.
// biome-ignore-all lint/complexity/noArguments: what is refused is there on purpose.
// biome-ignore-all lint/complexity/noStaticOnlyClass: what is refused is there on purpose.
import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { createServer, Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { MessageChannel } from 'node:worker_threads'
import { ExportedError } from '../fixtures/matrix/exporting.ts'
import { type Any, aboutModules, echo, type Elsewhere, failureOf, type Row, refused, scene, thrown } from './rows.ts'

class LocalError extends Error {
  code = 'LOCAL'
  list = [1]
}

class DerivedError extends LocalError {
  override get name(): string {
    return 'DerivedError'
  }
}

class SecretError extends Error {
  #secret = 'hidden'
  get secret(): string {
    return this.#secret
  }
}

function isA(kind: Any, message: string): (error: Any) => void {
  return error => {
    assert.ok(error instanceof kind, `Expected a ${kind.name}, got ${error}`)
    assert.equal(Object.getPrototypeOf(error), kind.prototype)
    assert.equal(error.message, message)
    assert.match(error.stack, new RegExp(`^${error.name}: ${message}\n    at `))
  }
}

const throws = [
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(kind =>
    thrown(`${kind.name} keeps its class`, () => { throw new kind('far') }, isA(kind, 'far')),
  ),
  thrown('an AggregateError', () => Promise.any([Promise.reject(new TypeError('one')), Promise.reject(new RangeError('two'))]), error => {
    assert.ok(error instanceof AggregateError)
    assert.equal(error.message, 'All promises were rejected')
    assert.deepEqual(error.errors.map((one: Error) => [one.name, one.message]), [['TypeError', 'one'], ['RangeError', 'two']])
    assert.ok(error.errors[0] instanceof TypeError)
  }),
  thrown('an error class that a module exports', () => { throw new ExportedError('exported', 5) }, error => {
    isA(ExportedError, 'exported')(error)
    assert.equal(error.number, 5)
  }),
  thrown('an error class of this module, captured by value', () => { throw new LocalError('local') }, error => {
    isA(LocalError, 'local')(error)
    assert.deepEqual([error.code, error.list], ['LOCAL', [1]])
  }),
  thrown('an error class derived from one of this module', () => { throw new DerivedError('derived') }, error => {
    isA(DerivedError, 'derived')(error)
    assert.ok(error instanceof LocalError)
  }),
  scene('an error class that is declared inside a function', async there => {
    class InnerError extends TypeError {}
    isA(InnerError, 'inner')(await failureOf(() => there.run(() => { throw new InnerError('inner') })))
  }),
  thrown('an error of a class that there alone exists', () => { throw new (class ElsewhereError extends Error { extra = 1 })('far') }, error => {
    assert.ok(error instanceof Error)
    assert.deepEqual([error.message, (error as Any).extra], ['far', 1])
  }),
  thrown('an error with private fields still says what happened', () => { throw new SecretError('for your eyes') }, error => {
    assert.ok(error instanceof Error)
    assert.match(error.message, /for your eyes/)
  }),
  scene('errors of the library', async there => {
    const { TimeoutError, MultiprocessingError } = there.library
    isA(TimeoutError, 'late')(await failureOf(() => there.run(() => { throw new TimeoutError('late') })))
    const error = await failureOf(() => there.run(() => { throw new MultiprocessingError('general', { code: 'ERR_MINE' }) }))
    isA(MultiprocessingError, 'general')(error)
    assert.equal((error as Any).code, 'ERR_MINE')
  }),
  thrown('a chain of causes', () => { throw new Error('1', { cause: new TypeError('2', { cause: new LocalError('3', { cause: 'the end' }) }) }) }, error => {
    assert.ok(error.cause instanceof TypeError && error.cause.cause instanceof LocalError)
    assert.equal(error.cause.cause.cause, 'the end')
  }),
  thrown('a chain of 20 causes', () => {
    let last: unknown = 'the end'
    for (let depth = 0; depth < 20; depth += 1) last = new Error(`${depth}`, { cause: last })
    throw last
  }, error => {
    let [depth, last] = [0, error]
    for (; last instanceof Error; depth += 1) last = last.cause
    assert.deepEqual([depth, last], [20, 'the end'])
  }),
  thrown('own properties', () => { throw Object.assign(new Error('coded'), { code: 'E', status: 404, details: new Map([['a', [1n]]]) }) }, error => {
    assert.deepEqual([error.code, error.status, error.details], ['E', 404, new Map([['a', [1n]]])])
  }),
  thrown('an own property that cannot travel is left out, the rest arrives', () => { throw Object.assign(new RangeError('half'), { code: 'E', timer: new WeakMap() }) }, error => {
    isA(RangeError, 'half')(error)
    assert.equal(error.code, 'E')
  }),
  thrown(
    'an error that is its own cause',
    () => { const error = new Error('round'); error.cause = error; throw error },
    error => assert.equal(error.cause, error),
  ),
  thrown('an error of the system', () => readFileSync('/nowhere/at/all'), error => {
    assert.equal(Object.getPrototypeOf(error), Error.prototype)
    assert.deepEqual([error.code, error.syscall, error.path, error.errno], ['ENOENT', 'open', '/nowhere/at/all', -2])
  }),
  thrown('an error of Node’s own classes', () => readFileSync(undefined as Any), error => {
    assert.ok(error instanceof TypeError)
    assert.equal((error as Any).code, 'ERR_INVALID_ARG_TYPE')
  }),
  thrown('an AssertionError', () => assert.equal(1, 2), error => {
    assert.ok((error as unknown) instanceof Error)
    assert.deepEqual([error.name, error.code, error.actual, error.expected], ['AssertionError', 'ERR_ASSERTION', 1, 2])
  }),
  thrown('a DOMException', () => AbortSignal.abort().throwIfAborted(), error => {
    assert.ok(error instanceof DOMException)
    assert.equal(error.name, 'AbortError')
  }),
  ...[undefined, null, 0, 'text', { code: 5 }, [1], Symbol.for('thrown')].map(what =>
    thrown(`${typeof what === 'object' ? JSON.stringify(what) : String(what)} is thrown as it is`, () => { throw what }, error => assert.deepEqual(error, what)),
  ),
  thrown('the stack shows the far side, and where that was', () => farAway(), error => {
    assert.match(error.stack, /^Error: far away\n {4}at farAway \(/)
    assert.match(error.stack, /\d/)
  }),
  thrown(
    'an async function that rejects',
    async () => { await Promise.resolve(); throw new LocalError('later') },
    error => isA(LocalError, 'later')(error),
  ),
]

function farAway(): never {
  throw new Error('far away')
}

const natively = [
  ['a Promise', () => Promise.resolve(1), /await/i],
  ['a WeakMap', () => new WeakMap(), /WeakMap/],
  ['a WeakSet', () => new WeakSet(), /WeakSet/],
  ['a WeakRef', () => new WeakRef({}), /WeakRef/],
  ['a symbol', () => Symbol('local'), /symbol/i],
  ['a generator', () => (function* () { yield 1 })(), /generator/i],
  ['an async generator', () => (async function* () { yield 1 })(), /generator/i],
  ['an iterator of an array', () => [1].values(), /iterator|no class/i],
  ['an iterator of a Map', () => new Map().entries(), /iterator/i],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(8), /SharedArrayBuffer|shared/],
  ['a view of shared memory', () => new Uint8Array(new SharedArrayBuffer(8)), /shared/i],
  ['a MessagePort', () => { const { port1, port2 } = new MessageChannel(); port1.close(); port2.close(); return port1 }, /MessagePort/],
  ['a socket', () => new Socket(), /Socket|stream/],
  ['a server', () => createServer(), /server/i],
  ['a stream of the process', () => process.stdout, /stream|socket|writable/i],
  ['an AbortController', () => new AbortController(), /AbortController/],
  ['an AbortSignal', () => new AbortController().signal, /AbortSignal/],
  ['a timer', () => { const timer = setTimeout(() => {}, 0); clearTimeout(timer); return timer }, /timer/i],
  ['a TextDecoder', () => new TextDecoder(), /TextDecoder/],
  ['a FinalizationRegistry', () => new FinalizationRegistry(() => {}), /FinalizationRegistry/],
  ['a Proxy of an instance', () => new Proxy(new WeakMap(), {}), /Proxy|WeakMap/],
] as const

const values = [
  ...natively.map(([name, make, reason]) => refused(name, make, { path: 'args[0]', reason })),
  scene('a file that is open', async there => {
    const file = await open(process.execPath)
    try {
      const error = await failureOf(() => there.run(echo, [{ file }]))
      assert.match((error as Error).message, /^args\[0\]\.file: .*FileHandle/)
    } finally {
      await file.close()
    }
  }),
  refused('in an object in a list', () => ({ options: [{ onData: new WeakMap() }] }), { path: 'args[0].options[0].onData', reason: /WeakMap/ }),
  refused('under a key that is no name', () => ({ 'a b': { 'c-d': [new WeakMap()] } }), { path: 'args[0]["a b"]["c-d"][0]', reason: /WeakMap/ }),
  refused('as the value of a Map', () => ({ map: new Map([['k', new WeakMap()]]) }), { path: /^args\[0\]\.map.*k/, reason: /WeakMap/ }),
  refused('as the key of a Map', () => new Map([[new WeakMap(), 1]]), { path: /^args\[0\].*key/, reason: /WeakMap/ }),
  refused('in a Set', () => new Set([1, new WeakSet()]), { path: /^args\[0\]./, reason: /WeakSet/ }),
  refused('in a property of an error', () => Object.assign(new Error('a'), { detail: new WeakMap() }), { path: 'args[0].detail', reason: /WeakMap/ }),
  refused('in a cause', () => new Error('a', { cause: { deep: new WeakMap() } }), { path: 'args[0].cause.deep', reason: /WeakMap/ }),
  refused('in an instance', () => Object.assign(new LocalError('a'), { timer: new WeakRef({}) }), { path: 'args[0].timer', reason: /WeakRef/ }),
  refused(
    'nested too deep',
    () => { let deep: unknown = 1; for (let i = 0; i < 100_000; i += 1) deep = [deep]; return deep },
    { path: /^args/, reason: /deep/ },
  ),
]

const weak = new WeakMap()
const outer = { list: [{ weak }] }

const functions = [
  refused('a native function without a name in any module', () => new Intl.Collator().compare, { path: 'args[0]', reason: /native/ }),
  refused(
    'the functions of a promise',
    () => { let resolve: unknown; new Promise(given => { resolve = given }); return { resolve } },
    { path: 'args[0].resolve', reason: /native/ },
  ),
  refused(
    'a method that uses super',
    () => ({ __proto__: { a() { return 1 } }, a() { return super['toString']() } }).a,
    { path: 'args[0]', reason: /super/ },
  ),
  refused(
    'a method of a derived class that uses super',
    () => { class A { a() { return 1 } } return { fn: new (class extends A { override a() { return super.a() } })().a } },
    { path: 'args[0].fn', reason: /super/ },
  ),
  refused(
    'an arrow that uses this of the function around it',
    () => function (this: unknown) { return () => this }.call({ a: 1 }),
    { path: 'args[0]', reason: /this/ },
  ),

  refused(
    'an arrow in a method that uses super',
    () => ({ a() { return () => super['toString']() } }).a(),
    { path: 'args[0]', reason: /super|this/ },
  ),
  refused(
    'a function that calls eval',
    () => { const secret = 1; return (text: string) => [eval(text), secret] },
    { path: 'args[0]', reason: /eval/ },
  ),
  refused(
    'a method that uses a private name of its class',
    () => (class { #x = 1; read() { return this.#x } }).prototype.read,
    { path: 'args[0]', reason: /#\w+/ },
  ),
  refused(
    'a class whose members have names from a variable that V8 does not keep, because no function uses it',
    () => { const name = ['given'].join(); return class { [name]() { return 'n' } } },
    { path: 'args[0]', reason: /variable \w+/ },
  ),
  refused('a closure over what cannot travel', () => () => weak, { path: /^args\[0\] ‹variable \w+›$/, reason: /WeakMap/ }),
  refused(
    'a closure over an object in which something cannot travel',
    () => ({ run: () => outer }),
    { path: /^args\[0\]\.run ‹variable \w+›\.list\[0\]\.weak$/, reason: /WeakMap/ },
  ),
  refused(
    'a closure over a closure over what cannot travel',
    () => { const inner = () => weak; return () => inner() },
    { path: /^args\[0\] ‹variable \w+› ‹variable \w+›$/, reason: /WeakMap/ },
  ),
  refused('a property of a function', () => Object.assign(() => 1, { meta: { weak } }), { path: /^args\[0\]\.meta\.weak/, reason: /WeakMap/ }),
  refused(
    'a static field of a class',
    () => { class Caching { static cache: unknown } Caching.cache = new WeakMap(); return Caching },
    { path: /^args\[0\].*cache/, reason: /WeakMap/ },
  ),
  refused(
    'what a function is bound to',
    () => function (this: unknown) { return this }.bind({ weak }),
    { path: /^args\[0\] ‹bound this›\.weak$/, reason: /WeakMap/ },
  ),
  refused('an exported function that is reached by nothing but a proxy', () => new Proxy(() => 1, {}), { path: 'args[0]', reason: /proxy|native/i }),
]

const places = [
  scene('the task itself: the path names the variable', async there => {
    const error = await failureOf(() => there.run(() => outer))
    await assertRefusal(error, there, /^fn ‹variable \w+›\.list\[0\]\.weak$/)
  }),
  aboutModules(scene('the names in a path are those of the source', async there => {
    const error = await failureOf(() => there.run(() => outer))
    await assertRefusal(error, there, /^fn ‹variable outer›\.list\[0\]\.weak$/)
  })),
  scene('a result: the path begins there', async there => {
    const error = await failureOf(() => there.run(() => ({ deep: [new WeakMap()] })))
    await assertRefusal(error, there, /^result\.deep\[0\]$/)
  }),
  scene('a thrown value', async there => {
    const error = await failureOf(() => there.run(() => { throw { weak: new WeakMap() } }))
    assert.ok(error !== undefined)
  }),
  scene('the second argument', async there => {
    await assertRefusal(await failureOf(() => there.run(echo, [1, { a: new WeakMap() }])), there, /^args\[1\]\.a$/)
  }),
]

async function assertRefusal(error: unknown, there: Elsewhere, path: RegExp): Promise<void> {
  assert.ok(error instanceof there.library.NotSerializableError, String(error))
  assert.match(error.path, path)
  assert.equal(await there.run(echo, [7]), 7)
}

export const failureRows: readonly Row[] = [...throws, ...values, ...functions, ...places]
