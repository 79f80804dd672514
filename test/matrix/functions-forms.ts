// Rows: every form a function or a class can be written in.
// biome-ignore-all format: a row is as short as it can be, so that the table reads as one.
// biome-ignore-all lint/complexity/useArrowFunction: every form is there on purpose.
// biome-ignore-all lint/complexity/noArguments: every form is there on purpose.
// biome-ignore-all lint/complexity/noStaticOnlyClass: every form is there on purpose.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: every form is there on purpose.
import { EventEmitter } from 'node:events'
import { Counter, Exported } from '../fixtures/matrix/exporting.ts'
import { type Any, called, type Row, used } from './rows.ts'

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const item of items) all.push(item)
  return all
}

const key = 'computed'
const symbol = Symbol.for('matrix.method')

const plain = [
  called('an arrow', () => (x: number) => x + 1, [1], 2),
  called('an arrow with a body', () => (x: number) => { return x + 1 }, [1], 2),
  called('an arrow that gives an object', () => (a: number) => ({ a }), [1], { a: 1 }),
  called('an arrow without parameters', () => () => 'none', [], 'none'),
  called('an async arrow', () => async (x: number) => (await Promise.resolve(x)) * 2, [4], 8),
  called('a function expression', () => function (x: number) { return x * 3 }, [2], 6),
  called('a named function expression', () => function named(x: number): string { return `${x} ${typeof named}` }, [2], '2 function'),
  called('a function declaration', () => {
    function declared(x: number): number {
      return x - 1
    }
    return declared
  }, [2], 1),
  called('an async function', () => async function later(x: number) { return x + (await Promise.resolve(1)) }, [2], 3),
  used('a generator', () => function* count(to: number) { for (let at = 0; at < to; at += 1) yield at }, made => [...made(3)], [0, 1, 2]),
  used('a generator that delegates', () => function* both(): Generator<unknown> { yield* [1, 2]; return yield 3 }, made => [...made()], [1, 2, 3]),
  used(
    'an async generator',
    () => async function* count(to: number) { for (let at = 0; at < to; at += 1) yield at },
    made => collect(made(3)),
    [0, 1, 2],
  ),
  used('a function in the old style, called with new', () => {
    function Old(this: Any, x: number) { this.x = x }
    Old.prototype.twice = function () { return this.x * 2 }
    return Old
  }, made => new (made as Any)(4).x, 4),
]

const parameters = [
  called('default parameters', () => (a: number, b = a * 2, c = b + 1) => [a, b, c], [1, undefined, 5], [1, 2, 5]),
  called('rest parameters', () => (first: number, ...rest: number[]) => [first, rest], [1, 2, 3], [1, [2, 3]]),
  called('destructured parameters', () => ({ a, b: [c, d = 9] }: Any, ...[e]: Any[]) => [a, c, d, e], [{ a: 1, b: [2] }, 5], [1, 2, 9, 5]),
  called('arguments', () => function () { return [...arguments].length }, [1, 2, 3], 3),
  called(
    'an arrow that uses the arguments of the function around it',
    () => (function () { return () => [...arguments] }).apply(null, [1, 2] as Any),
    [9],
    [1, 2],
  ),
  used(
    'an arrow in an arrow that uses the arguments of the function around both',
    () => (function () { return () => () => arguments[0] }).apply(null, [1] as Any),
    made => made()(),
    1,
  ),
  called('an arrow that uses the arguments of the function in which both travel', () => function () { return (() => arguments[1])() }, [1, 2], 2),
  used('this of the caller', () => function (this: Any) { return this.a }, made => made.call({ a: 5 }), 5),
  used('strict mode: no this', () => function (this: Any) { return this === undefined }, made => made.call(undefined), true),
  used(
    'new.target',
    () => function () { return { constructed: new.target !== undefined } } as Any,
    made => [new made().constructed, made().constructed],
    [true, false],
  ),
  called('a parameter named like a global', () => (process: number, Math: number) => process + Math, [1, 2], 3),
  called(
    'a text full of signs',
    () => (a: string) => `\${a} ${a} \` \\ ' " // /* */ </script> \u2028 ${`${a}`}`,
    ['x'],
    "${x} x ` \\ ' \" // /* */ </script> \u2028 x".replace('${x}', '${a}'),
  ),
  called('comments and regular expressions', () => (text: string /* the } text */) => text.replace(/[}/"'`]/g, '') /* done } */, ['a}/b'], 'ab'),
  called('other scripts', () => (größe: number) => ({ größe, 语: '👩' }), [1], { größe: 1, 语: '👩' }),
]

const methods = [
  called('a method of an object', () => ({ add(a: number, b: number) { return a + b } }).add, [1, 2], 3),
  called('an async method', () => ({ async wait(a: number) { return await Promise.resolve(a) } }).wait, [1], 1),
  used('a generator method', () => ({ *items() { yield 1 } }).items, made => [...made()], [1]),
  used('an async generator method', () => ({ async *items() { yield 1 } }).items, made => collect(made()), [1]),
  called('a method with a computed name', () => ({ [key]() { return 'c' } })[key] as Any, [], 'c'),
  called('a method with a name that is an expression', () => ({ [`${key}${1 + 1}`]() { return 'e' } }).computed2 as Any, [], 'e'),
  called('a method whose name is a symbol', () => ({ [symbol]() { return 's' } })[symbol] as Any, [], 's'),
  called('methods with names that are strings and numbers', () => ({ 'a b'() { return 1 } })['a b'], [], 1),
  called('a method whose name is a number', () => ({ 12() { return 12 } })[12] as Any, [], 12),
  called('methods named like words of the language', () => ({ get() { return 'get' } }).get, [], 'get'),
  called('a method named async', () => ({ async() { return 'async' } }).async, [], 'async'),
  called('a method named static', () => ({ static() { return 'static' } }).static, [], 'static'),
  used(
    'an object of methods that call each other',
    () => ({ n: 2, twice() { return this.n * 2 }, four() { return this.twice() * 2 } }),
    made => made.four(),
    8,
  ),
  used(
    'the getter of an accessor',
    () => Object.getOwnPropertyDescriptor({ get a() { return (this as Any).b } }, 'a')?.get as Any,
    made => made.call({ b: 7 }),
    7,
  ),
  used(
    'the setter of an accessor',
    () => Object.getOwnPropertyDescriptor({ set a(x: number) { (this as Any).b = x } }, 'a')?.set as Any,
    made => { const target = { b: 0 }; made.call(target, 4); return target.b },
    4,
  ),
  called('a method of a class', () => new (class { twice(x: number) { return x * 2 } })().twice, [4], 8),
  called('a static method', () => (class { static twice(x: number) { return x * 2 } }).twice, [4], 8),
  called('a static async method named like its modifier', () => (class { static async static() { return 1 } }).static, [], 1),
  used('an arrow in a field that uses no this', () => new (class { readonly add = (x: number) => x + 1 })().add, made => made(1), 2),
]

const base = 10

const classes = [
  used('a class', () => class { a = 1; get() { return this.a } }, made => new made().get(), 1),
  used('a class declaration that names itself', () => {
    class Point {
      x = 1
      static origin(): Point { return new Point() }
      copy(): Point { return Object.assign(new Point(), this) }
    }
    return Point
  }, made => [made.origin().copy() instanceof made, made.origin().x], [true, 1]),
  used('a class expression that names itself', () => class Inner { self() { return Inner } }, made => new made().self() === made, true),
  used(
    'private fields and methods',
    () => class { #count = base; #add(by: number) { this.#count += by } bump() { this.#add(1); return this.#count } has(other: object) { return #count in other } },
    made => { const one = new made(); return [one.bump(), one.bump(), one.has(one), one.has({})] },
    [11, 12, true, false],
  ),
  used(
    'private accessors and static private methods',
    () => class { static #secret() { return 5 } get #five() { return 5 } static open() { return this.#secret() } sum() { return this.#five + 1 } },
    made => [made.open(), new made().sum()],
    [5, 6],
  ),
  used(
    'static fields',
    () => class { static readonly limit = base * 2; static readonly list = [1, 2] },
    made => [made.limit, made.list],
    [20, [1, 2]],
  ),
  used(
    'a static field that changed before the class travelled',
    () => { class Tally { static total = 0 } Tally.total = 9; return Tally },
    made => made.total,
    9,
  ),
  used('static blocks', () => class { static total = 0; static { for (const item of [1, 2, base]) this.total += item } }, made => made.total, 13),
  used(
    'a static block that writes a private field',
    () => class { static #inner = 0; static { this.#inner = base } static read() { return this.#inner } },
    made => made.read(),
    10,
  ),
  used(
    'accessors',
    () => class { inner = 1; get a() { return this.inner } set a(x) { this.inner = x * 2 } static get b() { return 'b' } },
    made => { const one = new made(); one.a = 4; return [one.a, made.b] },
    [8, 'b'],
  ),
  used(
    'computed members',
    () => class { [key] = 1; [`${key}2`]() { return 2 } static [symbol]() { return 3 } *[Symbol.iterator]() { yield 4 } } as Any,
    made => { const one = new made(); return [one.computed, one.computed2(), made[symbol](), ...one] },
    [1, 2, 3, 4],
  ),
  used('inheritance', () => {
    class Named { name: string; constructor(name: string) { this.name = name } }
    class Animal extends Named { speak() { return `${this.name} speaks` } }
    return Animal
  }, made => new made('Rex').speak(), 'Rex speaks'),
  used('super in constructors, methods and static methods', () => {
    class Animal { speak() { return 'noise' } static kind() { return 'animal' } }
    class Dog extends Animal { tricks: number; constructor() { super(); this.tricks = 2 } override speak() { return `${super.speak()} woof` } static override kind() { return `${super.kind()}/dog` } }
    return Dog
  }, made => [new made().speak(), made.kind(), new made().tricks], ['noise woof', 'animal/dog', 2]),
  used('three generations', () => {
    class A { who() { return 'a' } }
    class B extends A { override who() { return `${super.who()}b` } }
    class C extends B { override who() { return `${super.who()}c` } }
    return { A, C }
  }, made => [new made.C().who(), new made.C() instanceof made.A], ['abc', true]),
  used(
    'a class that extends Array',
    () => class extends Array<number> { sum() { return this.reduce((a, b) => a + b, 0) } } as Any,
    made => [made.from([1, 2]).sum(), Array.isArray(new made())],
    [3, true],
  ),
  used(
    'a class that extends Map',
    () => class extends Map<string,
    number> { getOr(k: string, d: number) { return this.get(k) ?? d } },
    made => new made([['a', 1]]).getOr('b', 2),
    2,
  ),
  used(
    'a class that extends Error',
    () => class Custom extends Error { code = 'E' },
    made => { const one = new made('m'); return [one.message, one.code, one instanceof Error] },
    ['m', 'E', true],
  ),
  used(
    'a class that extends a variable that nothing else uses',
    () => { const parents = [Exported]; const [parent = Exported] = parents; return class extends parent {} },
    made => new made('v').greet(),
    'I am v',
  ),

  used(
    'a class that extends null',
    () => class extends (null as Any) { static a = 1 } as Any,
    made => [made.a, Object.getPrototypeOf(made.prototype)],
    [1, null],
  ),
  used(
    'a class that extends a class of Node',
    () => class extends EventEmitter { go() { let heard = ''; this.on('a', x => { heard = x }); this.emit('a', 'b'); return heard } },
    made => new made().go(),
    'b',
  ),
  used(
    'a class that extends an exported class',
    () => class extends Exported { override greet() { return `${super.greet()}!` } },
    made => [new made('x').greet(), new made('x') instanceof Exported],
    ['I am x!', true],
  ),
  used(
    'a class that extends one with private fields',
    () => class extends Counter { twice() { this.increment(); return this.increment() } },
    made => new made().twice(),
    2,
  ),
  used(
    'a class that extends what a function gives',
    () => { const mixin = <T extends new (...args: Any[]) => object>(parent: T) => class extends parent { mixed() { return base } }; return mixin(Exported) as Any },
    made => [new made('q').mixed(), new made('q').name],
    [10, 'q'],
  ),
  used(
    'a class with a method that was added later',
    () => { class Open {} Object.assign(Open.prototype, { later: (x: number) => x + base }); return Open as Any },
    made => new made().later(1),
    11,
  ),
  used(
    'private names of two classes inside each other',
    () => class { #x = 1; inner() { const outer = this; return new (class { #y = 2; sum() { return outer.#x + this.#y } })().sum() } },
    made => new made().inner(),
    3,
  ),
]

export const formRows: readonly Row[] = [...plain, ...parameters, ...methods, ...classes]
