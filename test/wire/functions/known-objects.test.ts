import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'

const pool = new Pool(1)
after(() => pool[Symbol.asyncDispose]())

const known: Readonly<Record<string, object>> = { Math, JSON, Reflect, Atomics, console, process, globalThis }

for (const [name, value] of Object.entries(known)) {
  test(`${name} inside of a value is the other process’s own, and this one’s again when it comes home`, async () => {
    const there = await pool.apply((given, key) => [given.deep[0] === (globalThis as Record<string, unknown>)[key], given.deep[0]], [
      { deep: [value] },
      name,
    ] as [{ deep: object[] }, string])
    assert.deepEqual([there[0], there[1] === value], [true, true])
  })
}

test('an empty object is an empty object', async () => {
  const empty = {}
  assert.deepEqual(await pool.apply((given: Record<string, object>) => [given, given.a === given.b], [{ a: empty, b: empty }]), [
    { a: {}, b: {} },
    true,
  ])
})

test('a class that extends one of Node’s with private fields travels', async () => {
  class Link extends URL {
    get short(): string {
      return this.host
    }
  }
  const back = await pool.apply(link => [link.short, link], [new Link('http://example.org/x')] as [Link])
  assert.ok(back[1] instanceof Link)
  assert.deepEqual([back[0], String(back[1])], ['example.org', 'http://example.org/x'])
})
