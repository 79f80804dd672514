// What was put on functions, classes and prototypes beside their text: by decorators, by mixins, in the old style.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { inherits } from 'node:util'
import { Pool } from '../../../src/pool/pool.ts'
import { isUnchanging } from '../../../src/wire/functions/unchanging.ts'

// biome-ignore lint/suspicious/noExplicitAny: constructors in the old style have no types.
type Any = any

const pool = new Pool(1)
after(() => pool[Symbol.asyncDispose]())

/** What TypeScript's `__decorate` does for `@twice method() {}`. */
function decorate(prototype: object, key: string): void {
  const { value: old } = Object.getOwnPropertyDescriptor(prototype, key) as { value: (...args: unknown[]) => number }
  Object.defineProperty(prototype, key, { value: (...args: unknown[]) => 2 * old(...args), writable: true, configurable: true })
}

test('a method that a decorator replaced is replaced there too, and the others are those of the class', async () => {
  class Decorated {
    replaced(): number {
      return 21
    }
    kept(): string {
      return 'kept'
    }
    get half(): number {
      return this.replaced() / 2
    }
  }
  decorate(Decorated.prototype, 'replaced')
  const made = await pool.apply(() => [new Decorated().replaced(), new Decorated().kept(), new Decorated().half])
  assert.deepEqual(made, [42, 'kept', 21])
  assert.ok(!isUnchanging(Decorated as Any))
})

test('one method of a class under the name of another is found there', async () => {
  class Renaming {
    first(): string {
      return 'first'
    }
    second(): string {
      return 'second'
    }
  }
  Renaming.prototype.second = Renaming.prototype.first
  assert.equal(await pool.apply(() => new Renaming().second()), 'first')
})

test('what a mixin put on a prototype is there, under symbols too', async () => {
  class Mixed {
    own(): string {
      return 'own'
    }
  }
  const mixin = { added: () => 'added' }
  Object.assign(Mixed.prototype, mixin, {
    *[Symbol.iterator]() {
      yield 1
    },
  })
  const used = await pool.apply(() => {
    const made = new Mixed() as Any
    return [made.own(), made.added(), ...made]
  })
  assert.deepEqual(used, ['own', 'added', 1])
})

test('properties of a function that cannot be enumerated, and those under symbols, are there', async () => {
  const key = 'function.test'
  function fn(): unknown[] {
    return [(fn as Any)[Symbol.for(key)], (fn as Any).hidden, Object.keys(fn)]
  }
  Object.defineProperty(fn, 'hidden', { value: 1 })
  ;(fn as Any)[Symbol.for(key)] = 2
  ;(fn as Any)[Symbol('of this process only')] = 3
  assert.deepEqual(await pool.apply(fn), [2, 1, []])
})

/** As compilers to ES5 write `class Dog extends Animal`. */
function oldClasses(): { Animal: Any; Dog: Any } {
  function Animal(this: Any, name: string): void {
    this.name = name
  }
  Animal.create = function (this: Any, name: string): unknown {
    return new this(name)
  }
  Object.defineProperty(Animal.prototype, 'size', { get: () => 5, enumerable: false, configurable: true })
  function Dog(this: Any, name: string): void {
    Animal.call(this, name)
  }
  inherits(Dog, Animal)
  Object.setPrototypeOf(Dog, Animal)
  Dog.prototype.bark = function (this: Any): string {
    return `${this.name} barks`
  }
  return { Animal, Dog }
}

test('a constructor in the old style has the static methods that it inherits, and accessors stay hidden', async () => {
  const { Dog } = oldClasses()
  const used = await pool.apply(() => {
    const dog = Dog.create('Rex')
    const keys: string[] = []
    for (const key in dog) keys.push(key)
    return [dog.bark(), dog.size, keys]
  })
  assert.deepEqual(used, ['Rex barks', 5, ['name', 'bark']])
})

test('an instance of a constructor in the old style that comes home is one of that constructor', async () => {
  const { Animal, Dog } = oldClasses()
  const dog = await pool.apply(() => new Dog('Bo'))
  assert.ok(dog instanceof Dog && dog instanceof Animal)
})
