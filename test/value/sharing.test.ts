// Values and arrays between processes, under every start method.
// CPython: _TestValue.test_value, test_rawvalue; _TestArray.test_array, test_rawarray; _TestSharedCTypes.test_sharedctypes.
import assert from 'node:assert/strict'
import { closeShared, defineStruct, RawArray, RawValue, SharedArray, Value } from '../../src/index.ts'
import * as partners from '../fixtures/value/partners.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, type Context, PROCESSES, perMethod } from '../process/methods.ts'
import { balancedAsync } from './balance.ts'

const Foo = defineStruct({ x: 'i', y: 'd', z: 'q' })

/** Runs the target in a child, to its good end. */
async function run<A extends unknown[]>(context: Context, target: (...args: A) => unknown, ...args: A): Promise<void> {
  const child = await new context.Process({ target, args }).start()
  await child.join()
  assert.equal(child.exitCode, 0)
}

for (const cls of [Value, RawValue]) {
  perMethod(ALL, `what a child writes to a ${cls === Value ? 'Value' : 'RawValue'} is there`, context =>
    balancedAsync(async () => {
      const make = cls as typeof RawValue
      const values = {
        i: new make('i', 4343),
        d: new make('d', 3.625),
        h: new make('h', -232),
        q: new make('q', 2n ** 33n),
        c: new make('c', 120),
      }
      assert.deepEqual(
        [values.i.value, values.d.value, values.h.value, values.q.value, values.c.value],
        [4343, 3.625, -232, 2n ** 33n, 120],
      )
      await run(context, partners.writeSecond, values)
      assert.deepEqual([values.i.value, values.d.value, values.h.value, values.q.value, values.c.value], [-24, -4.25, -232, 2n ** 34n, 121])
      for (const each of Object.values(values)) each.close()
    }),
  )
}

for (const cls of [SharedArray, RawArray]) {
  perMethod(ALL, `a child works in a ${cls === SharedArray ? 'SharedArray' : 'RawArray'} in place`, context =>
    balancedAsync(async () => {
      const sequence = [680, 626, 934, 821, 150, 233, 548, 982, 714, 831]
      const array = new (cls as typeof RawArray)('i', sequence)
      assert.deepEqual([array.length, array[3], [...array.slice(2, 7)]], [10, 821, sequence.slice(2, 7)])
      array.set([1, 2, 3, 4], 4)
      const expected = Int32Array.from(array)
      partners.accumulate(expected)
      await run(context, partners.accumulate, array as Int32Array)
      assert.deepEqual([...array], [...expected])
      closeShared(array)
    }),
  )
}

perMethod(ALL, 'a child doubles values, structs, arrays and text', context =>
  balancedAsync(async () => {
    const [x, y, foo] = [new RawValue('i', 7), new Value('d', 1 / 3), new Value(Foo, { x: 3, y: 2, z: 2n ** 33n })]
    const [array, text, all] = [
      new SharedArray('d', [0, 1, 2, 3]),
      new RawArray('c', Buffer.from('hellohello')),
      new RawArray(Foo, [{ x: 1 }, { x: 2 }]),
    ]
    await run(context, partners.double, x, y, foo, array, text, all)
    assert.deepEqual([x.value, y.value, foo.value.x, foo.value.y, foo.value.z], [14, 2 / 3, 6, 4, 2n ** 34n])
    assert.deepEqual([[...array], Buffer.from(text).toString(), [...all].map(each => each.x)], [[0, 2, 4, 6], 'hellohello', [2, 4]])
    for (const each of [x, y, foo, all]) each.close()
    closeShared(array)
    closeShared(text)
  }),
)

perMethod(ALL, 'nothing is lost when several add at once', context =>
  balancedAsync(async () => {
    const counter = new Value('u32')
    const children = await Promise.all([1, 2].map(() => new context.Process({ target: partners.addMany, args: [counter, 10_000] }).start()))
    partners.addMany(counter, 10_000)
    for (const child of children) await child.join()
    assert.equal(counter.value, 30_000)
    counter.close()
  }),
)

perMethod(ALL, 'what Atomics do with an array is atomic for all processes', context =>
  balancedAsync(async () => {
    const array = new RawArray('i32', 1)
    const child = await new context.Process({ target: partners.addAtomically, args: [array, 100_000] }).start()
    partners.addAtomically(array, 100_000)
    await child.join()
    assert.equal(array[0], 200_000)
    closeShared(array)
  }),
)

perMethod(ALL, 'a loop that only reads a value sees that it changes', context =>
  withWords(async arrived => {
    const [go, answer] = [new RawValue('i32'), new RawValue('i32')]
    const child = await new context.Process({ target: partners.spinUntilSet, args: [go, answer, arrived.reference] }).start()
    await reached(arrived, 1)
    // Long enough for V8 to compile the loop with all that it knows.
    for (const start = performance.now(); performance.now() - start < 300; );
    go.value = 5
    await child.join()
    assert.deepEqual([child.exitCode, answer.value], [0, 6])
    go.close()
    answer.close()
  }),
)

perMethod(ALL, 'closing elsewhere lets go there and frees nothing', context =>
  balancedAsync(async () => {
    const [value, array, structs, said] = [new RawValue('i32', 5), new RawArray('f64', [1, 2]), new RawArray(Foo, 2), new RawValue('i32')]
    await run(context, partners.closeAll, value, array, structs, said)
    assert.deepEqual([said.value, value.value, [...array], structs.length, value.closed], [3, 5, [1, 2], 2, false])
    for (const each of [value, structs, said]) each.close()
    closeShared(array)
  }),
)

perMethod(PROCESSES, 'a child that is killed leaves values and arrays as it last wrote them, and they go on', context =>
  withWords(arrived =>
    balancedAsync(async () => {
      const [value, array] = [new Value('i32'), new SharedArray('f64', 1000)]
      const child = await new context.Process({ target: partners.writeAndStay, args: [value, array, arrived.reference] }).start()
      await reached(arrived, 1)
      child.kill()
      await child.join()
      assert.equal(child.exitCode, -9)
      assert.deepEqual([value.value, array.every(item => item === 1)], [1, true])
      value.value += 1
      assert.equal(value.value, 2)
      value.close()
      closeShared(array)
    }),
  ),
)
