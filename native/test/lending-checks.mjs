// Memory that is lent to buffers: when it comes back, and how it is taken away.
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { native } from './addon.mjs'

export const page = 4096

/** @param {number} pages */
export function sharedBuffer(pages) {
  const fd = native.memoryCreate('polyprocess-smoke')
  native.memoryGrow(fd, pages * page)
  return { fd, buffer: native.memoryMap(fd, 0, pages * page) }
}

/**
 * A buffer that is detached has no memory any more, and lent memory is told of then.
 * @param {Uint8Array<ArrayBuffer>} lent
 * @param {readonly number[]} returned
 */
async function detaching(lent, returned) {
  const before = returned.length
  for (let time = 0; time < 2; time++) {
    native.detach(lent.buffer)
    assert.deepEqual([lent.length, lent.buffer.byteLength], [0, 0])
  }
  for (let turn = 0; returned.length === before; turn++) {
    assert.ok(turn < 1000, 'detached memory did not come back')
    await setImmediate()
  }
  // @ts-expect-error: a caller without types
  assert.throws(() => native.detach(lent), TypeError)
}

/** Lent memory is exactly what was asked for, stays while somebody has it, and is told of once. */
export async function lending() {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const { fd, buffer } = sharedBuffer(8)
  /** @type {number[]} */
  const returned = []
  native.onReturned(key => returned.push(key))
  const mapped = new Uint8Array(buffer)
  native.memoryWrite(fd, page + 5, new Uint8Array([1, 2, 3]))
  assert.deepEqual([...mapped.subarray(page + 4, page + 9)], [0, 1, 2, 3, 0])
  const lend = (/** @type {boolean} */ within, /** @type {number} */ key) =>
    new Uint8Array(within ? native.lendWithin(mapped, page + 5, 3, key) : native.lendMapped(fd, page, 8, key))
  assert.deepEqual([...lend(true, 1)], [1, 2, 3])
  assert.deepEqual([...lend(false, 2)], [0, 0, 0, 0, 0, 1, 2, 3])
  const held = lend(true, 3)
  for (let turn = 0; returned.length < 2; turn++) {
    assert.ok(turn < 1000, 'lent memory did not come back')
    collect()
    await setImmediate()
  }
  assert.deepEqual([...returned].sort(), [1, 2])
  assert.deepEqual([...held], [1, 2, 3])
  await detaching(held, returned)
  assert.throws(() => native.lendWithin(mapped, 0, 0, 1), RangeError)
  assert.throws(() => native.lendWithin(mapped, mapped.length - 1, 2, 1), RangeError)
  assert.throws(() => native.lendMapped(fd, 1, page, 1), RangeError)
  assert.throws(() => native.lendMapped(-1, 0, page, 1), { code: 'EBADF', syscall: 'mmap' })
  native.memoryEnlargePages(mapped)
  assert.throws(() => native.memoryEnlargePages(5), TypeError)
  assert.throws(() => native.memoryWrite(-1, 0, mapped), { code: 'EBADF', syscall: 'pwrite' })
  // @ts-expect-error: a caller without types
  assert.throws(() => native.lendWithin(buffer, 0, 1, 1), TypeError)
  // @ts-expect-error: a caller without types
  assert.throws(() => native.onReturned(), TypeError)
  native.close(fd)
}
