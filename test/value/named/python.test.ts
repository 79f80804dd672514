// Each side makes, the other attaches, reads and writes.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, test } from 'node:test'
import { type ShareableItem, ShareableList, SharedMemory } from '../../../src/index.ts'
import { Python } from '../../helpers/python.ts'

const LARGE = 2n ** 60n
const python = new Python()
after(() => python.end())

test('Python attaches to memory that is made here', async () => {
  const memory = SharedMemory.create({ size: 1000 })
  memory.bytes.set(Buffer.from('hello'))
  const seen = await python.run(`
m = untracked(SharedMemory('${memory.name}'))
m.buf[5:8] = b'abc'
result = [bytes(m.buf[:5]).decode(), m.size, m.name]
m.close()`)
  assert.deepEqual(seen, ['hello', 1000, memory.name])
  assert.equal(Buffer.from(memory.bytes.subarray(0, 8)).toString(), 'helloabc')
  memory.close()
  memory.unlink()
  await assert.rejects(python.run(`SharedMemory('${memory.name}')`), { message: 'FileNotFoundError' })
})

test('memory that Python makes is attached to here', async () => {
  const name = await python.run<string>(`
m = untracked(SharedMemory(create=True, size=333))
m.buf[:5] = b'hello'
result = m.name`)
  const memory = SharedMemory.attach(name)
  assert.equal(memory.size, 333)
  assert.equal(Buffer.from(memory.bytes.subarray(0, 5)).toString(), 'hello')
  memory.bytes.set([1, 2, 3])
  assert.deepEqual(await python.run('result = list(m.buf[:3])'), [1, 2, 3])
  await assert.rejects(async () => SharedMemory.create({ size: 1, name }), { code: 'EEXIST' })
  memory.unlink()
  memory.close()
  await python.run('m.close()')
  assert.equal(existsSync(`/dev/shm/${name}`), false)
})

test('Python reads and writes a list that is made here', async () => {
  const list = new ShareableList(['é€𝄞', 1, 2.5, null, true, false, 2n ** 62n, new Uint8Array([255, 0, 1]), '', -0])
  const seen = await python.run(`
l = untracked_list(ShareableList(name='${list.shm.name}'))
result = [l[0], l[1], l[2], l[3], l[4], l[5], l[6], list(l[7]), l[8], str(l[9]), len(l), l.format, l.index(2.5), l.count(None)]
l[0] = 'ü' * 8
l[1] = 7.5
l[2] = None
l[3] = 'text'
l[4] = b'bytes'
l[5] = True
l[6] = -2**63
l[8] = 9`)
  const format = '16sqdxxxxxx?xxxxxxxx?xxxxxxx?q8s8sd'
  assert.deepEqual(seen, ['é€𝄞', 1, 2.5, null, true, false, 2 ** 62, [255, 0, 1], '', '-0.0', 10, format, 2, 1])
  const bytes = new Uint8Array(Buffer.from('bytes'))
  assert.deepEqual([...list], ['ü'.repeat(8), 7.5, null, 'text', bytes, true, -(2n ** 63n), new Uint8Array([255, 0, 1]), 9, -0])
  await python.run('l.shm.close()')
  list.close()
  list.shm.unlink()
})

test('a list that Python makes is read and written here', async () => {
  const name = await python.run<string>(`
l = untracked_list(ShareableList(['howdy', b'HoWdY', -273.154, 100, None, True, 42, 'x' * 16]))
result = l.shm.name`)
  const list = ShareableList.attach(name)
  assert.deepEqual([...list], ['howdy', new Uint8Array(Buffer.from('HoWdY')), -273.154, 100, null, true, 42, 'x'.repeat(16)])
  assert.equal(list.format, await python.run('result = l.format'))
  list.set(0, 'é€')
  list.set(1, 5)
  list.set(2, null)
  list.set(3, 'string')
  list.set(4, 1.25)
  list.set(5, LARGE)
  list.set(6, false)
  list.set(7, 'y'.repeat(24))
  assert.deepEqual(await python.run('result = [*l]'), ['é€', 5, null, 'string', 1.25, Number(LARGE), false, 'y'.repeat(24)])
  assert.equal(list.format, await python.run('result = l.format'))
  list.shm.unlink()
  list.close()
  await python.run('l.shm.close()')
})

test('byte for byte, a list is the same whoever makes it', async () => {
  const items: ShareableItem[] = ['', 'a', '1234567', '12345678', 'x'.repeat(100), 0, -1, 1.5, null, true, false]
  const [mine, theirs] = [
    new ShareableList(items),
    ShareableList.attach(
      await python.run(`
l = untracked_list(ShareableList(['', 'a', '1234567', '12345678', 'x' * 100, 0, -1, 1.5, None, True, False]))
result = l.shm.name`),
    ),
  ]
  assert.deepEqual(Buffer.from(mine.shm.bytes), Buffer.from(theirs.shm.bytes))
  await python.run('l.shm.close()')
  for (const list of [mine, theirs]) {
    list.close()
    list.shm.unlink()
  }
})

test('NULs at the end of an item are kept here; Python does not show them, and what it writes over them is cut', async () => {
  const list = new ShareableList(['ab\0', new Uint8Array([1, 0]), 'ab\0'])
  const seen = await python.run(`
l = untracked_list(ShareableList(name='${list.shm.name}'))
result = [l[0], list(l[1])]
l[0] = 'abcdef'
l[2] = 5
l[2] = 'abcdef'`)
  assert.deepEqual(seen, ['ab', [1]])
  assert.deepEqual([...list], ['abc', new Uint8Array([1, 0]), 'abcdef'])
  list.set(0, 'xyz')
  await python.run("l[0] = 'abcdef'; l.shm.close()")
  assert.equal(list.get(0), 'abcdef')
  list.close()
  list.shm.unlink()
})
