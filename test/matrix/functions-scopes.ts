// Rows: what a function closes over, and that it is a copy of the moment at which it is sent.
// biome-ignore-all format: a row is as short as it can be, so that the table reads as one.
// biome-ignore-all lint/suspicious/noVar: every form is there on purpose.
// biome-ignore-all lint/correctness/noInnerDeclarations: every form is there on purpose.
// biome-ignore-all lint/suspicious/noEvolvingTypes: every form is there on purpose.
import assert from 'node:assert/strict'
import { type Any, called, type Row, scene, used } from './rows.ts'

const constant = 5
let variable = 5
var old = 5
const { destructured, inner: [, second = 6] } = { destructured: 5, inner: [1] as number[] }
const cache = new Map<number, number>()
const settings = { factor: 2, names: ['a', 'b'] }

function helper(x: number): number {
  return deeper(x) + 1
}

function deeper(x: number): number {
  return x * constant
}

function even(n: number): boolean {
  return n === 0 || odd(n - 1)
}

function odd(n: number): boolean {
  return n !== 0 && even(n - 1)
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1)
}

const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2))

function memoized(n: number): number {
  const known = cache.get(n)
  if (known !== undefined) return known
  cache.set(n, n * n)
  return n * n
}

function curried(a: number): (b: number) => (c: number) => number[] {
  return b => c => [a, b, c]
}

function makeCounter(): { next(): number; reset(): void } {
  let count = 0
  return {
    next() {
      count += 1
      return count
    },
    reset: () => {
      count = 0
    },
  }
}

const fromCatch = ((): (() => unknown) => {
  try {
    throw new RangeError('caught')
  } catch (problem) {
    return () => (problem as Error).message
  }
})()

const variables = [
  called('a const', () => x => x + constant, [1], 6),
  called('a let', () => x => x + variable, [1], 6),
  called('a var', () => x => x + old, [1], 6),
  called('destructured variables', () => () => [destructured, second], [], [5, 6]),
  called('a parameter', () => (x => () => x)(7), [], 7),
  called('a parameter with a default', () => ((x = constant) => () => x)(), [], 5),
  called('rest and destructured parameters', () => (({ a }, ...rest: number[]) => () => [a, rest])({ a: 1 }, 2, 3), [], [1, [2, 3]]),
  called('a function in the default of a parameter', () => ((x: number, get = () => x) => get)(8), [], 8),
  called('the variable of a catch', () => fromCatch, [], 'caught'),
  called(
    'what is taken out of the variable of a catch',
    () => { try { throw Object.assign(new Error('m'), { code: 4 }) } catch (problem) { const { message, code } = problem as Any; return () => [message, code] } },
    [],
    ['m', 4],
  ),
  used(
    'the variable of a loop: one for each round',
    () => { const made: (() => number)[] = []; for (let i = 0; i < 3; i += 1) made.push(() => i); return made },
    made => made.map(one => one()),
    [0, 1, 2],
  ),
  used(
    'the var of a loop: one for all rounds',
    () => { const made: (() => number)[] = []; for (var i = 0; i < 3; i += 1) made.push(() => i); return made },
    made => made.map(one => one()),
    [3, 3, 3],
  ),
  used(
    'the variables of for…of and for…in',
    () => { const made: (() => unknown)[] = []; for (const [k, v] of Object.entries({ a: 1 })) made.push(() => [k, v]); for (const k in { b: 2 }) made.push(() => k); return made },
    made => made.map(one => one()),
    [['a', 1], 'b'],
  ),
  called(
    'variables of a switch and of a block',
    () => { const made: (() => number)[] = []; { const block = 1; made.push(() => block) } switch (1) { case 1: { const inside = 2; made.push(() => inside) } } return () => made.map(one => one()) },
    [],
    [1, 2],
  ),
  called('a function declaration', () => x => helper(x), [2], 11),
  called('an object, deep inside', () => () => [settings.factor, settings.names[1]], [], [2, 'b']),
  called(
    'a class and an instance of it',
    () => { class Unit { n = 3 } const unit = new Unit(); return () => [unit instanceof Unit, unit.n] },
    [],
    [true, 3],
  ),
  called(
    'a value that is undefined or null',
    () => { let nothing: undefined; const none = null; return () => [nothing, none] },
    [],
    [undefined, null],
  ),
  called(
    'a variable that is only asked for its type',
    () => () => [typeof constant, typeof (globalThis as Any).nowhere],
    [],
    ['number', 'undefined'],
  ),
  called(
    'a name that exists nowhere',
    () => () => { try { return nowhereAtAll } catch (error) { return (error as Error).name } },
    [],
    'ReferenceError',
  ),
  called(
    'a function in a property and one in a Map',
    () => { const table = { f: (x: number) => x + 1, map: new Map([['g', (x: number) => x * constant]]) }; return x => [table.f(x), table.map.get('g')?.(x)] },
    [2],
    [3, 10],
  ),
]

declare const nowhereAtAll: unknown

const nested = [
  called(
    'closures inside closures',
    () => { const a = 1; return () => { const b = a + 1; return (() => { const c = b + 1; return (() => [a, b, c])() })() } },
    [],
    [1, 2, 3],
  ),
  called(
    'names that hide others',
    () => { const x = 'outer'; return ((y: string) => { const x = 'middle'; return () => { const inner = [x, y]; { const x = 'innermost'; inner.push(x) } return inner } })(x) },
    [],
    ['middle', 'outer', 'innermost'],
  ),
  called('a parameter that hides a variable of the module', () => { const constant = 'mine'; return () => constant }, [], 'mine'),
  called(
    'two functions that close over two variables of one name',
    () => { const one = (x => () => x)(1); const two = (x => () => x)(2); return () => [one(), two()] },
    [],
    [1, 2],
  ),
  called('recursion', () => factorial, [5], 120),
  called('recursion of an arrow', () => fibonacci, [10], 55),
  called('mutual recursion', () => even, [10], true),
  called('a named function expression that calls itself', () => function down(n: number): number { return n === 0 ? 0 : down(n - 1) }, [5], 0),
  called(
    'a function that is handed on three times',
    () => { const apply = (fn: Any, ...args: Any[]) => fn(...args); return x => apply(apply, apply, helper, x) },
    [1],
    6,
  ),
  called(
    'composition',
    () => { const compose = (...all: Any[]) => (x: Any) => all.reduceRight((value, fn) => fn(value), x); return compose(String, factorial, (x: number) => x + 1) },
    [3],
    '24',
  ),
  called('what a curried function gives', () => curried(1)(2) as Any, [3], [1, 2, 3]),
  called('a memoized function', () => memoized, [4], 16),

  called('a variable that its function changes', () => { let total = 10; return (by: number) => { total += by; return total } }, [5], 15),
  called(
    '200 functions, each of which closes over the one before',
    () => { let chain = (x: number) => x; for (let i = 0; i < 200; i += 1) { const before = chain; chain = x => before(x) + 1 } return chain },
    [0],
    200,
  ),
  used(
    'functions with properties',
    () => Object.assign((x: number) => x + 1, { version: 2, deep: { list: [1] }, helper: (x: number) => x * 2 }),
    made => [made(1), made.version, made.deep, made.helper(4)],
    [2, 2, { list: [1] }, 8],
  ),
  used(
    'a function that is a property of itself',
    () => { const self: Any = () => self.again === self; self.again = self; return self },
    made => [made(), made.again === made],
    [true, true],
  ),
  called('a bound function', () => function (this: Any, x: number) { return this.a + x }.bind({ a: 1 }), [2], 3),
  called('a function with bound arguments', () => ((a: number, b: number, c: number) => [a, b, c]).bind(null, 1, 2) as Any, [3], [1, 2, 3]),
  called(
    'a function that was bound twice',
    () => (function (this: Any, a: number, b: number, c: number) { return [this.t, a, b, c] }.bind({ t: 't' }, 1) as Any).bind({ t: 'ignored' }, 2),
    [3],
    ['t', 1, 2, 3],
  ),
  used(
    'the name and the number of parameters',
    () => [helper, curried, (_a: Any, _b: Any, ..._c: Any[]) => 0, Object.defineProperty(() => 0, 'name', { value: 'other' })] as Any[],
    made => made.map((fn: Any) => [fn.name, fn.length]),
    [['helper', 1], ['curried', 1], ['', 2], ['other', 0]],
  ),
]

const identity = [
  used(
    'one function in two places is one function',
    () => { const fn = (): number => 1; return { fn, list: [fn], map: new Map([[fn, fn]]) } },
    made => [made.fn === made.list[0], made.map.get(made.fn) === made.fn],
    [true, true],
  ),
  used(
    'two functions of one text are two functions',
    () => [1, 2].map(x => () => x),
    made => [made[0] === made[1], made[0]?.(), made[1]?.()],
    [false, 1, 2],
  ),
  called(
    'two functions that close over one object share it',
    () => { const shared = { n: 0 }; const add = () => { shared.n += 1 }; const read = () => shared.n; return () => { add(); add(); return read() } },
    [],
    2,
  ),
  called(
    'a class that two functions use is one class',
    () => { class Token {} const make = () => new Token(); const check = (x: unknown) => x instanceof Token; return () => check(make()) },
    [],
    true,
  ),
  scene('an object that is an argument’s and one that its function closes over', async there => {
    const shared = { a: 1 }
    assert.equal(await there.run((given: { fn: () => unknown; shared: unknown }) => given.fn() === given.shared, [{ fn: () => shared, shared }]), true)
  }),
]

const moments = [
  scene('variables are copied at the call: what is assigned afterwards is not seen', async there => {
    let value = 'before'
    const read = (): string => value
    const pending = there.run(read)
    value = 'after'
    assert.equal(await pending, 'before')
    assert.equal(await there.run(read), 'after', 'and the next call sends the new value')
  }),
  scene('an object that a function closes over is copied at the call, too', async there => {
    const state = { list: [1] }
    const read = (): number[] => state.list
    const pending = there.run(read)
    state.list.push(2)
    assert.deepEqual(await pending, [1])
    assert.deepEqual(await there.run(read), [1, 2])
  }),
  scene('what a function assigns there is not seen here', async there => {
    let value = 1
    const change = (): number => {
      value += 1
      return value
    }
    assert.equal(await there.run(change), 2)
    assert.equal(value, 1)
    change()
    assert.equal(await there.run(change), 3)
  }),
  scene('a variable of the module that changed between two calls', async there => {
    const read = (): number => variable
    assert.equal(await there.run(read), 5)
    variable = 6
    const changed = await there.run(read).finally(() => {
      variable = 5
    })
    assert.equal(changed, 6)
    assert.equal(await there.run(read), 5)
  }),
  scene('a captured object that grows between calls', async there => {
    const seen: number[] = []
    for (let round = 0; round < 5; round += 1) {
      assert.equal(await there.run(() => seen.length), round)
      seen.push(round)
    }
  }),
  scene('closures of one place with other values', async there => {
    const make = (n: number) => () => n * 2
    const results = await Promise.all([1, 2, 3, 1].map(n => there.run(make(n))))
    assert.deepEqual(results, [2, 4, 6, 2])
  }),
  scene('a function that was replaced by another one between calls', async there => {
    let inner = (): string => 'one'
    const outer = (): string => inner()
    assert.equal(await there.run(outer), 'one')
    inner = () => 'two'
    assert.equal(await there.run(outer), 'two')
  }),
  scene('properties of a function that changed between calls', async there => {
    const fn = Object.assign(() => fn.label, { label: 'a' })
    assert.equal(await there.run(fn), 'a')
    fn.label = 'b'
    assert.equal(await there.run(fn), 'b')
  }),
  scene('two functions that assign one variable: each has a copy of its own', async there => {
    const counter = makeCounter()
    const numbers = (given: typeof counter): number[] => {
      const first = [given.next(), given.next()]
      given.reset()
      return [...first, given.next()]
    }
    assert.deepEqual(numbers(counter), [1, 2, 1])
    counter.reset()
    assert.deepEqual(await there.run(numbers, [counter]), [1, 2, 3])
  }),
  scene('a variable that has no value yet is sent with its value as soon as it has one', async there => {
    const early = (): unknown[] => [typeof late, typeof lateVar]
    await there.run(early).catch(() => {}) // It is undefined, or using it throws as it would here.
    const late = 3
    var lateVar = 4
    assert.deepEqual(await there.run(early), ['number', 'number'])
  }),

]

export const scopeRows: readonly Row[] = [...variables, ...nested, ...identity, ...moments]
