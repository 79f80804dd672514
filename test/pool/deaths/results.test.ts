import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkerDiedError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { pid, square } from '../../fixtures/pool/work.ts'

const difficult: readonly (readonly [string, RegExp | null])[] = [
  ['getter', /this getter throws/],
  ['instance', null],
  ['weak', /result\[0\]/],
  ['promise inside', /later/],
  ['symbol', /symbol/i],
  ['throws getter', /with a getter|cannot be described/],
  ['throws instance', /with an instance/],
  ['throws function', /with a function/],
  ['throws weak', /with a map/],
  ['throws proxy', /./],
  ['thenable', /a thenable/],
]

test('results and errors that cannot travel settle their tasks, and the worker lives on', async () => {
  await using pool = new Pool(1)
  const worker = await pool.apply(pid)
  for (const [what, message] of difficult) {
    for (const call of [
      () => pool.apply(trials.makeDifficult, [what]),
      () => pool.map(trials.makeDifficult, [what, what]),
      () => pool.imap(trials.makeDifficult, [what]).next(),
      () => pool.apply(trials.makeDifficult, [what], { retries: 1, timeout: 60_000 }),
    ]) {
      const outcome = await call().then(
        () => null,
        (error: unknown) => error,
      )
      if (message !== null) assert.match(`${String((outcome as Error)?.message)} ${String(outcome)}`, message, what)
    }
  }
  assert.equal(await pool.apply(pid), worker)
})

test('the last that a worker wrote to its stderr is in the error of its task', async () => {
  await using pool = new Pool(1)
  await assert.rejects(pool.apply(trials.writeAndDie, ['the last word\n']), error => {
    assert.ok(error instanceof WorkerDiedError)
    assert.equal(error.stderrTail, 'the last word\n')
    return true
  })
  await assert.rejects(pool.apply(trials.writeAndDie, [`${'x'.repeat(5000)}end`]), error => {
    assert.ok(error instanceof WorkerDiedError)
    assert.equal(error.stderrTail, `${'x'.repeat(2045)}end`)
    return true
  })
  await assert.rejects(pool.apply(trials.throwLater), error => {
    assert.ok(error instanceof WorkerDiedError && error.exitCode !== 0)
    assert.match(error.stderrTail, /RangeError: out of a timer/)
    return true
  })
  assert.equal(await pool.apply(square, [3]), 9)
})

test('a death says nothing of the stderr of another worker', async () => {
  await using pool = new Pool(1)
  await assert.rejects(pool.apply(trials.writeAndDie, ['one\n']))
  await assert.rejects(pool.apply(trials.writeAndDie, ['']), error => error instanceof WorkerDiedError && error.stderrTail === '')
})
