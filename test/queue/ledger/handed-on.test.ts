// Items that one thread takes and another reports, and a taker that dies: `join` is never over too early, and never waits for who is dead.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arena, type Arena } from '../../../src/memory/arena.ts'
import { JoinableQueue } from '../../../src/queue/joinable-queue.ts'
import { reap } from '../../helpers/crash.ts'
import { newActor } from '../../sync/deaths/crash-scenarios.ts'
import { balanced } from '../../value/balance.ts'
import { actingAs, handleOf } from '../deaths/queue-cast.ts'

for (const queue of Array.from({ length: 2 }, () => new JoinableQueue())) queue.close()

class Taker {
  readonly actor: Arena = newActor()
  readonly queue: JoinableQueue

  constructor(queue: JoinableQueue, count: number) {
    this.queue = handleOf(queue)
    actingAs(this.actor, () => this.queue.tryGetMany(count))
  }

  report(): void {
    actingAs(this.actor, () => this.queue.taskDone())
  }

  end(): void {
    reap(arena(), this.actor.me)
  }
}

function play(title: string, body: (queue: JoinableQueue) => void): void {
  test(title, () =>
    balanced(() => {
      using queue = new JoinableQueue()
      queue.putManySync(['a', 'b', 'c', 'd'])
      body(queue)
    }),
  )
}

const NOW = { timeout: 0 }
const inDoubt = { code: 'ERR_ITEMS_IN_DOUBT', message: /^1 item is unfinished and perhaps lost: .*use a new queue/ }

function lost(count: number): object {
  return { code: 'ERR_ITEMS_LOST', lost: count }
}

play('of what one has handed on and others have reported, nothing is lost when it ends', queue => {
  const taker = new Taker(queue, 4)
  for (let count = 0; count < 4; count += 1) queue.taskDone()
  taker.end()
  assert.equal(queue.joinSync(NOW), true)
})

play('what nobody has reported is lost with the only one who has handed on', queue => {
  const taker = new Taker(queue, 4)
  for (let count = 0; count < 3; count += 1) queue.taskDone()
  taker.end()
  assert.throws(() => queue.joinSync(NOW), lost(1))
  assert.equal(queue.joinSync(NOW), true)
  // Its report comes late, and is none too many; the next is.
  queue.taskDone()
  assert.throws(() => queue.taskDone(), { code: 'ERR_TASK_DONE' })
})

play('a late report for what was lost does not count for what another has in hand', queue => {
  const [first, second] = [new Taker(queue, 1), new Taker(queue, 3)]
  first.end()
  assert.throws(() => queue.joinSync(NOW), lost(1))
  queue.taskDone()
  assert.equal(queue.unfinished, 3)
  second.report()
  second.report()
  assert.throws(() => queue.joinSync(NOW), inDoubt)
  second.report()
  assert.equal(queue.joinSync(NOW), true)
  second.end()
})

play('where two have handed on and one ends, it is in doubt what the other has, until that is reported', queue => {
  const [first, second] = [new Taker(queue, 3), new Taker(queue, 1)]
  for (let count = 0; count < 3; count += 1) queue.taskDone()
  first.end()
  assert.throws(() => queue.joinSync(NOW), inDoubt)
  queue.taskDone()
  assert.equal(queue.joinSync(NOW), true)
  // With all that, nothing is in doubt any more.
  second.end()
  queue.putSync('e')
  const third = new Taker(queue, 1)
  assert.equal(queue.joinSync(NOW), false)
  third.end()
  assert.throws(() => queue.joinSync(NOW), lost(1))
})

play('what may have been reported for one who has ended is not called lost', queue => {
  const [first, second] = [new Taker(queue, 1), new Taker(queue, 3)]
  // In the books of the one or the other.
  queue.taskDone()
  const [dead, alive] = queue.unfinished === 3 ? [second, first] : [first, second]
  dead.end()
  try {
    queue.joinSync(NOW)
    assert.fail('it is not over')
  } catch (error) {
    assert.ok(['ERR_ITEMS_LOST', 'ERR_ITEMS_IN_DOUBT'].includes((error as { code: string }).code))
  }
  alive.end()
  const codes: unknown[] = []
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      codes.push(queue.joinSync(NOW))
    } catch (error) {
      codes.push((error as { code: string }).code)
    }
  }
  assert.equal(codes.includes(false), false, `nobody waits: ${codes}`)
})

play('whoever had more threads than the first block of the books has room for is in the second', queue => {
  queue.putManySync(Array(60).keys())
  const takers = Array.from({ length: 60 }, () => new Taker(queue, 1))
  assert.equal(queue.unfinished, 64)
  for (const [index, taker] of takers.entries()) if (index % 2 === 0) taker.report()
  for (const taker of takers) taker.end()
  assert.throws(() => queue.joinSync(NOW), lost(30))
  assert.equal(queue.unfinished, 4)
  // Their entries are taken anew.
  const next = Array.from({ length: 4 }, () => new Taker(queue, 1))
  for (const taker of next) taker.report()
  for (const taker of next) taker.end()
  assert.equal(queue.joinSync(NOW), true)
})
