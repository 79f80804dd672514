// Whole programs: what signals do to blocking waits, and when a program that waits comes to its end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { DeadlockError, Lock } from '../../src/index.ts'
import { until } from '../helpers/conditions.ts'
import type { ProgramEnd } from '../helpers/programs.ts'
import { WAIT_CASES } from '../helpers/wait-cases.ts'
import { runHere, startProgram } from '../process/methods.ts'

const PROGRAM = new URL('../fixtures/sync/waiting-program.js', import.meta.url)

function linesOf({ status, stdout, stderr }: ProgramEnd): string[] {
  assert.deepEqual([status, stderr], [0, ''], stdout)
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as string[]
}

test('a signal with a handler ends every blocking wait with InterruptedError, and nothing was taken', { timeout: 60_000 }, async () => {
  const program = startProgram(PROGRAM, ['interrupted'])
  let said = ''
  program.child.stdout.on('data', chunk => {
    said += chunk
  })
  await until(() => said.includes('ready'), 'it listens to the signal')
  // One that comes before the sleep has begun is not noticed, so it is sent again and again.
  while (!said.includes('[') && program.child.exitCode === null && program.child.signalCode === null) {
    program.child.kill('SIGUSR2')
    await delay(10)
  }
  program.child.stdin.end()
  assert.deepEqual(
    linesOf(await program.ended),
    WAIT_CASES.map(({ title }) => `${title}: interrupted`),
  )
})

test('a pending wait keeps the program open', { timeout: 60_000 }, async () => {
  const lines = linesOf(await runHere(PROGRAM, ['open']))
  assert.ok(lines.length >= 14 && lines.every(line => line.endsWith(': open')), lines.join('\n'))
})

test('a program ends when its last wait has timed out', { timeout: 60_000 }, async () => {
  const lines = linesOf(await runHere(PROGRAM, ['timeouts']))
  assert.ok(lines.length >= 14 && lines.every(line => /: (false|ERR_TIMEOUT|ERR_BROKEN_BARRIER)$/.test(line)), lines.join('\n'))
})

test('a thread that blocks for what its own event loop holds gets a DeadlockError at once', async () => {
  const lock = new Lock()
  await lock.acquire()
  for (const act of [
    () => lock.acquireSync(),
    () => lock.acquireSync({ timeout: 1000 }),
    () => lock.holdSync(),
    () => lock.runSync(() => {}),
  ]) {
    assert.throws(act, DeadlockError)
  }
  assert.equal(lock.locked, true)
  lock.release()
  assert.equal(lock.acquireSync(), true)
  // In blocking form somebody else may release it.
  assert.equal(lock.acquireSync({ timeout: 1 }), false)
  lock.release()
  lock.close()
})
