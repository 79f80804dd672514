import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { cgroupQuota, cpuCount } from '../../src/base/cpu-count.ts'
import { atDeadline, deadlineAfter, timeLeft } from '../../src/base/deadline.ts'

test('the time that is left is never negative, and without end for a deadline that never comes', () => {
  assert.equal(timeLeft(deadlineAfter(-5)), 0)
  assert.equal(timeLeft(deadlineAfter(Infinity)), Infinity)
  const left = timeLeft(deadlineAfter(10_000))
  assert.ok(left > 9000 && left <= 10_000)
})

test('a deadline that has passed calls back on the next turn', async () => {
  const { promise, resolve } = withResolvers()
  atDeadline(deadlineAfter(0), resolve)
  await promise
})

test('a deadline further off than a timer can be does not come at once', async () => {
  let called = false
  const callOff = atDeadline(deadlineAfter(2 ** 40), () => {
    called = true
  })
  await delay(20) // A timer of Node's that is too long fires after 1 ms.
  callOff()
  assert.equal(called, false)
})

test('a deadline does not come early after work that has kept the event loop', async () => {
  await delay(1)
  const end = performance.now() + 50
  while (performance.now() < end);
  const deadline = deadlineAfter(60)
  const { promise, resolve } = withResolvers()
  atDeadline(deadline, resolve)
  await promise
  assert.equal(timeLeft(deadline), 0)
})

test('a deadline that was called off does not call back', async () => {
  let called = false
  const callOff = atDeadline(deadlineAfter(1), () => {
    called = true
  })
  callOff()
  callOff()
  await delay(20)
  assert.equal(called, false)
})

test('the count of processors is an integer from 1 up to what the cgroup allows', () => {
  assert.ok(Number.isInteger(cpuCount()))
  assert.ok(cpuCount() >= 1)
  assert.ok(cpuCount() <= Math.ceil(cgroupQuota()))
})

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}
