// CPython: _TestSharedMemory.test_shared_memory_basics, test_invalid_shared_memory_creation, test_shared_memory_name_with_embedded_null,
// TestSharedMemoryNames.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ClosedError, MultiprocessingError, SharedMemory } from '../../../src/index.ts'
import { until } from '../../helpers/conditions.ts'
import { assertNoGrowth, resources } from '../../helpers/resources.ts'

let count = 0
/** A name that no other test has. */
const freshName = (): string => `psm_test_${process.pid}_${count++}`
const fileOf = (name: string): string => `/dev/shm/${name}`

function withMemory(body: (memory: SharedMemory) => void, options: { size?: number; name?: string; track?: boolean } = {}): void {
  const memory = SharedMemory.create({ size: 512, ...options })
  try {
    body(memory)
  } finally {
    memory.close()
    if (existsSync(fileOf(memory.name))) memory.unlink()
  }
}

test('new memory has exactly the size that was asked for, is all zero, and belongs to this user alone', () => {
  for (const size of [1, 512, 4096, 100_001]) {
    withMemory(
      memory => {
        assert.equal(memory.size, size)
        assert.equal(memory.buffer.byteLength, size)
        assert.equal(memory.bytes.length, size)
        assert.ok(memory.bytes.every(byte => byte === 0))
        const { size: fileSize, mode } = statSync(fileOf(memory.name))
        assert.deepEqual([fileSize, mode & 0o777], [size, 0o600])
      },
      { size },
    )
  }
})

test('memory without a name gets one as in Python', () => {
  withMemory(memory => assert.match(memory.name, /^psm_[0-9a-f]{8}$/))
})

test('a random name that is taken is not used', t => {
  const numbers = [0.1, 0.1, 0.2]
  t.mock.method(Math, 'random', () => numbers.shift() as number)
  withMemory(first => withMemory(second => assert.notEqual(first.name, second.name)))
})

test('who attaches sees what is written, in both directions, with or without a slash before the name', () => {
  const name = freshName()
  withMemory(
    memory => {
      assert.equal(memory.name, name)
      const [plain, slashed] = [SharedMemory.attach(name), SharedMemory.attach(`/${name}`)]
      assert.equal(slashed.name, name)
      assert.equal(plain.size, 512)
      memory.bytes[0] = 42
      slashed.bytes[511] = 7
      assert.deepEqual([plain.bytes[0], plain.bytes[511], memory.bytes[511]], [42, 7, 7])
      plain.close()
      slashed.close()
    },
    { name: `/${name}` },
  )
})

test('names may have colons, line breaks, spaces and other letters in them', () => {
  for (const part of ['a:b', 'a\nb', 'a b', 'é€', '-', '..a']) {
    const name = `${freshName()}${part}`
    withMemory(memory => assert.equal(SharedMemory.attach(name).size, memory.size), { name })
  }
})

test('a wrong size, name or option is refused', () => {
  for (const size of [0, -1, 1.5, Number.NaN, Infinity]) assert.throws(() => SharedMemory.create({ size }), RangeError)
  for (const name of ['', '/', 'a/b', '//a', 'a\0b', '.', '..', 'x'.repeat(256), '\ud800']) {
    assert.throws(() => SharedMemory.create({ size: 1, name }), RangeError, JSON.stringify(name))
    assert.throws(() => SharedMemory.attach(name), RangeError, JSON.stringify(name))
  }
  const create = SharedMemory.create as (options?: unknown) => SharedMemory
  for (const options of [undefined, {}, { size: '1' }, { size: 1, name: 1 }, { size: 1, track: 1 }, { size: 1, nmae: 'a' }]) {
    assert.throws(() => create(options), TypeError, JSON.stringify(options))
  }
  assert.throws(() => (SharedMemory.attach as (name?: unknown) => SharedMemory)(), TypeError)
  assert.throws(() => new (SharedMemory as unknown as new (...args: unknown[]) => unknown)(), TypeError)
})

test('a name that is taken is refused, and says what to do', () => {
  withMemory(memory => {
    assert.throws(() => SharedMemory.create({ size: 1, name: memory.name }), { code: 'EEXIST', message: /SharedMemory\.attach/ })
    assert.throws(() => SharedMemory.create({ size: 1, name: memory.name }), MultiprocessingError)
    assert.equal(statSync(fileOf(memory.name)).size, 512)
  })
})

test('memory that does not exist cannot be attached to', () => {
  assert.throws(() => SharedMemory.attach(freshName()), { code: 'ENOENT', name: 'MultiprocessingError' })
})

test('memory that has no bytes yet cannot be attached to', () => {
  const name = freshName()
  writeFileSync(fileOf(name), '')
  assert.throws(() => SharedMemory.attach(name), { code: 'ERR_NOT_READY' })
  truncateSync(fileOf(name), 3)
  const memory = SharedMemory.attach(name)
  assert.equal(memory.size, 3)
  memory.close()
  memory.unlink()
})

test('more than there is room for is refused instead of ending the program later', () => {
  assert.throws(() => SharedMemory.create({ size: 2 ** 50 }), { code: 'ENOSPC' })
})

test('closing ends the use of it here and nowhere else, and may be done twice', () => {
  withMemory(memory => {
    const other = SharedMemory.attach(memory.name)
    const { bytes, buffer } = other
    const words = new Int32Array(buffer)
    other.close()
    other.close()
    assert.deepEqual([other.closed, memory.closed], [true, false])
    assert.deepEqual([bytes.length, buffer.byteLength, words.length], [0, 0, 0])
    assert.throws(() => other.bytes, ClosedError)
    assert.throws(() => other.buffer, ClosedError)
    assert.deepEqual([other.name, other.size], [memory.name, 512])
    memory.bytes[0] = 1
    assert.equal(SharedMemory.attach(memory.name).bytes[0], 1)
  })
})

test('Symbol.dispose closes it', () => {
  withMemory(memory => {
    memory[Symbol.dispose]()
    assert.ok(memory.closed)
  })
})

test('closed memory is unmapped', async () => {
  const name = freshName()
  const memory = SharedMemory.create({ size: 4096, name })
  const isMapped = (): boolean => readFileSync('/proc/self/maps', 'utf8').includes(name)
  // It had no name when it was mapped, so this process calls it otherwise.
  const other = SharedMemory.attach(name)
  assert.ok(isMapped())
  other.close()
  memory.close()
  memory.unlink()
  await until(() => !isMapped(), 'it is unmapped')
})

test('making, attaching and closing leaves nothing behind', async () => {
  withMemory(() => {}) // What the first one starts stays until this process ends.
  const before = resources()
  for (let round = 0; round < 50; round += 1) withMemory(memory => SharedMemory.attach(memory.name).close())
  await assertNoGrowth(before)
})

test('unlinking frees the name, and who has the memory keeps it', () => {
  const name = freshName()
  const memory = SharedMemory.create({ size: 8, name })
  const other = SharedMemory.attach(name)
  memory.close()
  memory.unlink()
  assert.equal(existsSync(fileOf(name)), false)
  assert.throws(() => memory.unlink(), { code: 'ENOENT' })
  assert.throws(() => other.unlink(), { code: 'ENOENT' })
  other.bytes[0] = 1
  assert.equal(other.bytes[0], 1)
  other.close()
})

test('unlinking leaves another one alone that has got the name', () => {
  const name = freshName()
  const first = SharedMemory.create({ size: 1, name })
  SharedMemory.attach(name).unlink()
  withMemory(
    second => {
      assert.throws(() => first.unlink(), { code: 'ENOENT' })
      assert.equal(SharedMemory.attach(name).size, second.size)
    },
    { name, size: 2 },
  )
  first.close()
})

test('printed it shows its state', () => {
  withMemory(memory => {
    assert.equal(inspect(memory), `SharedMemory { '${memory.name}', 512 bytes }`)
    memory.close()
    assert.equal(inspect(memory), `SharedMemory { '${memory.name}', 512 bytes, closed }`)
  })
})

test('Atomics work on it', () => {
  withMemory(memory => {
    const [here, there] = [memory, SharedMemory.attach(memory.name)].map(each => new Int32Array(each.buffer))
    Atomics.add(here as Int32Array, 3, 5)
    assert.equal(Atomics.compareExchange(there as Int32Array, 3, 5, 6), 5)
    assert.equal(Atomics.load(here as Int32Array, 3), 6)
  })
})
