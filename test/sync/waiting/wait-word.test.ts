import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { deadlineAfter } from '../../../src/base/deadline.ts'
import { Process } from '../../../src/process/process.ts'
import { WaitWord } from '../../../src/sync/waiting/wait-word.ts'
import { answer, change, type Form, pass, waitBesideChild, waitForSignal } from '../../fixtures/sync/partners.ts'
import { isRunning } from '../../helpers/conditions.ts'
import { countThreads } from '../../helpers/resources.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

test('a wait for a change that is there already is over at once', () =>
  withWords(async word => {
    word.set(5)
    assert.equal(await word.wait(0), true)
    assert.equal(word.waitSync(0, deadlineAfter(0)), true)
    assert.equal(word.add(2), 5)
    assert.equal(word.value, 7)
  }))

test('a deadline that passes settles with false, in both forms and also at once', () =>
  withWords(async word => {
    for (const timeout of [0, 1, 30]) {
      const start = performance.now()
      assert.equal(await word.wait(0, deadlineAfter(timeout)), false)
      assert.equal(word.waitSync(0, deadlineAfter(timeout)), false)
      const took = performance.now() - start
      assert.ok(took >= timeout * 2 - 2, `it took ${took} ms`)
    }
  }))

test('a change that comes before the deadline settles with true and calls the deadline off', () =>
  withWords(async word => {
    const waiting = [word.wait(0, deadlineAfter(2 ** 33)), word.wait(0, deadlineAfter(60_000)), word.wait(0)]
    word.set(1)
    assert.deepEqual(await Promise.all(waiting), [true, true, true])
  }))

test('waits for different values of one word settle each when its value is left', () =>
  withWords(async word => {
    word.set(1)
    let settled = 0
    const count = (): void => {
      settled += 1
    }
    const ones = [word.wait(1).then(count), word.wait(1).then(count)]
    await turn()
    assert.equal(settled, 0)
    word.set(2)
    await Promise.all(ones)
    assert.equal(settled, 2)
  }))

test('the same word through several objects is one word', () =>
  withWords(async word => {
    const other = new WaitWord(word.reference)
    const waiting = [word.wait(0), other.wait(0)]
    new WaitWord(word.reference).set(3)
    assert.deepEqual(await Promise.all(waiting), [true, true])
    assert.equal(other.value, 3)
  }))

for (const [mine, theirs] of [
  ['promise', 'promise'],
  ['promise', 'blocking'],
  ['blocking', 'promise'],
  ['blocking', 'blocking'],
] as const) {
  test(`20,000 rounds of ping-pong, ${mine} here and ${theirs} there, lose no change`, context => playPingPong(context, mine, theirs))
}

async function playPingPong(context: TestContext, mine: Form, theirs: Form): Promise<void> {
  const rounds = 20_000
  await withWords(async (ping, pong) => {
    const partner = await new Process({ target: answer, args: [ping.reference, pong.reference, rounds, theirs] }).start()
    const start = performance.now()
    for (let round = 1; round <= rounds; round += 1) {
      ping.set(round)
      if (mine === 'promise') await pong.wait(round - 1)
      else pong.waitSync(round - 1)
      if (pong.value !== round) assert.fail(`pong is ${pong.value} in round ${round}`)
    }
    context.diagnostic(`${(((performance.now() - start) * 1000) / rounds).toFixed(1)} µs a round`)
    await partner.join()
    assert.equal(partner.exitCode, 0)
  })
}

test('10,000 promises that wait in one process are woken at once, with at most one thread more', async context => {
  const words = Array.from({ length: 100 }, () => WaitWord.create())
  await words[0]?.wait(0, deadlineAfter(1)) // The doorbell is open from here on.
  const before = countThreads()
  const waits = words.flatMap(word => Array.from({ length: 100 }, () => word.wait(0)))
  const during = countThreads()
  assert.ok(during <= before + 1, `${during} threads instead of ${before}`)
  const waker = await new Process({ target: change, args: [words[0]?.reference as number, 1] }).start()
  let longest = 0
  let last = performance.now()
  let done = false
  const watching = (async () => {
    for (; !done; last = performance.now()) {
      await turn()
      longest = Math.max(longest, performance.now() - last)
    }
  })()
  await waits[0]
  last = performance.now()
  longest = 0
  for (const word of words) word.set(1)
  assert.ok((await Promise.all(waits)).every(Boolean))
  await turn()
  done = true
  await watching
  context.diagnostic(`the event loop was held up for ${longest.toFixed(1)} ms at most`)
  assert.ok(longest < 1000, `the event loop was held up for ${longest} ms`)
  await waker.join()
  for (const word of words) word.free()
})

test('more processes wait for a word than it has places for, and all are woken', () =>
  withWords(async (arrived, gate, left) => {
    const count = 17
    const waiters = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        new Process({
          target: pass,
          args: [arrived.reference, gate.reference, left.reference, index % 2 === 0 ? 'promise' : 'blocking'],
        }).start(),
      ),
    )
    await reached(arrived, count)
    gate.set(1)
    await reached(left, count)
    for (const waiter of waiters) await waiter.join()
    assert.ok(waiters.every(waiter => waiter.exitCode === 0))
  }))

for (const form of ['promise', 'blocking'] as const) {
  test(`a process that is killed in a ${form} wait is in nobody’s way`, () =>
    withWords(async (arrived, gate, left) => {
      const victim = await new Process({ target: pass, args: [arrived.reference, gate.reference, left.reference, form] }).start()
      await reached(arrived, 1)
      victim.kill()
      await victim.join()
      assert.equal(victim.exitCode, -9)
      const next = await new Process({ target: pass, args: [arrived.reference, gate.reference, left.reference, form] }).start()
      await reached(arrived, 2)
      const here = gate.wait(0)
      gate.set(1)
      assert.equal(await here, true)
      await next.join()
      assert.equal(next.exitCode, 0)
      assert.equal(left.value, 1)
    }))
}

test('a signal with a handler ends a blocking wait with InterruptedError', () =>
  withWords(async (arrived, outcome) => {
    const waiter = await new Process({ target: waitForSignal, args: [arrived.reference, outcome.reference, true] }).start()
    await reached(arrived, 1)
    waiter.interrupt()
    assert.equal(await outcome.wait(0, deadlineAfter(30_000)), true)
    assert.equal(outcome.value, 1)
    await waiter.join()
    assert.equal(waiter.exitCode, 0)
  }))

test('a child of Node’s own that ends does not end a blocking wait', () =>
  withWords(async outcome => {
    // Without flags: Node's test runner hands some on that install handlers of their own.
    const waiter = await new Process({ target: waitBesideChild, args: [outcome.reference], execArgv: [] }).start()
    await waiter.join()
    assert.deepEqual([waiter.exitCode, outcome.value], [0, 1])
  }))

test('a signal without a handler ends a process that blocks', () =>
  withWords(async (arrived, outcome) => {
    const waiter = await new Process({ target: waitForSignal, args: [arrived.reference, outcome.reference, false] }).start()
    await reached(arrived, 1)
    waiter.interrupt()
    await waiter.join()
    assert.equal(waiter.exitCode, -2)
    assert.ok(!isRunning(waiter.pid as number))
  }))

test('changes that come in a storm from several processes all count, and the last one is seen', () =>
  withWords(async word => {
    const changers = await Promise.all([1, 2, 3].map(() => new Process({ target: change, args: [word.reference, 20_000] }).start()))
    let seen = 0
    while (seen < 60_000) {
      await word.wait(seen)
      seen = word.value
    }
    assert.equal(seen, 60_000)
    for (const changer of changers) await changer.join()
  }))
