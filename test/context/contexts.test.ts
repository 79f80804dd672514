// Contexts and the start method that is used when nothing is said.
// CPython: TestStartMethod.test_context, test_spawn_dont_set_context, test_context_check_module_types, test_set_get,
// test_get_all_start_methods, test_mixed_startmethod; _TestProcess.test_set_executable.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import {
  activeChildren,
  ContextError,
  currentProcess,
  getAllStartMethods,
  getContext,
  getStartMethod,
  MultiprocessingError,
  parentProcess,
  Pool,
  Process,
  setExecutable,
  setForkserverPreload,
  setStartMethod,
} from '../../src/index.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { ALL, ask, perMethod, runHere } from '../process/methods.ts'

const folder = temporaryFolder()
const startMethods = new URL('../fixtures/context/start-method-program.js', import.meta.url)

function reset(): void {
  setStartMethod(null, { force: true })
}

test('there are four start methods here, the default first', () => {
  const methods = getAllStartMethods()
  assert.equal(methods[0], 'forkserver')
  assert.deepEqual([...methods].sort(), ALL)
  methods.pop()
  assert.equal(getAllStartMethods().length, 4, 'what is given out is a copy')
})

perMethod(ALL, 'a context is one object with a start method, and is what it was asked for', (context, method) => {
  assert.equal(getContext(method), context)
  assert.equal(context.startMethod, method)
  assert.equal(context.getContext(), context)
  for (const other of ALL) assert.equal(context.getContext(other), getContext(other))
  assert.deepEqual(context.getAllStartMethods(), getAllStartMethods())
  assert.equal(context.currentProcess().pid, currentProcess().pid)
  assert.equal(context.parentProcess(), parentProcess())
  assert.deepEqual(context.activeChildren(), activeChildren())
  const child = new context.Process()
  assert.ok(child instanceof Process && child instanceof context.Process)
})

perMethod(ALL, 'a child’s own default is how it was started, and is not fixed for good', async (context, method) => {
  const question = (): unknown => {
    const own = [getStartMethod(), getContext().startMethod]
    setStartMethod('spawn', { force: true })
    return [...own, getStartMethod()]
  }
  assert.deepEqual(await ask(context, question), [method, method, 'spawn'])
})

perMethod(ALL, 'processes and pools of a context leave the default open', async context => {
  reset()
  const child = await new context.Process().start()
  await child.join()
  const pool = new context.Pool(1)
  assert.equal(await pool.apply(Math.max, [1, 2]), 2)
  await pool[Symbol.asyncDispose]()
  assert.equal(getStartMethod({ allowNone: true }), null)
})

perMethod(ALL, 'the method that is set is how Process and Pool start', async (_, method) => {
  setStartMethod(method, { force: true })
  try {
    assert.deepEqual([getStartMethod(), getStartMethod({ allowNone: true }), getContext().startMethod], [method, method, method])
    const pool = new Pool(1)
    assert.equal(await pool.apply(() => getStartMethod()), method)
    await pool[Symbol.asyncDispose]()
    class Exits extends Process {
      override run(): void {
        process.exit(ALL.indexOf(getStartMethod()) + 1)
      }
    }
    const child = await new Exits().start()
    await child.join()
    assert.equal(child.exitCode, ALL.indexOf(method) + 1)
  } finally {
    reset()
  }
})

test('the start method is set once, or by force', () => {
  reset()
  try {
    assert.equal(getStartMethod({ allowNone: true }), null)
    setStartMethod('spawn')
    for (const again of ['fork', 'spawn'] as const) {
      assert.throws(
        () => setStartMethod(again),
        error =>
          error instanceof ContextError && error.code === 'ERR_CONTEXT' && /spawn/.test(error.message) && /force/.test(error.message),
      )
    }
    assert.equal(getStartMethod(), 'spawn')
    assert.throws(() => setStartMethod(null)) // Only force makes it open again.
    for (const method of ALL) {
      setStartMethod(method, { force: true })
      assert.equal(getStartMethod(), method)
    }
    reset()
    assert.equal(getStartMethod({ allowNone: true }), null)
  } finally {
    reset()
  }
})

test('asking for the default fixes it', () => {
  for (const ask of [() => getStartMethod(), () => getStartMethod({}), () => getContext().startMethod]) {
    reset()
    assert.equal(ask(), getAllStartMethods()[0])
    assert.equal(getStartMethod({ allowNone: true }), getAllStartMethods()[0])
    assert.throws(() => setStartMethod('spawn'), ContextError)
  }
  reset()
})

test('a start method that is none is told, with those that there are', () => {
  for (const use of [(method: never) => getContext(method), (method: never) => setStartMethod(method, { force: true })]) {
    for (const method of ['forks', '', 5, 'toString']) {
      assert.throws(
        () => use(method as never),
        error => /TypeError|RangeError/.test((error as Error).name) && ALL.every(each => (error as Error).message.includes(each)),
      )
    }
  }
  assert.equal(getStartMethod({ allowNone: true }), null)
})

test('the default is fixed by the first process that is started by it', async () => {
  const { stdout, stderr, status } = await runHere(startMethods, [])
  assert.equal(status, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), { before: null, after: 'forkserver', again: 'ContextError', there: 'forkserver' })
})

test('the modules to preload are strings or URLs, and the executable is a path', () => {
  assert.throws(() => setForkserverPreload([1, 2, 3] as never), /TypeError.*modules\[0\]|modules\[0\]/)
  assert.throws(() => setForkserverPreload('module' as never), TypeError)
  assert.throws(() => setForkserverPreload([], { onError: 'panic' as never }), /'ignore', 'warn' or 'fail'/)
  for (const path of [5, null, 'relative/node']) assert.throws(() => setExecutable(path as never), TypeError)
})

for (const method of ['spawn', 'forkserver'] as const) {
  for (const form of ['path', 'URL'] as const) {
    test(`${method}: the executable that is set (a ${form}) is what is started`, async () => {
      const wrapper = join(folder, `node-${method}-${form}`)
      writeFileSync(wrapper, `#!/bin/sh\nWRAPPED_BY=${form} exec '${process.execPath}' "$@"\n`, { mode: 0o755 })
      const given = form === 'path' ? wrapper : pathToFileURL(wrapper).href
      const { stdout, stderr } = await runHere(new URL('../fixtures/context/executable-program.js', import.meta.url), [method, given])
      assert.equal(stdout, `${form}\n`, stderr)
    })
  }
}

test('an executable that is not there is told by the start', async () => {
  const program = new URL('../fixtures/context/executable-program.js', import.meta.url)
  const { stderr, status } = await runHere(program, ['spawn', join(folder, 'nowhere')])
  assert.equal(status, 1)
  assert.match(stderr, /ENOENT/)
})

perMethod(ALL, 'a context and its classes travel to a process of another', async (context, method) => {
  const { Process: Bound } = context
  for (const other of ALL.filter(each => each !== method)) {
    const seen = await ask(getContext(other), () => [context.startMethod, context === getContext(method), Bound === context.Process])
    assert.deepEqual(seen, [method, true, true], `in a child by ${other}`)
  }
})

test('the errors of contexts are MultiprocessingErrors', () => {
  assert.ok(new ContextError('x') instanceof MultiprocessingError)
})
