// CPython: the rows of _TestSharedMemory about ShareableList.
import { inspect } from 'node:util'
import { ShareableList } from '../../../src/index.ts'
import { changeList } from '../../fixtures/conformance/values.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { DEAD, freshName, isGone, newList } from './named-memory.ts'

row(
  '_TestSharedMemory',
  'test_shared_memory_ShareableList_pickling',
  'a list that is sent is that list there',
  async scene => {
    const list = newList(scene, Array(10).keys())
    list.set(3, 'newvalue')
    await scene.ask('promise', changeList, list)
    scene.check.equal([...list], [0, 1, 2, 'newvalue', 'changed', 5, 6, 7, 8, 9])
  },
  'it is sent to another process; how many bytes that takes cannot be seen',
)

row(
  '_TestSharedMemory',
  'test_shared_memory_ShareableList_pickling_dead_object',
  'a list that was unlinked cannot be attached to where it was sent',
  async scene => {
    const list = newList(scene, Array(10).keys())
    list.shm.unlink()
    await scene.check.rejects(() => scene.ask('promise', changeList, list), isGone)
  },
  DEAD,
)

row(
  '_TestSharedMemory',
  'test_shared_memory_ShareableList_basics',
  'a list keeps items of many types, in the room that they had at first',
  scene => {
    const list = newList(scene, ITEMS)
    readsItems(scene, list)
    changesItems(scene, list)
    copiesAndAttaches(scene, list)
    isEmpty(scene)
  },
  'get(), set() and indexOf(), which is -1 for what is not there (Python: ValueError); what does not fit is a RangeError (Python: ValueError); ' +
    'the room of a string is measured in bytes (Python: in letters, and cuts what does not fit), so that of ’encodés’ is larger in a copy',
)

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const ITEMS = ['howdy', bytesOf('HoWdY'), -273.154, 100, null, true, 42]

function readsItems({ check }: Scene, list: ShareableList): void {
  check.match(inspect(list), new RegExp(`^ShareableList \\{ '${list.shm.name}', \\[`))
  check.throws(() => list.get(7), { name: 'RangeError' })
  check.throws(() => list.set(7, 2), { name: 'RangeError' })
  check.equal(list.format, '8s8sdqxxxxxx?xxxxxxxx?q')
  list.set(0, 'howdy')
  check.equal(list.format, '8s8sdqxxxxxx?xxxxxxxx?q')
  check.equal([list.length, list.indexOf('100'), list.indexOf(100)], [7, -1, 3])
  check.equal([list.get(0), list.get(-2)], ['howdy', true])
  check.equal([...list], ITEMS)
}

function changesItems({ check }: Scene, list: ShareableList): void {
  list.set(3, 42)
  list.set(4, 'some')
  check.equal([list.get(3), list.get(4)], [42, 'some'])
  check.equal(list.format, '8s8sdq8sxxxxxxx?q')
  const tooLong = { name: 'RangeError', message: /at most 8 bytes/ }
  check.throws(() => list.set(4, 'far too many'), tooLong)
  check.equal(list.get(4), 'some')
  list.set(0, 'encodés')
  check.equal([list.get(0), list.get(1)], ['encodés', bytesOf('HoWdY')])
  check.throws(() => list.set(0, 'encodées'), tooLong)
  check.throws(() => list.set(1, bytesOf('123456789')), tooLong)
  check.equal(list.get(1), bytesOf('HoWdY'))
  check.equal([list.count(42), list.count(bytesOf('HoWdY')), list.count(bytesOf('adios'))], [2, 1, 0])
}

function copiesAndAttaches(scene: Scene, list: ShareableList): void {
  const { check } = scene
  const name = freshName()
  const copy = newList(scene, list, { name })
  // Of 'encodés', which is 7 letters and 8 bytes long.
  check.equal([list.format, copy.shm.name, copy.format], ['8s8sdq8sxxxxxxx?q', name, '16s8sdq8sxxxxxxx?q'])
  check.equal([...copy], [...list])
  copy.set(-1, 77)
  check.equal([copy.get(-1), list.get(-1)], [77, 42])
  const other = ShareableList.attach(list.shm.name)
  check.equal(other.shm.name, list.shm.name)
  other.set(-1, 880)
  check.equal(list.get(-1), 880)
  other.close()
}

function isEmpty(scene: Scene): void {
  const empty = newList(scene, [])
  scene.check.equal([empty.length, empty.format, empty.count('any'), empty.indexOf(null)], [0, '', 0, -1])
}

playRows({ crew: 1 })
