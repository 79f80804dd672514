// node:assert/strict, counted: a row says how much it has looked at, and one that has looked at nothing has shown nothing.
import assert from 'node:assert/strict'

export class Check {
  #count = 0

  /** How many assertions have been made. */
  get count(): number {
    return this.#count
  }

  equal(actual: unknown, expected: unknown, message?: string): void {
    this.#count += 1
    assert.deepEqual(actual, expected, message)
  }

  ok(actual: unknown, message?: string): void {
    this.#count += 1
    assert.ok(actual, message)
  }

  match(actual: string, expected: RegExp): void {
    this.#count += 1
    assert.match(actual, expected)
  }

  throws(act: () => unknown, expected: assert.AssertPredicate): void {
    this.#count += 1
    assert.throws(act, expected)
  }

  async rejects(act: () => Promise<unknown>, expected: assert.AssertPredicate): Promise<void> {
    this.#count += 1
    await assert.rejects(act, expected)
  }

  /**
   * Something has lasted for at least `least` ms. How much longer is for the machine to say; it is only no other order of magnitude.
   */
  lasted(elapsed: number, least: number): void {
    this.#count += 1
    assert.ok(elapsed >= least, `Expected at least ${least} ms, it was ${elapsed}`)
    assert.ok(elapsed < least + 20_000, `Expected about ${least} ms, it was ${elapsed}`)
  }
}
