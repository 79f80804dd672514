// Rows: what a function takes from modules and from its process, and functions that travel by reference.
// biome-ignore-all format: a row is as short as it can be, so that the table reads as one.
// biome-ignore-all lint/security/noGlobalEval: every form is there on purpose.
// biome-ignore-all lint/suspicious/noSelfCompare: every form is there on purpose.
import { threadId } from 'node:worker_threads'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs, { existsSync, existsSync as isThere } from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import * as everything from '../fixtures/matrix/exporting.ts'
import standard, { Counter, changeLive, countCalls, double, double as twice, Exported, live, makeAdder, tools } from '../fixtures/matrix/exporting.ts'
import data from '../fixtures/matrix/data.json' with { type: 'json' }
// @ts-expect-error: it has no declarations.
import parts, { half } from '../fixtures/matrix/parts.cjs'
// @ts-expect-error: it has no declarations.
import whole from '../fixtures/matrix/whole.cjs'
import { type Any, aboutModules, called, type Row, same, scene, used } from './rows.ts'

const require = createRequire(import.meta.url)
const { basename, join } = path
const required = require('node:os') as typeof import('node:os')
const requiredParts = require('../fixtures/matrix/parts.cjs') as Any
const exportingUrl = new URL('../fixtures/matrix/exporting.js', import.meta.url)

const imports = [
  called('a named import', () => (x: number) => double(x), [4], 8),
  called('an import under another name', () => (x: number) => twice(x), [4], 8),
  called('a default import', () => () => standard(), [], 'standard'),
  called('a namespace', () => (x: number) => [everything.triple(x), everything.default()], [2], [6, 'standard']),
  called('a namespace as a value', () => { const name = 'triple'; const all: Any = everything; return (x: number) => all[name](x) }, [2], 6),
  called('imported JSON', () => () => [data.city, data.sizes.length], [], ['Brno', 3]),
  called('an import from CommonJS', () => (x: number) => [half(x), parts.tenth(x), parts.constant], [10], [5, 1, 12]),
  called('what a CommonJS module is as a whole', () => (x: string) => whole(x), ['x'], 'whole x'),
  called('an imported class', () => (name: string) => new Exported(name).greet(), ['a'], 'I am a'),
  called(
    'an imported class with private fields',
    () => () => { const counter = new Counter(); counter.increment(); return counter.increment() },
    [],
    2,
  ),
  called('an imported object of functions', () => (x: number) => [tools.square(x), tools.deep.cube(x)], [2], [4, 8]),
  called('a named import of a builtin module', () => () => existsSync('/nowhere/at/all'), [], false),
  called('a named import of a builtin module under another name', () => () => isThere('/nowhere/at/all'), [], false),
  called('a default import of a builtin module', () => () => fs.existsSync('/nowhere/at/all'), [], false),
  called('a namespace of a builtin module', () => () => path.join('a', 'b'), [], 'a/b'),
  called('a function that was taken out of a builtin module', () => () => join('a', basename('b/c')), [], 'a/c'),
  called('a builtin module that does a lot', () => (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8), ['a'], 'ca978112'),
  called('a builtin module of promises', () => async (x: number) => await delay(1, x), [3], 3),
  called('a builtin module that was required', () => () => required.EOL, [], '\n'),
  called('a file that was required', () => (x: number) => requiredParts.half(x), [4], 2),
  called('require itself', () => (x: string) => require(x).sep, ['node:path'], '/'),
  called('require inside a function, of a file beside this one', () => () => require('../fixtures/matrix/parts.cjs').half(4), [], 2),
  called('import.meta.url', () => () => import.meta.url, [], import.meta.url),
  called(
    'import.meta in several places',
    () => () => [import.meta.url === import.meta.url, import.meta.dirname, typeof import.meta.resolve],
    [],
    [true, import.meta.dirname, 'function'],
  ),
  called('new URL(…, import.meta.url)', () => () => new URL('../fixtures/matrix/exporting.js', import.meta.url).href, [], exportingUrl.href),
  called('import.meta.resolve', () => () => import.meta.resolve('../fixtures/matrix/exporting.js'), [], exportingUrl.href),
  called('import() of a file beside this one', () => async (x: number) => (await import('../fixtures/matrix/exporting.ts')).double(x), [4], 8),
  called('import() of a builtin module', () => async () => (await import('node:path')).sep, [], '/'),
  called('import() of an address that is computed', () => async (url: string) => (await import(url)).triple(2), [exportingUrl.href], 6),
  called(
    'process, globalThis and other globals',
    () => () => [typeof process.pid, globalThis === global, typeof setTimeout, [1, 2].includes(2)],
    [],
    ['number', true, 'function', true],
  ),
  called(
    'timers and promises',
    () => () => new Promise(resolve => setImmediate(() => queueMicrotask(() => resolve(structuredClone({ a: 1 }))))),
    [],
    { a: 1 },
  ),
]

const references = [
  scene('the function runs in another process', async there => {
    const where = (): string => `${process.pid} ${threadId}`
    const there1 = await there.run(where)
    assert.match(there1, /^\d+ \d+$/)
    assert.notEqual(there1, where())
    assert.equal(await there.run(where), there1, 'and the next one in the same')
  }),
  aboutModules(scene('an exported function is imported there, once', async there => {
    const first = await there.run(countCalls)
    assert.equal(await there.run(countCalls), first + 1)
    assert.equal(await there.run(() => countCalls()), first + 2, 'a function that imports it meets the same module')
  })),
  aboutModules(scene('an exported function comes back as itself', async there => {
    const back = await there.run((given: unknown) => [given, { deep: given }], [double])
    assert.deepEqual([back[0] === double, back[1].deep === double], [true, true])
  })),
  aboutModules(scene('exported classes, default exports and those of CommonJS come back as themselves', async there => {
    const sent = [Exported, standard, whole, parts.half, parts.byGetter, parts.Shape, everything.triple]
    const back: unknown[] = await there.run((given: unknown) => given, [sent])
    assert.deepEqual(back.map((one, index) => one === sent[index]), sent.map(() => true))
  })),
  scene('a class that is made there is instanceof the exported one', async there => {
    const back = await there.run(() => [new Exported('a'), new parts.Shape(4)])
    assert.deepEqual([back[0] instanceof Exported, back[1] instanceof parts.Shape, back[1].sides], [true, true, 4])
  }),
  aboutModules(scene('a binding that its module changes is read there, where nobody changed it', async there => {
    changeLive(2)
    try {
      assert.equal(live, 2)
      assert.equal(await there.run(() => live), 1)
    } finally {
      changeLive(1)
    }
  })),
  used('a function that a module made and does not export', () => makeAdder(5), made => made(1), 6),
  used('functions of an exported object', () => [tools.square, tools.deep.cube], made => made.map(fn => fn(3)), [9, 27]),
  scene('reference()', async there => {
    const far = there.library.reference<typeof double>(exportingUrl, 'double')
    assert.equal(await there.run(far, [4]), 8)
    assert.equal(await there.run(async (fn: typeof far) => await fn(5), [far]), 10, 'as an argument')
    assert.equal(await there.run(async () => await far(6)), 12, 'as a captured variable')
    const back = await there.run(() => far)
    assert.equal(back(7), 14, 'as a result it is the function')
  }),
  scene('what bundlers make of a CommonJS module that exports a function or a class', async there => {
    // esbuild: an object whose prototype is the prototype of the function.
    const namespaces = [whole, class extends Exported {}].map(fn => Object.assign(Object.create(Object.getPrototypeOf(fn)), { default: fn }))
    assert.equal(await there.run(() => namespaces[0].default('x')), 'whole x')
    assert.equal(await there.run(() => new namespaces[1].default('x').greet()), 'I am x')
  }),
  scene('a reference to a builtin module, by its name', async there => {
    assert.equal(await there.run(there.library.reference<Any>('node:path', 'basename'), ['a/b']), 'b')
  }),
]

const native = [
  ...(
    [
      ['Math.max', Math.max, [1, 5, 2], 5],
      ['parseInt', Number.parseInt, ['12px'], 12],
      ['JSON.stringify', JSON.stringify, [{ a: 1 }], '{"a":1}'],
      ['Object.keys', Object.keys, [{ a: 1 }], ['a']],
      ['String', String, [5], '5'],
      ['Array.isArray', Array.isArray, [[]], true],
      ['path.join', path.join, ['a', '..', 'b'], 'b'],
      ['fs.existsSync', fs.existsSync, ['/'], true],
      ['structuredClone', structuredClone, [{ a: 1 }], { a: 1 }],
      ['encodeURIComponent', encodeURIComponent, ['é'], '%C3%A9'],
    ] as [string, (...args: Any[]) => unknown, unknown[], unknown][]
  ).map(([name, fn, args, gives]) => called(`the builtin function ${name}`, () => fn, args, gives)),
  used('a method of a prototype', () => Array.prototype.slice, made => made.call([1, 2, 3], 1), [2, 3]),
  scene('builtin classes without a global name', async there => {
    const TypedArray: Any = Object.getPrototypeOf(Uint8Array)
    const AsyncFunction: Any = (async () => {}).constructor
    assert.deepEqual(await there.run(() => [new Float32Array(1) instanceof TypedArray, (async () => {}) instanceof AsyncFunction]), [true, true])
  }),
  used(
    'builtin classes',
    () => [Map, Date, Promise, URL, Uint8Array, Error],
    made => made.map(one => one.name),
    ['Map', 'Date', 'Promise', 'URL', 'Uint8Array', 'Error'],
  ),
  scene('builtin functions and classes come back as themselves', async there => {
    const sent = [Math.max, Map, path.join, fs.existsSync, process.hrtime, Symbol.iterator, globalThis.setTimeout]
    const back: unknown[] = await there.run((given: unknown) => given, [sent])
    assert.deepEqual(back.map((one, index) => one === sent[index]), sent.map(() => true))
  }),
  called(
    'objects of the language and of Node that a function closes over',
    () => { const [math, json, log, program] = [Math, JSON, console, process]; return () => [math.PI > 3, json.stringify(1), typeof log.log, program.pid === process.pid] },
    [],
    [true, '1', 'function', true],
  ),

]

const journeys = [
  scene('a function that is made there is called here, and there again', async there => {
    const made = await there.run((by: number) => (x: number) => x * by, [3])
    assert.equal(made(2), 6)
    assert.equal(await there.run(made, [5]), 15)
    assert.equal(await there.run((fn: Any) => fn(7), [made]), 21)
  }),
  scene('a class that is made there', async there => {
    const Made = await there.run(() => class Made { n = 4; twice() { return this.n * 2 } })
    assert.equal(new Made().twice(), 8)
    const again = await there.run(() => new Made())
    assert.ok(again instanceof Made)
  }),
  scene('a function of this process comes home with its class and its module', async there => {
    class Local {}
    const back = await there.run((given: { Local: typeof Local }) => ({ instance: new given.Local(), Local: given.Local }), [{ Local }])
    assert.ok(back.instance instanceof Local)
    assert.equal(back.Local, Local)
  }),
  scene('functions deep in what is returned', async there => {
    const back = await there.run(() => new Map([['add', { fns: [(a: number, b: number) => a + b] }]]))
    assert.equal(back.get('add').fns[0](1, 2), 3)
  }),
  scene('a function that was made by eval, and one by new Function', async there => {
    const evaluated = globalThis.eval('(x => x + 1)')
    const constructed = new Function('x', 'return x + 2')
    same('results', [2, 3], [await there.run(evaluated, [1]), await there.run(constructed as Any, [1])])
  }),
  aboutModules(scene('what a function prints in a stack is its own file and line', async there => {
    const fail = (): never => {
      throw new Error('for its stack')
    }
    const here = stackOf(fail)
    const far: string = await there.run(stackOf, [fail])
    const line = /functions-modules\.[jt]s:\d+:\d+/
    assert.match(far, line)
    assert.equal(line.exec(far)?.[0], line.exec(here)?.[0])
  })),
  scene('a path in what is sent, seen from the module it is in', async there => {
    assert.equal(await there.run(() => pathToFileURL('/a b').href), 'file:///a%20b')
  }),
]

function stackOf(fn: () => unknown): string {
  try {
    return String(fn())
  } catch (error) {
    return String((error as Error).stack)
  }
}

export const moduleRows: readonly Row[] = [...imports, ...references, ...native, ...journeys]
