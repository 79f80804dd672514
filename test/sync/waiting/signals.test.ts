// Which blocking waits end because a signal has come, in programs of their own and in children of every kind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { play, type Scene, waitInThread } from '../../fixtures/sync/signals.ts'
import { runProgram } from '../../helpers/programs.ts'
import { ask, perMethod } from '../../process/methods.ts'

const program = new URL('../../fixtures/sync/signal-program.js', import.meta.url)
const [I, T] = ['interrupted', 'timeout']

const ROWS: readonly (readonly [Scene, title: string, outcomes: readonly (string | undefined)[]])[] = [
  ['repeated', 'a signal that comes before the thread sleeps ends the wait, and no second one', [I, T, I, T, I, I, I]],
  ['inListener', 'a second signal ends what the listener of a first one waits for', [I, I, T]],
  ['othersBusiness', 'a child of Node’s own that ends and a window that changes do not end a wait, a signal after them does', [T, I]],
  ['flooded', 'more signals than the event loop has room for end one wait', [T, I, T]],
]

for (const [scene, title, outcomes] of ROWS) {
  for (const waits of ['waitSync', 'joinSync'] as const) {
    test(`${waits}: ${title}`, async () => {
      const { status, stdout, stderr } = await runProgram(program, [scene, waits])
      assert.deepEqual([status, stderr], [0, ''])
      assert.deepEqual(JSON.parse(stdout), outcomes)
    })
  }
  perMethod(['fork', 'forkserver', 'spawn'], `in a child, ${title}`, async context => {
    assert.deepEqual(await ask(context, play, scene, 'waitSync' as const), outcomes)
  })
}

perMethod(['thread'], 'a thread, which is told of no signals, waits on', async context => {
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  try {
    assert.ok((await ask(context, waitInThread)) >= 150)
  } finally {
    process.off('SIGINT', ignore)
  }
})
