// What holds for every wait, in promise and in blocking form: its time, its signal, and that who stops waiting has taken nothing.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { type Scene, WAIT_CASES } from '../helpers/wait-cases.ts'
import { balancedAsync } from '../value/balance.ts'

/** Plays in a scene of its own, after which nothing is left in the arena. */
function forEachWait(title: string, play: (scene: Scene) => Promise<void> | void): void {
  for (const { title: what, make } of WAIT_CASES) {
    test(`${what}: ${title}`, { timeout: 30_000 }, () =>
      balancedAsync(async () => {
        const scene = await make()
        try {
          await play(scene)
        } finally {
          await scene.end()
        }
      }),
    )
  }
}

async function assertLate(scene: Scene, wait: () => unknown): Promise<void> {
  const { late } = scene
  if (late === false) assert.equal(await wait(), false)
  else await assert.rejects(async () => await wait(), late)
}

forEachWait('a timeout of 0 or less does not wait', async scene => {
  for (const timeout of [0, -1, -Infinity]) {
    const start = performance.now()
    await assertLate(scene, () => scene.waitSync({ timeout }))
    await assertLate(scene, () => scene.wait({ timeout }))
    assert.ok(performance.now() - start < 1000)
  }
})

forEachWait('when the time is up the promise form says so, and not before', async scene => {
  const start = performance.now()
  await assertLate(scene, () => scene.wait({ timeout: 30 }))
  assert.ok(performance.now() - start >= 29, `after ${performance.now() - start} ms`)
})

forEachWait('when the time is up the blocking form says so, and not before', async scene => {
  const start = performance.now()
  await assertLate(scene, () => scene.waitSync({ timeout: 30 }))
  assert.ok(performance.now() - start >= 29, `after ${performance.now() - start} ms`)
})

forEachWait('waits for ever with a timeout of Infinity, and for longer than timers can', async scene => {
  const waiting = scene.wait({ timeout: 2 ** 40 })
  await turn()
  assert.match(inspect(waiting), /^Promise \{\s+<pending>/)
  scene.satisfy()
  assert.equal(await waiting, scene.given)
})

forEachWait('a wait that is over has the result, and its signal has no listener left', async scene => {
  const { signal } = new AbortController()
  const waiting = scene.wait({ timeout: Infinity, signal })
  await turn()
  assert.equal(getEventListeners(signal, 'abort').length, 1)
  scene.satisfy()
  assert.equal(await waiting, scene.given)
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

forEachWait('wrong options are refused', async scene => {
  const reject = (options: unknown, error: typeof RangeError | typeof TypeError): Promise<void> =>
    assert.rejects(async () => await scene.wait(options), error)
  await reject({ timeout: Number.NaN }, RangeError)
  for (const wrong of [{ timeout: '5' }, { timeout: null }, { timeout: 5n }, 5, 'soon', { tiemout: 5 }, { signal: {} }])
    await reject(wrong, TypeError)
  assert.throws(() => scene.waitSync({ timeout: Number.NaN }), RangeError)
  for (const wrong of [{ timeout: '5' }, 5, { signal: new AbortController().signal }]) assert.throws(() => scene.waitSync(wrong), TypeError)
})

forEachWait('a signal that is aborted already rejects with its reason, and nothing is taken', async scene => {
  const reason = { why: 'never mind' }
  const signal = AbortSignal.abort(reason)
  await assert.rejects(scene.wait({ signal }), error => error === reason)
  scene.satisfy()
  await turn()
  await assert.rejects(scene.wait({ signal }), error => error === reason)
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

forEachWait('an abort rejects with the reason, leaves no listener, and nothing is taken', async scene => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const waiting = scene.wait({ signal: controller.signal })
  await turn()
  controller.abort(reason)
  await assert.rejects(waiting, error => error === reason)
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  scene.satisfy()
  assert.equal(scene.isUntouched(), true)
})

forEachWait('a wait whose time was up leaves no listener, and has taken nothing', async scene => {
  const { signal } = new AbortController()
  await assertLate(scene, () => scene.wait({ timeout: 5, signal }))
  assert.equal(getEventListeners(signal, 'abort').length, 0)
  scene.satisfy()
  assert.equal(scene.isUntouched(), true)
})

forEachWait('an abort without a reason is an AbortError', async scene => {
  const controller = new AbortController()
  const waiting = scene.wait({ signal: controller.signal })
  await turn()
  controller.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
})
