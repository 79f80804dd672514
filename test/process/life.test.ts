// The life of one process, from its start to its close(), under every start method.
// CPython: _TestProcess.test_process, test_interrupt, test_interrupt_no_handler, test_terminate, test_kill, test_sentinel, test_close,
// test_active_children.
import assert from 'node:assert/strict'
import { activeChildren, ClosedError, InterruptedError, MultiprocessingError } from '../../src/index.ts'
import * as targets from '../fixtures/process/targets.ts'
import { isRunning, until } from '../helpers/conditions.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, PROCESSES, perMethod, zombies } from './methods.ts'

/** No blocking wait is without a bound: a test that fails must end. */
const PATIENCE = 20_000

perMethod(ALL, 'a process is not started, then runs, then has ended, and says so', context =>
  withWords(async (arrived, go) => {
    const child = new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference] })
    const others = activeChildren()
    assert.deepEqual([child.pid, child.exitCode, child.isAlive(), child.daemon], [undefined, undefined, false, false])
    assert.equal(await child.start(), child)
    assert.ok((child.pid as number) > 0)
    assert.deepEqual([child.exitCode, child.isAlive()], [null, true])
    assert.deepEqual(activeChildren(), [...others, child])
    await reached(arrived, 1)
    go.set(1)
    assert.equal(await child.join(), true)
    assert.deepEqual([child.exitCode, child.isAlive()], [0, false])
    assert.deepEqual(activeChildren(), others)
    assert.equal(await child.join({ timeout: 0 }), true, 'a second time at once')
  }),
)

perMethod(ALL, 'startSync and joinSync do the same while the event loop stands still', context =>
  withWords(async (arrived, go) => {
    const child = new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference] })
    let turned = false
    setImmediate(() => {
      turned = true
    })
    assert.equal(child.startSync(), child)
    assert.deepEqual([child.exitCode, child.isAlive()], [null, true])
    assert.equal(arrived.waitSync(0, performance.now() + PATIENCE), true)
    assert.equal(child.joinSync({ timeout: 1 }), false)
    go.set(1)
    assert.equal(child.joinSync({ timeout: PATIENCE }), true)
    assert.deepEqual([child.exitCode, child.isAlive(), turned], [0, false, false])
  }),
)

perMethod(ALL, 'join with a timeout of 0 or less only looks', context =>
  withWords(async (arrived, go) => {
    const child = await new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference] }).start()
    await reached(arrived, 1)
    for (const timeout of [0, -1, -1000]) {
      assert.equal(await child.join({ timeout }), false)
      assert.equal(child.joinSync({ timeout }), false)
    }
    assert.equal(child.isAlive(), true)
    go.set(1)
    await child.join()
    for (const timeout of [0, -1]) assert.deepEqual([await child.join({ timeout }), child.joinSync({ timeout })], [true, true])
  }),
)

perMethod(ALL, 'join can be called off, and joined again', context =>
  withWords(async (arrived, go) => {
    const child = await new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference] }).start()
    const reason = new Error('enough')
    const controller = new AbortController()
    const joining = assert.rejects(child.join({ signal: controller.signal }), error => error === reason)
    controller.abort(reason)
    await joining
    const both = Promise.all([child.join(), child.join({ timeout: 2 ** 33 })])
    go.set(1)
    assert.deepEqual(await both, [true, true])
  }),
)

const ENDINGS = [
  ['interrupt', -2],
  ['terminate', -15],
  ['kill', -9],
] as const
for (const [ending, exitCode] of ENDINGS) {
  perMethod(ALL, `${ending}() ends a child, also a busy one, and its exit code is ${exitCode}`, context =>
    withWords(async arrived => {
      const children = [targets.stay, targets.spin].map(target => new context.Process({ target, args: [arrived.reference] }))
      for (const child of children) await child.start()
      await reached(arrived, 2)
      for (const child of children) {
        child[ending]()
        assert.equal(await child.join(), true)
        assert.deepEqual([child.exitCode, child.isAlive(), activeChildren().includes(child)], [exitCode, false, false])
        child[ending]() // Somebody else may have the pid by now: nothing happens.
      }
      assert.deepEqual(zombies(), [])
    }),
  )

  perMethod(ALL, `${ending}() right after the start ends the child too`, async context => {
    const child = await new context.Process({ target: () => setInterval(() => {}, 60_000) }).start()
    child[ending]()
    assert.equal(await child.join(), true)
    assert.equal(child.exitCode, exitCode)
  })
}

perMethod(PROCESSES, 'a child with handlers for SIGINT and SIGTERM decides itself', context =>
  withWords(async arrived => {
    const children = [1, 2, 3].map(() => new context.Process({ target: targets.decideOnSignals, args: [arrived.reference] }))
    for (const child of children) await child.start()
    await reached(arrived, 3)
    for (const [index, [ending]] of ENDINGS.entries()) children[index]?.[ending]()
    for (const child of children) await child.join()
    assert.deepEqual(
      children.map(child => child.exitCode),
      [21, 22, -9],
    )
  }),
)

perMethod(PROCESSES, 'a signal that somebody else sends is the exit code too', context =>
  withWords(async arrived => {
    for (const [signal, exitCode] of [
      ['SIGKILL', -9],
      ['SIGALRM', -14], // Not SIGUSR2: Node's test runner has that write a report on some versions.
      ['SIGHUP', -1],
    ] as const) {
      const child = await new context.Process({ target: targets.stay, args: [arrived.reference] }).start()
      await reached(arrived, 1)
      arrived.set(0)
      process.kill(child.pid as number, signal)
      await child.join()
      assert.equal(child.exitCode, exitCode)
    }
  }),
)

perMethod(PROCESSES, 'a signal handler ends joinSync with InterruptedError, and the child can be joined again', async context => {
  let handled = 0
  const onSignal = (): void => {
    handled += 1
  }
  process.on('SIGALRM', onSignal)
  try {
    await withWords(async (arrived, go) => {
      const child = await new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference] }).start()
      await reached(arrived, 1)
      const parent = process.pid
      const signaller = await new context.Process({ target: () => void setTimeout(() => process.kill(parent, 'SIGALRM'), 50) }).start()
      assert.throws(() => child.joinSync({ timeout: PATIENCE }), InterruptedError)
      assert.equal(child.isAlive(), true)
      go.set(1)
      await child.join()
      await signaller.join()
      await until(() => handled === 1, 'the handler has run')
      assert.equal(child.exitCode, 0)
    })
  } finally {
    process.off('SIGALRM', onSignal)
  }
})

perMethod(ALL, 'its sentinel is there from the start on and knows the end', context =>
  withWords(async (arrived, go) => {
    const child = new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference] })
    assert.throws(
      () => child.sentinel,
      error => error instanceof MultiprocessingError && /start/.test(error.message),
    )
    await child.start()
    const { sentinel } = child
    assert.deepEqual([sentinel.pid, sentinel.ended], [child.pid, false])
    go.set(1)
    await child.join()
    assert.equal(sentinel.ended, true)
  }),
)

perMethod(ALL, 'close() is refused while it runs, and ends all use afterwards', context =>
  withWords(async arrived => {
    const child = await new context.Process({ target: targets.stay, args: [arrived.reference], name: 'mine' }).start()
    assert.throws(() => child.close(), /mine still runs: terminate\(\) or join\(\) it before close\(\)/)
    assert.equal(child.isAlive(), true)
    child.terminate()
    await child.join()
    child.close()
    child.close()
    for (const use of [
      () => child.pid,
      () => child.exitCode,
      () => child.isAlive(),
      () => child.sentinel,
      () => child.kill(),
      () => child.terminate(),
      () => child.interrupt(),
      () => child.joinSync(),
      () => child.startSync(),
    ]) {
      assert.throws(use, ClosedError, String(use))
    }
    await assert.rejects(child.join(), ClosedError)
    await assert.rejects(child.start(), ClosedError)
    assert.ok(!activeChildren().includes(child))
  }),
)

perMethod(ALL, 'disposal terminates and joins; of one that is not started it is nothing', context =>
  withWords(async arrived => {
    const child = await new context.Process({ target: targets.stay, args: [arrived.reference] }).start()
    await reached(arrived, 1)
    const { pid } = child
    await child[Symbol.asyncDispose]()
    assert.ok(context.startMethod === 'thread' || !isRunning(pid as number))
    assert.ok(!activeChildren().includes(child))
    await child[Symbol.asyncDispose]()
    await new context.Process()[Symbol.asyncDispose]()
  }),
)
