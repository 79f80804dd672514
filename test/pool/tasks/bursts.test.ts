import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'
import type { Task } from '../../../src/pool/tasks/task.ts'
import { TaskTable } from '../../../src/pool/tasks/task-table.ts'
import { echo } from '../../fixtures/pool/work.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const CELLS = 1024

/** Of all sizes that are kept differently: in a cell, in a block, together and alone while they wait, and with something beside them. */
function messageOf(index: number): unknown {
  if (index % 500 === 7) return new Float64Array(20_000).fill(index)
  if (index % 100 === 3) return `${index}`.repeat(2_000)
  if (index % 10 === 5) return `${index}`.repeat(index % 290)
  return { index, half: index / 2 }
}

test('each of thousands of calls that wait for a worker gets its own message, of whatever size', () =>
  withWords(async (arrived, gate) => {
    await using pool = new Pool(1)
    const first = pool.apply(trials.block, [arrived.reference, gate.reference])
    await reached(arrived, 1)
    const messages = Array.from({ length: 4_000 }, (_, index) => messageOf(index))
    const echoes = messages.map(message => pool.apply(echo, [message]))
    gate.set(1)
    assert.deepEqual(await Promise.all(echoes), messages)
    await first
  }))

test('while a burst is being submitted, workers get what comes after what fits into the ring', () =>
  withWords(async done => {
    await using pool = new Pool(1)
    const calls: Promise<void>[] = []
    // The event loop does not turn in all this.
    while (done.value <= CELLS + 100 && calls.length < 500_000) calls.push(pool.apply(trials.countIn, [done.reference]))
    assert.ok(done.value > CELLS + 100)
    await Promise.all(calls)
    assert.equal(done.value, calls.length)
  }))

function taskOf(id: number): Task {
  return { id } as Task
}

test('a task that stays keeps its number, and is passed over', () => {
  const table = new TaskTable()
  const stays = taskOf(table.nextId())
  table.add(stays)
  for (let round = 0; round < 1_000; round += 1) {
    const task = taskOf(table.nextId())
    assert.notEqual(task.id, stays.id)
    table.add(task)
    assert.equal(table.get(task.id), task)
    assert.equal(table.delete(task.id), true)
    assert.equal(table.delete(task.id), false)
    assert.equal(table.get(task.id), undefined)
  }
  assert.equal(table.get(stays.id), stays)
  assert.equal(table.size, 1)
})

test('a table grows with its tasks, knows their order, and is small again when they are gone', () => {
  const table = new TaskTable()
  const tasks = Array.from({ length: 100_000 }, () => {
    const task = taskOf(table.nextId())
    table.add(task)
    return task
  })
  assert.deepEqual(
    table.all().map(({ id }) => id),
    tasks.map(({ id }) => id),
  )
  for (const [index, task] of tasks.entries()) if (index % 3 !== 0) table.delete(task.id)
  assert.equal(table.all().length, table.size)
  for (const [index, task] of tasks.entries()) assert.equal(table.has(task.id), index % 3 === 0)
  for (const { id } of tasks) table.delete(id)
  assert.equal(table.size, 0)
  assert.deepEqual(table.all(), [])
})
