// CPython: _TestSharedMemory, but for the rows about lists and managers.
import { inspect } from 'node:util'
import { SharedMemory } from '../../../src/index.ts'
import { writeTo } from '../../fixtures/conformance/values.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { DEAD, freshName, isGone, newMemory, NO_MEMORY } from './named-memory.ts'

function textOf({ bytes }: SharedMemory, length: number): string {
  return Buffer.from(bytes.subarray(0, length)).toString()
}

row(
  '_TestSharedMemory',
  'test_shared_memory_basics',
  'memory has a name and a size, and is attached to by the name',
  scene => {
    const { check } = scene
    const name = freshName()
    const memory = newMemory(scene, { name })
    check.equal([memory.name, memory.size, memory.bytes.length], [name, 512, 512])
    check.equal(inspect(memory), `SharedMemory { '${name}', 512 bytes }`)
    memory.bytes[0] = 42
    const other = SharedMemory.attach(name)
    check.equal([memory.bytes[0], other.bytes[0], other.size], [42, 42, 512])
    other.close()
    check.throws(() => SharedMemory.attach(name, { size: 10_240 } as object), { name: 'TypeError', message: /`size`/ })
    check.throws(() => SharedMemory.create({ size: -2 }), { name: 'RangeError' })
    check.throws(() => (SharedMemory.attach as (name?: unknown) => unknown)(), { name: 'TypeError' })
    check.throws(() => SharedMemory.create({ size: 512, name }), { name: 'MultiprocessingError', code: 'EEXIST' })
    check.throws(() => SharedMemory.attach(freshName()), NO_MEMORY)
    unlinksOnce(scene)
    memory.close()
    memory.close()
    check.throws(() => memory.bytes, { name: 'ClosedError' })
  },
  'a size is no option of attach() (Python ignores it); errors are a RangeError or MultiprocessingErrors EEXIST and ENOENT; sizes are exact',
)

function unlinksOnce(scene: Scene): void {
  const { check } = scene
  const one = newMemory(scene, { size: 5000 })
  check.equal(one.size, 5000)
  const two = SharedMemory.attach(one.name)
  two.unlink()
  two.close()
  one.close()
  check.throws(() => one.unlink(), NO_MEMORY)
}

row('_TestSharedMemory', 'test_shared_memory_recreate', 'a random name that is taken is not used', scene => {
  const { check } = scene
  const random = Math.random
  const [taken, free] = [random(), random()]
  const numbers = [taken, taken, free]
  Math.random = () => numbers.shift() ?? random()
  try {
    const [one, two] = [newMemory(scene, { size: 1 }), newMemory(scene, { size: 1 })]
    check.match(one.name, /^psm_[0-9a-f]{8}$/)
    check.match(two.name, /^psm_[0-9a-f]{8}$/)
    check.equal([one.name === two.name, numbers.length], [false, 0])
  } finally {
    Math.random = random
  }
})

row(
  '_TestSharedMemory',
  'test_invalid_shared_memory_creation',
  'memory has at least one byte',
  ({ check }) => {
    for (const size of [-1, 0]) check.throws(() => SharedMemory.create({ size }), { name: 'RangeError', message: /`size`/ })
    check.throws(() => SharedMemory.create({} as never), { name: 'TypeError', message: /`size`/ })
  },
  'a RangeError, without a size a TypeError (Python: ValueError)',
)

row(
  '_TestSharedMemory',
  'test_shared_memory_name_with_embedded_null',
  'a name has no NUL in it',
  ({ check }) => {
    const name = `${freshName()}\0x`
    check.throws(() => SharedMemory.create({ size: 1, name }), { name: 'RangeError', message: /`name`/ })
    check.throws(() => SharedMemory.attach(name), { name: 'RangeError', message: /`name`/ })
  },
  'a RangeError (Python: ValueError); unlink() is a method of memory that is there',
)

row(
  '_TestSharedMemory',
  'test_shared_memory_pickle_unpickle',
  'memory that is sent is that memory there',
  async scene => {
    const { check } = scene
    const memory = newMemory(scene)
    memory.bytes.set(Buffer.from('pickle'))
    await scene.ask('promise', writeTo, memory, 'pickle', 'newval')
    check.equal(textOf(memory, 6), 'newval')
    await scene.ask('promise', writeTo, memory, 'newval', 'oldval')
    check.equal(textOf(memory, 6), 'oldval')
  },
  'it is sent to another process; there are no bytes of it to be kept',
)

row(
  '_TestSharedMemory',
  'test_shared_memory_pickle_unpickle_dead_object',
  'memory that was unlinked cannot be attached to where it was sent',
  async scene => {
    const memory = newMemory(scene)
    memory.unlink()
    await scene.check.rejects(() => scene.ask('promise', writeTo, memory, '', 'pickle'), isGone)
    memory.close()
    await scene.check.rejects(() => scene.ask('promise', writeTo, memory, '', 'pickle'), { name: 'ClosedError' })
  },
  DEAD,
)

row(
  '_TestSharedMemory',
  'test_shared_memory_across_processes',
  'a child writes to memory by its name, and to memory that it got',
  async scene => {
    const memory = newMemory(scene)
    await scene.start('promise', writeTo, memory.name, '', 'howdy')
    await scene.joined()
    scene.check.equal(textOf(memory, 5), 'howdy')
    await scene.start('promise', writeTo, memory, 'howdy', 'HELLO')
    await scene.joined()
    scene.check.equal(textOf(memory, 5), 'HELLO')
  },
)

playRows({ crew: 1 })
