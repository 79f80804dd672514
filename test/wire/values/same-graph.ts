// Whether two values are the same, down to which of their parts are one object.
import assert from 'node:assert/strict'
import { isBoxedPrimitive } from 'node:util/types'

/** Throws if `actual` is not a faithful copy of `expected`: the same kinds, contents, order, and the same shared references. */
export function assertSameGraph(actual: unknown, expected: unknown): void {
  new Comparison().compare(actual, expected, 'value')
}

class Comparison {
  readonly #pairs = new Map<unknown, unknown>()
  readonly #seen = new Set<unknown>()

  compare(actual: unknown, expected: unknown, path: string): void {
    if (typeof expected !== 'object' || expected === null) {
      assert.ok(Object.is(actual, expected), `${path}: ${String(actual)} is not ${String(expected)}`)
      return
    }
    if (this.#pairs.has(expected)) {
      assert.ok(this.#pairs.get(expected) === actual, `${path}: not the object that it was elsewhere`)
      return
    }
    assert.ok(typeof actual === 'object' && actual !== null, `${path}: no object`)
    assert.ok(!this.#seen.has(actual), `${path}: the same object as elsewhere, which it was not`)
    assert.ok(actual !== expected, `${path}: the very same object`)
    this.#pairs.set(expected, actual)
    this.#seen.add(actual)
    assert.equal(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected), `${path}: of another class`)
    this.#contents(actual, expected, path)
    this.#properties(actual, expected, path)
  }

  #properties(actual: object, expected: object, path: string): void {
    const keys = Object.getOwnPropertyNames(expected)
    assert.deepEqual(Object.getOwnPropertyNames(actual), keys, `${path}: other keys`)
    for (const key of keys) {
      const [mine, its] = [actual, expected].map(each => Object.getOwnPropertyDescriptor(each, key)) as [
        PropertyDescriptor,
        PropertyDescriptor,
      ]
      assert.equal(mine.enumerable, its.enumerable, `${path}.${key}: enumerable or not`)
      this.compare((actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key], `${path}.${key}`)
    }
  }

  #contents(actual: object, expected: object, path: string): void {
    if (expected instanceof Map) return this.#entries([...(actual as Map<unknown, unknown>)].flat(), [...expected].flat(), path)
    if (expected instanceof Set) return this.#entries([...(actual as Set<unknown>)], [...expected], path)
    if (expected instanceof Date || isBoxedPrimitive(expected))
      return this.compare(actual.valueOf(), expected.valueOf(), `${path}.valueOf()`)
    if (expected instanceof RegExp || expected instanceof URL || expected instanceof URLSearchParams) {
      assert.equal(String(actual), String(expected), path)
    }
    const [mine, its] = [bytesOf(actual), bytesOf(expected)]
    if (its !== null) assert.ok(mine?.equals(its), `${path}: other bytes`)
  }

  #entries(actual: readonly unknown[], expected: readonly unknown[], path: string): void {
    assert.equal(actual.length, expected.length, `${path}: another size`)
    for (let index = 0; index < expected.length; index += 1) this.compare(actual[index], expected[index], `${path}‹${index}›`)
  }
}

function bytesOf(value: object): Buffer | null {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength)
  return value instanceof ArrayBuffer ? Buffer.from(value) : null
}
