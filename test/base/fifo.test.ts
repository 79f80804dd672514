import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fifo } from '../../src/base/fifo.ts'

test('what goes in first comes out first, however pushes and shifts alternate', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 500 }), pushes => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      for (const [index, push] of pushes.entries()) {
        if (push) {
          fifo.push(index)
          model.push(index)
        } else assert.equal(fifo.shift(), model.shift())
        assert.equal(fifo.length, model.length)
      }
    }),
  )
})

test('what was cleared is gone', () => {
  const fifo = new Fifo<number>()
  for (let index = 0; index < 200; index += 1) fifo.push(index)
  for (let index = 0; index < 100; index += 1) assert.equal(fifo.shift(), index)
  fifo.clear()
  assert.equal(fifo.length, 0)
  assert.equal(fifo.shift(), undefined)
})
