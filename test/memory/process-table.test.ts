import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addReapHook, Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { SLOT_COUNT } from '../../src/memory/layout.ts'
import { HeapMemory } from '../../src/memory/memory-source.ts'
import { SLOT_ALIVE, SLOT_FREE, SLOT_STARTING } from '../../src/memory/process-table.ts'
import { assertSound, childOf, reap } from '../helpers/crash.ts'

function newArena(): Arena {
  return Arena.create(new HeapMemory(), 1)
}

test('the main process is in slot 1 and alive', () => {
  const { slots, slot, me } = newArena()
  assert.equal(slot, 1)
  assert.equal(slots.stateAt(1), SLOT_ALIVE)
  assert.equal(slots.idOf(1), me)
  assert.equal(slots.pidOf(1), 1)
})

test('a claimed slot is the child’s from the moment at which it attaches', () => {
  const arena = newArena()
  const slot = arena.slots.claim(arena.me)
  const id = arena.slots.idOf(slot)
  assert.equal(arena.slots.stateAt(slot), SLOT_STARTING)
  assert.equal(arena.slots.responsibleFor(slot), arena.slot)
  const child = Arena.attach(arena.source, id, 77)
  assert.equal(child.me, id)
  assert.equal(arena.slots.stateAt(slot), SLOT_ALIVE)
  assert.equal(arena.slots.pidOf(slot), 77)
  assert.equal(arena.slots.processSlotOf(slot), slot)
  assertSound(arena)
})

test('nobody attaches twice', () => {
  const arena = newArena()
  const child = childOf(arena)
  assert.throws(() => Arena.attach(arena.source, child.me, 78), /was given up before process 78 could take it/)
})

test('a slot is named by its id, not by its number', () => {
  const arena = newArena()
  const slot = arena.slots.claim(arena.me)
  assert.throws(() => Arena.attach(arena.source, slot, 77), /Expected the id of a process or thread, got the slot 2/)
  assert.throws(() => arena.reaper.reap(slot, arena.me), /Expected the id of a process or thread, got the slot 2/)
})

test('a reaped slot is free, its blocks too, and its next user has another id', () => {
  const arena = newArena()
  const child = childOf(arena)
  for (const size of [64, 100_000, 20_000_000]) child.allocate(size)
  const mine = arena.allocate(64)
  assert.equal(checkArena(arena).blocks, 4)
  reap(arena, child.me)
  assert.equal(arena.slots.stateAt(child.slot), SLOT_FREE)
  assert.equal(arena.slots.isCurrent(child.me), false)
  assert.equal(checkArena(arena).blocks, 1)
  assert.ok(arena.free(mine))
  const rival = childOf(childOf(arena))
  assert.equal(arena.reaper.reap(child.me, arena.me), false)
  assert.equal(arena.slots.isCurrent(rival.me), true)
  assertSound(arena)
})

test('the same slot gets another generation at each use', () => {
  const arena = newArena()
  const ids = new Set<number>()
  for (let use = 0; use < 3 * SLOT_COUNT; use += 1) {
    const slot = arena.slots.claim(arena.me)
    ids.add(arena.slots.idOf(slot))
    reap(arena, arena.slots.idOf(slot))
  }
  assert.equal(ids.size, 3 * SLOT_COUNT)
})

test('the tree has room for 4095 processes, and says so', () => {
  const arena = newArena()
  for (let slot = 2; slot < SLOT_COUNT; slot += 1) arena.slots.claim(arena.me)
  assert.throws(() => arena.slots.claim(arena.me), { code: 'ERR_TOO_MANY_PROCESSES', message: /has 4095 processes/ })
  reap(arena, arena.slots.idOf(1000))
  assert.equal(arena.slots.claim(arena.me), 1000)
})

test('a child whose parent was reaped before it attached has no place', () => {
  const arena = newArena()
  const parent = childOf(arena)
  const id = parent.slots.idOf(parent.slots.claim(parent.me))
  reap(arena, parent.me)
  assert.throws(() => Arena.attach(arena.source, id, 99), /its parent has ended/)
  assertSound(arena)
})

test('a child that has attached outlives its parent', () => {
  const arena = newArena()
  const parent = childOf(arena)
  const child = childOf(parent)
  const block = child.allocate(64)
  reap(arena, parent.me)
  assert.equal(arena.slots.stateAt(child.slot), SLOT_ALIVE)
  assert.ok(child.free(block))
  assertSound(arena)
})

test('what a dead reaper had begun is finished by its own reaper, at any depth', () => {
  const arena = newArena()
  const chain = [childOf(arena)]
  for (let depth = 0; depth < 5; depth += 1) chain.push(childOf(chain.at(-1) as Arena))
  for (const one of chain) one.allocate(1000)
  for (let index = 1; index < chain.length; index += 1) {
    const { me, slots } = chain[index - 1] as Arena
    assert.ok(slots.beginReaping((chain[index] as Arena).me, me))
  }
  reap(arena, (chain[0] as Arena).me)
  const { problems, blocks, slotsInUse } = checkArena(arena)
  assert.deepEqual({ problems, blocks, slotsInUse }, { problems: [], blocks: 0, slotsInUse: 1 })
})

test('only one of two reapers has the work', () => {
  const arena = newArena()
  const [first, second, dead] = [childOf(arena), childOf(arena), childOf(arena)]
  assert.ok(first.slots.beginReaping(dead.me, first.me))
  assert.equal(second.reaper.reap(dead.me, second.me), false)
  assert.equal(first.reaper.reap(dead.me, first.me), false)
})

test('blocks of the tree survive everybody', () => {
  const arena = newArena()
  const child = childOf(arena)
  const blocks = [64, 100_000, 20_000_000].map(size => child.allocate(size))
  for (const block of blocks) child.shareBlock(block)
  reap(arena, child.me)
  assert.equal(checkArena(arena).blocks, 3)
  for (const block of blocks) assert.ok(arena.freeShared(block))
  assert.equal(checkArena(arena).blocks, 0)
  assertSound(arena)
})

test('hooks hear of every owner that is reaped, before its blocks are freed', () => {
  const arena = newArena()
  const parent = childOf(arena)
  const unborn = parent.slots.idOf(parent.slots.claim(parent.me))
  const block = parent.allocate(64)
  const heard: [number, boolean][] = []
  const remove = addReapHook(dead => {
    heard.push([dead, arena.allocator.entries.ownerOf(block) === parent.me])
  })
  reap(arena, parent.me)
  remove()
  reap(arena, childOf(arena).me)
  assert.deepEqual(heard, [
    [parent.me, true],
    [unborn, false],
  ])
})
