// CPython: _TestValue, _TestArray, _TestHeap.
import {
  closeShared,
  type Lock,
  lockOf,
  type LockOption,
  RawArray,
  RawValue,
  RLock,
  SharedArray,
  type TypedArray,
  Value,
} from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { checkArena } from '../../../src/memory/check.ts'
import { CODES_VALUES, setValues, sumUp } from '../../fixtures/conformance/values.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const NO_LOCK = 'lock and lockOf() in place of get_lock() and get_obj(); what is no lock is a TypeError (Python: AttributeError)'

for (const [name, kind] of [
  ['test_value', Value],
  ['test_rawvalue', RawValue],
] as const) {
  row('_TestValue', name, 'another process changes values, and this one sees it', async ({ check, own, start, joined }) => {
    const values = CODES_VALUES.map(([code, first]) => own(new (kind as typeof RawValue)(code, first as never)))
    check.equal(
      values.map(each => each.value),
      CODES_VALUES.map(each => each[1]),
    )
    await start('blocking', setValues, values)
    await joined()
    check.equal(
      values.map(each => each.value),
      CODES_VALUES.map(each => each[2]),
    )
  })
}

row(
  '_TestValue',
  'test_getobj_getlock',
  'a value has a lock of its own, the one that it was given, or none',
  ({ ctx, check, own }) => {
    check.ok(own(new ctx.Value('i', 5)).lock instanceof RLock)
    check.ok(own(new ctx.Value('i', 5, { lock: true })).lock instanceof RLock)
    for (const lock of [own(new ctx.Lock()), own(new ctx.RLock())]) check.equal(own(new ctx.Value('i', 5, { lock })).lock === lock, true)
    check.throws(() => own(new ctx.Value('i', 5, { lock: false })).lock, { name: 'TypeError' })
    check.throws(() => new ctx.Value('i', 5, { lock: 'navalue' } as unknown as LockOption), { name: 'TypeError', message: /`lock`/ })
    check.equal('lock' in own(new ctx.RawValue('i', 5)), false)
  },
  NO_LOCK,
)

for (const [name, kind] of [
  ['test_array', SharedArray],
  ['test_rawarray', RawArray],
] as const) {
  row('_TestArray', name, 'another process changes an array, and this one sees it', async ({ check, start, joined }) => {
    const expected = [680, 626, 934, 821, 150, 233, 548, 982, 714, 831]
    const array = new (kind as typeof RawArray)('i', expected)
    check.equal(array.length, expected.length)
    check.equal(array[3], expected[3])
    check.equal([...array.subarray(2, 7)], expected.slice(2, 7))
    array.set([1, 2, 3, 4], 4)
    expected.splice(4, 4, 1, 2, 3, 4)
    check.equal([...array], expected)
    sumUp('blocking', expected)
    await start('blocking', sumUp, array)
    await joined()
    check.equal([...array], expected)
    closeShared(array)
  })
}

row('_TestArray', 'test_array_from_size', 'an array of a length is all zero, also where another one was', ({ ctx, check }) => {
  for (let round = 0; round < 3; round += 1) {
    const array = new ctx.SharedArray('i', 10)
    check.equal(array.length, 10)
    check.equal([...array], Array(10).fill(0))
    array.set([...Array(10).keys()])
    check.equal([...array], [...Array(10).keys()])
    closeShared(array)
  }
})

row(
  '_TestArray',
  'test_getobj_getlock_obj',
  'an array has a lock of its own, the one that it was given, or none',
  ({ ctx, check, own }) => {
    const range = [...Array(10).keys()]
    const arrays: TypedArray[] = []
    const make = (options?: LockOption): TypedArray => {
      const array = new ctx.SharedArray('i', range, options)
      arrays.push(array)
      return array
    }
    check.ok(lockOf(make()) instanceof RLock)
    check.ok(lockOf(make({ lock: true })) instanceof RLock)
    const lock: Lock = own(new ctx.Lock())
    check.equal(lockOf(make({ lock })) === lock, true)
    check.throws(() => lockOf(make({ lock: false })), { name: 'TypeError' })
    check.throws(() => make({ lock: 'notalock' } as unknown as LockOption), { name: 'TypeError', message: /`lock`/ })
    const raw = new ctx.RawArray('i', range)
    check.throws(() => lockOf(raw), { name: 'TypeError' })
    for (const array of [...arrays, raw]) closeShared(array)
  },
  NO_LOCK,
)

row(
  '_TestHeap',
  'test_heap',
  'memory that is taken and given back in any order stays whole, and all goes back',
  scene => takeAndGiveBack(scene),
  'looked at are the invariants of the arena; giving back is close(), not the collector’s',
)

/** Thousands of blocks of all sizes, 50 at a time; log-normal, as in Python. */
function takeAndGiveBack({ check }: Scene): void {
  const before = checkArena(arena())
  const open: RawArray<'u8'>[] = []
  for (let round = 0; round < 5000; round += 1) {
    open.push(new RawArray('u8', Math.floor(Math.exp(gaussian()) * 1000)))
    if (open.length <= 50) continue
    const [oldest] = open.splice(Math.floor(Math.random() * 50), 1)
    closeShared(oldest as RawArray<'u8'>)
  }
  const full = checkArena(arena())
  check.equal(full.problems, [])
  check.ok(full.bytes > before.bytes)
  while (open.length > 0) closeShared(open.splice(Math.floor(Math.random() * open.length), 1)[0] as RawArray<'u8'>)
  const after = checkArena(arena())
  check.equal([after.problems, after.blocks, after.bytes], [[], before.blocks, before.bytes])
}

function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}

playRows({ crew: 1 })
