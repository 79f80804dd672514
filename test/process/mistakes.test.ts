// What is used in a wrong way, or by the wrong process, says so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getContext, MultiprocessingError, NotSerializableError, Process, setForkserverPreload } from '../../src/index.ts'
import * as targets from '../fixtures/process/targets.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, ask, FRESH, perMethod } from './methods.ts'

perMethod(ALL, 'a process starts once', async context => {
  const child = new context.Process({ target: targets.nothing, name: 'mine' })
  const started = child.start()
  const twice = /mine was started before; a process object starts one process/
  await assert.rejects(child.start(), twice)
  await started
  assert.throws(() => child.startSync(), twice)
  await child.join()
  await assert.rejects(child.start(), twice)
})

perMethod(ALL, 'what needs a started process says so', async context => {
  const child = new context.Process({ name: 'mine' })
  const told = (error: unknown): boolean => error instanceof MultiprocessingError && /needs a started process: .* mine/.test(error.message)
  for (const use of ['terminate', 'kill', 'interrupt', 'joinSync'] as const) assert.throws(() => child[use](), told)
  assert.throws(() => child.sentinel, told)
  await assert.rejects(child.join(), told)
  assert.deepEqual([child.isAlive(), child.exitCode, child.pid], [false, undefined, undefined])
})

perMethod(ALL, 'a child of this process is no child of another, to which it was sent', context =>
  withWords(async (arrived, go) => {
    const child = await new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference], name: 'mine' }).start()
    await reached(arrived, 1)
    const uses = await ask(
      context,
      async (sent: Process) => {
        const told: string[] = [sent.name]
        for (const use of [
          () => sent.start(),
          () => sent.join(),
          async () => sent.joinSync(),
          async () => sent.kill(),
          async () => sent.terminate(),
        ]) {
          await use().then(
            () => told.push('nothing'),
            error => told.push((error as Error).message),
          )
        }
        return told
      },
      child,
    )
    assert.equal(uses[0], 'mine')
    assert.equal(uses.length, 6)
    for (const message of uses.slice(1)) assert.match(message, /mine belongs to another process/)
    assert.equal(child.isAlive(), true)
    go.set(1)
    await child.join()
    assert.equal(child.exitCode, 0)
  }),
)

perMethod(FRESH, 'a target that another process cannot find ends the child with an error that names it', async context => {
  const child = new context.Process({
    target: (await import('../../src/index.ts')).reference(new URL('./nowhere.js', import.meta.url), 'x'),
    stderr: 'ignore',
  })
  await child.start()
  await child.join()
  assert.equal(child.exitCode, 1)
})

perMethod(ALL, 'wrong options and arguments are errors of their own', async context => {
  const bad: readonly (readonly [unknown, typeof TypeError, RegExp])[] = [
    [5, TypeError, /Expected `options` to be an object, got 5/],
    [targets.nothing, TypeError, /Expected `options` to be an object like \{ target: work, args: \[1\] \}, got function nothing/],
    [{ target: 'x' }, TypeError, /Expected `target` to be a function, got 'x'/],
    [{ args: 'ab' }, TypeError, /Expected `args` to be an array, got 'ab'/],
    [{ env: { 'A=': '' } }, RangeError, /`env`/],
    [{ stdout: 'pipes' }, TypeError, /Expected `stdout` to be 'inherit', 'ignore' or 'pipe', got 'pipes'/],
    [{ arguments: [] }, TypeError, /Unknown option `arguments`; expected `target`/],
  ]
  for (const [options, constructor, message] of bad) {
    assert.throws(
      () => new context.Process(options as object),
      error => error instanceof constructor && message.test((error as Error).message),
    )
  }
  const child = await new context.Process().start()
  await assert.rejects(child.join({ timeout: '5' as unknown as number }), TypeError)
  await assert.rejects(child.join({ timeout: Number.NaN }), RangeError)
  await assert.rejects(child.join({ after: 5 } as object), TypeError)
  await assert.rejects(
    child.join(5 as unknown as object),
    /Expected `options` to be an object like \{ timeout: 1000 \}, in milliseconds, got 5/,
  )
  assert.throws(() => child.joinSync({ signal: AbortSignal.abort() } as object), TypeError)
  await child.join()
})

test('options are read once: what changes in them afterwards is not seen', async () => {
  const options = { target: targets.exit, args: [3] as [number], name: 'first' }
  const child = new Process(options)
  options.name = 'second'
  assert.equal(child.name, 'first')
  await child.start()
  await child.join()
  assert.equal(child.exitCode, 3)
})

perMethod(ALL, 'a subclass with private fields is started by fork only, and otherwise told so', async (context, method) => {
  class Hidden extends context.Process {
    readonly #code = 3
    override run(): void {
      process.exit(this.#code)
    }
  }
  const child = new Hidden()
  if (method !== 'fork') {
    await assert.rejects(
      child.start(),
      (error: unknown) => error instanceof NotSerializableError && /^Hidden: .* private fields/.test(error.message),
    )
    return
  }
  await child.start()
  await child.join()
  assert.equal(child.exitCode, 3)
})

test('a thread has no debugger’s port of its own, and no module is preloaded by a relative path', async () => {
  const { Process: Thread } = getContext('thread')
  await assert.rejects(new Thread({ target: targets.nothing, inspectPort: 'auto' }).start(), /debugged with its process/)
  assert.throws(() => setForkserverPreload(['./x.js']), /Expected `modules\[0\]` to be a URL, an absolute path/)
})
