// The lock beside a value or an array. CPython: _TestValue.test_getobj_getlock, _TestArray.test_getobj_getlock_obj,
// _TestSharedCTypes.test_synchronize.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ClosedError,
  closeShared,
  defineStruct,
  Lock,
  lockOf,
  RawArray,
  RawValue,
  RLock,
  SharedArray,
  share,
  Value,
} from '../../src/index.ts'
import * as partners from '../fixtures/value/partners.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, PROCESSES, perMethod } from '../process/methods.ts'
import { balanced, balancedAsync } from './balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: options that are wrong.
type Any = any

const Point = defineStruct({ x: 'f64' })

test('a value has an RLock of its own, unless another lock or none is wanted', () =>
  balanced(() => {
    const [own, asked] = [new Value('i32'), new Value('i32', 1, { lock: true })]
    assert.ok(own.lock instanceof RLock && asked.lock instanceof RLock)
    assert.notEqual(own.lock, asked.lock)
    assert.equal(lockOf(own), own.lock)
    for (const lock of [new Lock(), new RLock()]) {
      const [one, two] = [new Value('f64', 0, { lock }), new Value(Point, {}, { lock })]
      assert.deepEqual([one.lock === lock, two.lock === lock], [true, true])
      one.close()
      two.close()
      assert.equal(lock.closed, false, 'a lock that was given stays open')
      lock.close()
    }
    const { lock } = own
    own.close()
    asked.close()
    assert.equal(lock.closed, true, 'its own goes with it')
    assert.throws(() => own.lock, ClosedError)
    assert.throws(() => lockOf(own), ClosedError)
  }))

test('a value without a lock has none: a TypeError', () =>
  balanced(() => {
    const [value, raw] = [new Value('i32', 5, { lock: false }), new RawValue('i32')]
    assert.throws(() => value.lock, { name: 'TypeError', message: /lock: false/ })
    assert.throws(() => lockOf(value), TypeError)
    assert.throws(() => lockOf(raw as Any), TypeError)
    assert.equal('lock' in raw, false)
    value.close()
    raw.close()
  }))

test('what is no lock is a TypeError', () =>
  balanced(() => {
    for (const lock of ['navalue', 5, null, {}, { acquire() {} }, Lock] as Any[]) {
      assert.throws(() => new Value('i32', 5, { lock }), { name: 'TypeError', message: /`lock` to be a boolean, a Lock or an RLock/ })
      assert.throws(() => new SharedArray('i32', 5, { lock }), TypeError)
    }
  }))

test('lockOf finds the lock of an array by any view of it', () =>
  balanced(() => {
    const given = new Lock()
    const [own, other, structs] = [new SharedArray('f64', 10), new SharedArray('i8', [1], { lock: given }), new SharedArray(Point, 2)]
    assert.ok(lockOf(own) instanceof RLock && lockOf(structs) instanceof RLock)
    assert.deepEqual([lockOf(own.subarray(3)) === lockOf(own), lockOf(other) === given], [true, true])
    const bare = [new RawArray('i8', 1), new SharedArray('i8', 1, { lock: false }), share(new Uint8Array(1)), new Uint8Array(1)] as Any[]
    const bareStructs = new RawArray(Point, 1)
    for (const none of [...bare, bareStructs, [1], null, undefined, 'abc', {}]) assert.throws(() => lockOf(none), TypeError)
    const lock = lockOf(own)
    for (const each of [own, other, ...bare.slice(0, 3)]) closeShared(each)
    structs.close()
    bareStructs.close()
    assert.deepEqual([lock.closed, given.closed], [true, false])
    assert.throws(() => lockOf(own), ClosedError)
    assert.throws(() => lockOf(structs), ClosedError)
    given.close()
  }))

perMethod(ALL, 'nothing is lost when several processes count under the lock', context =>
  balancedAsync(async () => {
    const [value, array, structs] = [new Value('i32'), new SharedArray('i32', 1, { lock: new Lock() }), new SharedArray(Point, 1)]
    const args = [value, array, structs, 2000] as const
    const children = await Promise.all([1, 2].map(() => new context.Process({ target: partners.countLocked, args }).start()))
    for (const child of children) await child.join()
    assert.deepEqual([children.map(each => each.exitCode), value.value, array[0], structs.at(0).x], [[0, 0], 4000, 4000, 4000])
    const given = lockOf(array)
    value.close()
    closeShared(array)
    structs.close()
    given.close()
  }),
)

perMethod(ALL, 'two values with one lock have one lock there, too', context =>
  balancedAsync(async () => {
    const lock = new Lock()
    const [one, two, array] = [new Value('i32', 0, { lock }), new Value('i32', 0, { lock }), new SharedArray('u8', 1, { lock })]
    const child = await new context.Process({ target: partners.compareLocks, args: [one, two, array] }).start()
    await child.join()
    assert.deepEqual([child.exitCode, one.value, two.value], [0, 1, 1])
    one.close()
    two.close()
    closeShared(array)
    lock.close()
  }),
)

perMethod(PROCESSES, 'the lock of a value whose holder is killed is free for the next, and says so', context =>
  withWords(arrived =>
    balancedAsync(async () => {
      const value = new Value('i32', 1)
      const child = await new context.Process({ target: partners.holdAndStay, args: [value, arrived.reference] }).start()
      await reached(arrived, 1)
      assert.equal(value.lock.locked, true)
      child.kill()
      await value.lock.run(() => {
        value.value += 1
      })
      assert.deepEqual([value.value, value.lock.abandoned], [3, true])
      await child.join()
      value.close()
    }),
  ),
)
