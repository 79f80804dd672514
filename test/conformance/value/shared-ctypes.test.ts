// CPython: _TestSharedCTypes.
import { closeShared, defineStruct } from '../../../src/index.ts'
import { double, readText, writeText } from '../../fixtures/conformance/values.ts'
import { playRows, row } from '../row.ts'

const Foo = defineStruct({ x: 'i', y: 'd', z: 'q' })

for (const [name, lock] of [
  ['test_sharedctypes', false],
  ['test_synchronize', true],
] as const) {
  row(
    '_TestSharedCTypes',
    name,
    `another process doubles values, a struct, an array and a text ${lock ? 'with' : 'without'} locks`,
    async ({ ctx, check, own, start, joined }) => {
      const x = own(new ctx.Value('i', 7, { lock }))
      const y = own(new ctx.Value('d', 1 / 3, { lock }))
      const z = own(new ctx.Value('q', 2n ** 33n, { lock }))
      const foo = own(new ctx.Value(Foo, { x: 3, y: 2 }, { lock }))
      const array = new ctx.SharedArray('d', [...Array(10).keys()], { lock })
      const text = new ctx.SharedArray('c', 20, { lock })
      writeText(text, 'hello')
      await start('blocking', double, { x, y, z, foo, array, text })
      await joined()
      check.equal([x.value, y.value, z.value], [14, 2 / 3, 2n ** 34n])
      check.equal([foo.value.x, foo.value.y, foo.value.z], [6, 4, 0n])
      check.equal(
        [...array],
        [...Array(10).keys()].map(each => each * 2),
      )
      check.equal(readText(text), 'hellohello')
      for (const each of [array, text]) closeShared(each)
    },
    'a struct’s fields are reached by value, and the bytes of a text are read by hand: an array of bytes has no value',
  )
}

row(
  '_TestSharedCTypes',
  'test_copy',
  'a struct that is made of another one is a copy',
  ({ ctx, check, own }) => {
    const foo = own(new ctx.RawValue(Foo, { x: 2, y: 5, z: 2n ** 33n }))
    const bar = own(new ctx.RawValue(Foo, foo.value))
    foo.value = { x: 0, y: 0, z: 0n }
    check.equal([foo.value.x, foo.value.y, foo.value.z], [0, 0, 0n])
    check.equal([bar.value.x, bar.value.y, bar.value.z], [2, 5, 2n ** 33n])
  },
  'new RawValue(Foo, foo.value) in place of copy(foo)',
)

playRows({ crew: 1 })
