import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ClosedError, MultiprocessingError, NotSerializableError } from '../../src/base/errors.ts'
import { getContext } from '../../src/index.ts'
import * as targets from '../fixtures/process/targets.ts'
import { isRunning } from '../helpers/conditions.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { reached, withWords } from '../helpers/wait-words.ts'

const folder = temporaryFolder()
const { Process } = getContext('spawn')

test('a process calls its target with its arguments and ends', async () => {
  const file = join(folder, 'written')
  const child = new Process({ target: targets.write, args: [file, 'one', 'é'] })
  assert.deepEqual([child.pid, child.exitCode, child.isAlive()], [undefined, undefined, false])
  assert.equal(await child.start(), child)
  assert.ok((child.pid as number) > 0)
  assert.equal(await child.join(), true)
  assert.deepEqual([child.exitCode, child.isAlive()], [0, false])
  assert.equal(readFileSync(file, 'utf8'), 'one é')
  assert.equal(await child.join({ timeout: 0 }), true, 'a second time at once')
})

test('a process without a target ends at once', async () => {
  const child = await new Process().start()
  await child.join()
  assert.equal(child.exitCode, 0)
})

const ends: readonly (readonly [string, (code: number) => void, number])[] = [
  ['process.exit(0)', targets.exit, 0],
  ['process.exit(7)', targets.exit, 7],
  ['process.exitCode', targets.setExitCode, 4],
]
for (const [name, target, code] of ends) {
  test(`${name} in the target is the exit code`, async () => {
    const child = await new Process({ target, args: [code] }).start()
    await child.join()
    assert.equal(child.exitCode, code)
  })
}

const signals = [
  ['interrupt', -2],
  ['terminate', -15],
  ['kill', -9],
] as const
for (const [method, exitCode] of signals) {
  test(`${method} ends a child, also a busy one, and its exit code is ${exitCode}`, () =>
    withWords(async arrived => {
      const children = [
        new Process({ target: targets.stay, args: [arrived.reference] }),
        new Process({ target: targets.spin, args: [arrived.reference] }),
      ]
      for (const child of children) await child.start()
      await reached(arrived, 2)
      for (const child of children) {
        assert.deepEqual([child.exitCode, child.isAlive()], [null, true])
        child[method]()
        await child.join()
        assert.equal(child.exitCode, exitCode)
        child[method]() // Somebody else may have the pid by now: nothing happens.
      }
    }))
}

test('a signal before the child is up ends it, too', async () => {
  const child = await new Process({ target: targets.nothing }).start()
  child.kill()
  await child.join()
  assert.equal(child.exitCode, -9)
})

test('join gives up after its timeout, or when its signal is aborted, and the child lives on', () =>
  withWords(async arrived => {
    const child = await new Process({ target: targets.stay, args: [arrived.reference] }).start()
    await reached(arrived, 1)
    for (const timeout of [-1, 0, 1, 20]) assert.equal(await child.join({ timeout }), false)
    const reason = new Error('enough')
    await assert.rejects(child.join({ signal: AbortSignal.abort(reason) }), error => error === reason)
    const controller = new AbortController()
    const joining = assert.rejects(child.join({ signal: controller.signal, timeout: 2 ** 33 }), error => error === reason)
    controller.abort(reason)
    await joining
    assert.equal(child.isAlive(), true)
    const long = child.join({ timeout: 2 ** 33 })
    const both = Promise.all([child.join(), long, child.join({ signal: new AbortController().signal })])
    child.terminate()
    assert.deepEqual(await both, [true, true, true])
  }))

test('a process starts once, and what needs a started one says so', async () => {
  const child = new Process({ target: targets.nothing, name: 'mine' })
  for (const method of ['terminate', 'kill', 'interrupt'] as const) {
    assert.throws(
      () => child[method](),
      error => error instanceof MultiprocessingError && error.message === `${method}() needs a started process: call start() of mine first`,
    )
  }
  await assert.rejects(child.join(), /join\(\) needs a started process/)
  const started = child.start()
  await assert.rejects(child.start(), /mine was started before; a process object starts one process/)
  await started
  await child.join()
  await assert.rejects(child.start(), MultiprocessingError)
})

test('close is refused while the child runs, and ends all use afterwards', () =>
  withWords(async arrived => {
    const child = await new Process({ target: targets.stay, args: [arrived.reference] }).start()
    assert.throws(() => child.close(), /still runs: terminate\(\) or join\(\) it before close\(\)/)
    child.kill()
    await child.join()
    child.close()
    child.close()
    assert.throws(() => child.pid, ClosedError)
    assert.throws(() => child.exitCode, ClosedError)
    assert.throws(() => child.kill(), ClosedError)
    await assert.rejects(child.join(), ClosedError)
  }))

test('disposal terminates and joins, also while the start is under way', () =>
  withWords(async arrived => {
    const child = await new Process({ target: targets.stay, args: [arrived.reference] }).start()
    await reached(arrived, 1)
    const { pid } = child
    await child[Symbol.asyncDispose]()
    assert.ok(!isRunning(pid as number))
    await child[Symbol.asyncDispose]()
    await new Process()[Symbol.asyncDispose]()
    const early = new Process({ target: targets.exit, args: [0] })
    const starting = early.start()
    const earlyPid = early.pid as number
    await early[Symbol.asyncDispose]()
    await starting
    assert.ok(!isRunning(earlyPid))
  }))

test('a target and arguments that cannot travel reject the start, which may be tried again', async () => {
  await assert.rejects(new Process({ target: new Proxy(() => {}, {}) }).start(), NotSerializableError)
  const args: unknown[] = [{ onData: new WeakMap() }]
  const child = new Process({ target: targets.nothing as (...all: unknown[]) => void, args })
  await assert.rejects(child.start(), { name: 'NotSerializableError', path: 'args[0].onData' })
  args.length = 0
  await child.start()
  await child.join()
  assert.equal(child.exitCode, 0)
})

test('processes are numbered, and a name can be given and changed', () => {
  const [one, two] = [new Process(), new Process()]
  const number = (child: InstanceType<typeof Process>): number => Number(/^Process-(\d+)$/.exec(child.name)?.[1])
  assert.equal(number(two), number(one) + 1)
  one.name = 'other'
  assert.equal(one.name, 'other')
  assert.throws(() => Object.assign(one, { name: 5 }), TypeError)
})

test('daemon is set before the start', async () => {
  const child = new Process({ daemon: true })
  assert.equal(child.daemon, true)
  child.daemon = false
  await child.start()
  assert.throws(() => {
    child.daemon = true
  }, /was started: `daemon` is set before that/)
  await child.join()
})

const bad: readonly (readonly [unknown, typeof TypeError | typeof RangeError, RegExp])[] = [
  [5, TypeError, /Expected `options` to be an object, got 5/],
  [null, TypeError, /got null/],
  [{ target: 'x' }, TypeError, /Expected `target` to be a function, got 'x'/],
  [{ args: 'ab' }, TypeError, /Expected `args` to be an array, got 'ab'/],
  [{ name: 5 }, TypeError, /Expected `name` to be a string, got 5/],
  [{ daemon: 1 }, TypeError, /Expected `daemon` to be a boolean, got 1/],
  [{ env: [] }, TypeError, /Expected `env` to be an object, got \[\]/],
  [{ env: { 'A=': '' } }, RangeError, /`env`/],
  [{ execArgv: '-x' }, TypeError, /Expected `execArgv` to be an array, got '-x'/],
  [{ execArgv: ['a\0b'] }, RangeError, /`execArgv\[0\]` to be a string without NUL/],
  [{ stdout: 'pipes' }, TypeError, /Expected `stdout` to be 'inherit', 'ignore' or 'pipe', got 'pipes'/],
  [{ arguments: [] }, TypeError, /Unknown option `arguments`; expected `target`/],
]
for (const [options, constructor, message] of bad) {
  test(`new Process(${JSON.stringify(options)}) is a ${constructor.name}`, () => {
    assert.throws(
      () => new Process(options as object),
      error => error instanceof constructor && message.test((error as Error).message),
    )
  })
}

test('bad options of join are told', async () => {
  const child = await new Process().start()
  await assert.rejects(child.join({ timeout: '5' as unknown as number }), TypeError)
  await assert.rejects(child.join({ after: 5 } as object), /Unknown option `after`; expected `timeout`, `signal`/)
  await child.join()
})
