// CPython: _TestSharedMemory.test_shared_memory_ShareableList_basics.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ClosedError, type ShareableItem, ShareableList, SharedMemory } from '../../../src/index.ts'

function withList(items: Iterable<ShareableItem>, body: (list: ShareableList) => void): void {
  const list = new ShareableList(items)
  try {
    body(list)
  } finally {
    list.close()
    list.shm.unlink()
  }
}

const LARGEST = 2n ** 63n - 1n

test('items come back as they were', () => {
  const items = [
    'howdy',
    new TextEncoder().encode('HoWdY'),
    -273.154,
    100,
    null,
    true,
    false,
    42,
    '',
    new Uint8Array(),
    LARGEST,
    -LARGEST - 1n,
  ]
  withList(items, list => {
    assert.deepEqual([...list], items)
    assert.equal(list.length, items.length)
    assert.equal(list.get(-1), -LARGEST - 1n)
    assert.equal(list.get(-items.length), 'howdy')
    assert.equal(list.format, '8s8sdqxxxxxx?xxxxxxxx?xxxxxxx?q8s8sqq')
  })
})

test('a number is an int or a float by its value, a bigint is always an int', () => {
  withList([1, 1.5, -0, Number.NaN, Infinity, 2 ** 53, Number.MAX_SAFE_INTEGER, 1n, 2n ** 53n], list => {
    assert.equal(list.format, 'qddddd' + 'qqq')
    assert.deepEqual([...list], [1, 1.5, -0, Number.NaN, Infinity, 2 ** 53, Number.MAX_SAFE_INTEGER, 1, 2n ** 53n])
  })
})

test('strings keep all their letters, and strings and bytes the NULs at their end', () => {
  const texts = ['\0', 'a\0\0', '\0a', 'é€𝄞', '𝄞'.repeat(100), '\ufeffx', '1234567\0', '12345678', '\0'.repeat(16)]
  const items = [...texts, ...texts.map(text => new Uint8Array(Buffer.from(text)))]
  withList(items, list => assert.deepEqual([...list], items))
})

test('an empty list is a list', () => {
  withList([], list => {
    assert.deepEqual([list.length, [...list], list.format, list.indexOf(1), list.shm.size], [0, [], '', -1, 16])
    assert.throws(() => list.get(0), RangeError)
  })
})

test('an index outside of the list, or that is none, is refused', () => {
  withList([1, 2], list => {
    for (const index of [2, -3, 0.5, Number.NaN]) {
      assert.throws(() => list.get(index), RangeError)
      assert.throws(() => list.set(index, 1), RangeError)
    }
    assert.throws(() => list.get('0' as unknown as number), TypeError)
  })
})

test('an item may become one of another type and back, within its room', () => {
  withList(['a', 1], list => {
    for (const value of [1, 2.5, null, true, 'longer', new Uint8Array([1, 2, 3]), LARGEST, '12345678', 'éééé', 'a\0', '1234567\0', 'b']) {
      list.set(0, value)
      list.set(-1, value)
      assert.deepEqual([...list], [value, value])
    }
    assert.equal(list.format, '8s8s')
  })
})

test('what is too long for its room is refused, says how much there is, and changes nothing', () => {
  withList(['12345678', 1], list => {
    list.set(0, 'x'.repeat(16))
    for (const value of ['x'.repeat(17), 'é'.repeat(9), new Uint8Array(17)]) {
      assert.throws(() => list.set(0, value), { name: 'RangeError', message: /at most 16 bytes/ })
    }
    assert.throws(() => list.set(1, 'x'.repeat(9)), { name: 'RangeError', message: /at most 8 bytes/ })
    assert.deepEqual([...list], ['x'.repeat(16), 1])
  })
})

test('what a list cannot hold is refused', () => {
  const make = (item: unknown): ShareableList => new ShareableList([1, item as ShareableItem])
  for (const item of [undefined, {}, [], Symbol('a'), () => {}])
    assert.throws(() => make(item), { name: 'TypeError', message: /items\[1\]/ })
  for (const item of [2n ** 63n, -(2n ** 63n) - 1n, '\ud800'])
    assert.throws(() => make(item), { name: 'RangeError', message: /items\[1\]/ })
  assert.throws(() => new ShareableList(1 as unknown as []), TypeError)
  assert.throws(() => new ShareableList([], { nmae: 'a' } as object), TypeError)
})

test('items are counted and found by their value', () => {
  withList([1, '1', 1, 1.5, LARGEST, null, new Uint8Array([1]), true, 'x'], list => {
    assert.deepEqual(
      [list.count(1), list.count(1n), list.count('1'), list.count(true), list.count(LARGEST), list.count('y')],
      [2, 2, 1, 1, 1, 0],
    )
    assert.deepEqual(
      [list.indexOf(1n), list.indexOf(LARGEST), list.indexOf(null), list.indexOf(new Uint8Array([1])), list.indexOf(2)],
      [0, 4, 5, 6, -1],
    )
  })
})

test('who attaches has the same list', () => {
  const name = `psm_test_list_${process.pid}`
  const list = new ShareableList(['a', 1], { name })
  const other = ShareableList.attach(name)
  other.set(0, 'b')
  list.set(1, 2.5)
  assert.deepEqual([...list], ['b', 2.5])
  assert.deepEqual([...other], ['b', 2.5])
  assert.equal(other.shm.name, name)
  assert.throws(() => new ShareableList([1], { name }), { code: 'EEXIST' })
  other.close()
  list.close()
  list.shm.unlink()
  assert.throws(() => ShareableList.attach(name), { code: 'ENOENT' })
})

test('memory that holds no list is refused', () => {
  for (const write of [
    (): void => {},
    (view: DataView) => view.setBigInt64(0, -1n, true),
    (view: DataView) => view.setBigInt64(0, 2n ** 62n, true),
  ]) {
    for (const size of [1, 64]) {
      const memory = SharedMemory.create({ size })
      memory.bytes.fill(0xff)
      if (size >= 64) write(new DataView(memory.buffer))
      assert.throws(() => ShareableList.attach(memory.name), { code: 'ERR_BAD_LAYOUT' })
      memory.close()
      memory.unlink()
    }
  }
})

test('a list that was written over throws where it is read, and nothing outside of it is touched', () => {
  withList(['abc', 1], list => {
    const view = new DataView(list.shm.buffer)
    view.setBigInt64(16, 2n ** 40n, true)
    for (const index of [0, 1]) {
      assert.throws(() => list.get(index), { code: 'ERR_BAD_LAYOUT' })
      assert.throws(() => list.set(index, 1), { code: 'ERR_BAD_LAYOUT' })
    }
  })
  withList(['abc', 1], list => {
    list.shm.bytes[32] = 0xff
    assert.throws(() => list.get(0), { code: 'ERR_BAD_LAYOUT', message: /UTF-8/ })
    list.shm.bytes.set(Buffer.from('9s'), 48)
    assert.throws(() => list.get(0), { code: 'ERR_BAD_LAYOUT', message: /9s/ })
  })
})

test('a closed list is not used', () => {
  withList([1], list => {
    list[Symbol.dispose]()
    list.close()
    assert.ok(list.closed)
    for (const use of [
      () => list.get(0),
      () => list.set(0, 1),
      () => list.length,
      () => [...list],
      () => list.format,
      () => list.count(1),
    ]) {
      assert.throws(use, ClosedError)
    }
    assert.equal(inspect(list), `ShareableList { '${list.shm.name}', closed }`)
  })
})

test('printed it shows its name and items', () => {
  withList(['a', 1, null], list => assert.equal(inspect(list), `ShareableList { '${list.shm.name}', [ 'a', 1, null ] }`))
  withList(Array(150).fill(1), list => assert.match(inspect(list), /, 50 more }$/))
})

test('access takes as long in a long list as in a short one', () => {
  withList(Array(200_000).fill(7), list => {
    for (let index = 0; index < list.length; index += 1) assert.equal(list.get(index), 7)
  })
})
