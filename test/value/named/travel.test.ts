// To children of every start method, and back from a pool.
// CPython: _TestSharedMemory.test_shared_memory_across_processes, test_shared_memory_pickle_unpickle, …_dead_object,
// test_shared_memory_ShareableList_pickling, …_dead_object.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { getContext, ShareableList, SharedMemory } from '../../../src/index.ts'
import { makeFilled, writeByName, writeItems, writeTo } from '../../fixtures/value/named-work.ts'

const textOf = ({ bytes }: SharedMemory, length: number): string => Buffer.from(bytes.subarray(0, length)).toString()

const isGone = ({ cause }: Error): boolean => (cause as { code?: unknown }).code === 'ENOENT'

for (const method of ['fork', 'forkserver', 'spawn', 'thread'] as const) {
  const context = getContext(method)

  test(`${method}: a child writes to memory that it got, or that it attached to by name`, async () => {
    const memory = SharedMemory.create({ size: 16 })
    for (const [target, first] of [
      [writeTo, memory],
      [writeByName, memory.name],
    ] as const) {
      const child = await new context.Process({
        target: target as (first: unknown, text: string) => unknown,
        args: [first, target.name],
      }).start()
      await child.join()
      assert.equal(child.exitCode, 0)
      assert.equal(textOf(memory, target.name.length), target.name)
    }
    memory.close()
    memory.unlink()
  })

  test(`${method}: memory and lists arrive as what they are, and what a worker makes is returned`, async () => {
    const memory = SharedMemory.create({ size: 16 })
    const list = new ShareableList(['', ''])
    const pool = new context.Pool(1)
    try {
      assert.equal(await pool.apply(writeTo, [memory, 'hello']), true)
      assert.equal(textOf(memory, 5), 'hello')
      assert.equal(await pool.apply(writeItems, [list, 'é', 'b']), true)
      assert.deepEqual([...list], ['é', 'b'])
      const made = await pool.apply(makeFilled, ['made there'])
      assert.ok(made instanceof SharedMemory)
      assert.equal(textOf(made, 10), 'made there')
      const [nested] = await pool.map(({ inside }: { inside: SharedMemory[] }) => inside[0]?.name, [{ inside: [memory] }])
      assert.equal(nested, memory.name)
      made.unlink()
      made.close()
    } finally {
      await pool.terminate()
    }
    for (const shared of [memory, list.shm]) {
      shared.close()
      shared.unlink()
      assert.ok(!existsSync(`/dev/shm/${shared.name}`))
    }
  })
}

test('what was unlinked cannot be attached to on arrival, even if another one has its name', async () => {
  const memory = SharedMemory.create({ size: 8 })
  const list = new ShareableList([1])
  const pool = new (getContext('thread').Pool)(1)
  try {
    memory.unlink()
    list.shm.unlink()
    await assert.rejects(pool.apply(writeTo, [memory, 'a']), isGone)
    await assert.rejects(pool.apply(writeItems, [list, 'a']), isGone)
    const another = SharedMemory.create({ size: 8, name: memory.name })
    await assert.rejects(pool.apply(writeTo, [memory, 'a']), isGone)
    assert.equal(another.bytes[0], 0)
    another.close()
    another.unlink()
    await assert.rejects(async () => pool.apply(writeTo, [another, 'a']), { name: 'ClosedError' })
  } finally {
    await pool.terminate()
  }
  memory.close()
  list.close()
})
