// The template process of forkserver: what it loads, what its death and signals mean, and that nobody takes it for a parent.
// CPython: _TestProcess.test_forkserver_sigint, test_forkserver_sigkill; TestStartMethod.test_preload_resources;
// MiscTestCase.test_preload_main, test_preload_main_large_sys_argv; _TestSpawnedSysPath.test_std_streams_flushed_after_preload.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { getContext, parentProcess, type Process } from '../../src/index.ts'
import { giveAnswer } from '../fixtures/process/answers.ts'
import * as targets from '../fixtures/process/targets.ts'
import { isRunning, until } from '../helpers/conditions.ts'
import { reserveOf } from '../helpers/resources.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { answerFile, ask, readAnswer, systemParentOf, runHere, startProgram } from '../process/methods.ts'

const context = getContext('forkserver')
const preloading = new URL('../fixtures/context/preload-program.js', import.meta.url)
const firstOrder = new URL('../fixtures/context/first-order-program.js', import.meta.url)
const interrupted = new URL('../fixtures/process/ending-program.js', import.meta.url)

/** A running child, and the process that forked it. */
async function childAndTemplate(arrived: number, go: number): Promise<{ child: Process<[number, number]>; template: number }> {
  const child = await new context.Process({ target: targets.stayUntil, args: [arrived, go] }).start()
  const template = systemParentOf(child.pid as number)
  assert.notEqual(template, process.pid, 'it is no child of ours for the system')
  return { child, template }
}

test('children have one template, and name the process that asked for them', async () => {
  const question = (): unknown => ({
    pid: process.pid,
    ppid: process.ppid,
    parent: parentProcess()?.pid,
    isAlive: parentProcess()?.isAlive(),
    template: Number(/\) \S (\d+)/.exec(readFileSync('/proc/self/stat', 'latin1'))?.[1]),
  })
  const templates: unknown[] = []
  for (let round = 0; round < 2; round += 1) {
    const file = answerFile()
    const child = new context.Process({ target: giveAnswer, args: [file, question, []] })
    await child.start()
    await child.join()
    const { template, ...answer } = readAnswer<Record<string, unknown>>(file)
    templates.push(template)
    assert.deepEqual(answer, { pid: child.pid, ppid: process.pid, parent: process.pid, isAlive: true })
  }
  assert.equal(templates[0], templates[1])
  assert.equal(typeof templates[0], 'number')
})

test('exit codes and signals are told as of any child', async () => {
  await withWords(async arrived => {
    for (const code of [0, 1, 8, 254, 255]) {
      const child = await new context.Process({ target: targets.exit, args: [code] }).start()
      await child.join()
      assert.equal(child.exitCode, code)
    }
    for (const [signal, exitCode] of [
      ['SIGKILL', -9],
      ['SIGTERM', -15],
      ['SIGSEGV', -11],
    ] as const) {
      arrived.set(0)
      const child = await new context.Process({ target: targets.stay, args: [arrived.reference] }).start()
      await reached(arrived, 1)
      process.kill(child.pid as number, signal)
      await child.join()
      assert.equal(child.exitCode, exitCode)
    }
  })
})

test('SIGINT to the template changes nothing', () =>
  withWords(async (arrived, go) => {
    const { child, template } = await childAndTemplate(arrived.reference, go.reference)
    await reached(arrived, 1)
    process.kill(template, 'SIGINT')
    const next = await new context.Process({ target: targets.exit, args: [3] }).start()
    await next.join()
    assert.equal(isRunning(template), true)
    go.set(1)
    await child.join()
    assert.deepEqual([child.exitCode, next.exitCode], [0, 3])
  }))

test('when the template is killed its children go on, their ends are told, and the next start makes another', () =>
  withWords(async (arrived, go) => {
    const { child, template } = await childAndTemplate(arrived.reference, go.reference)
    const doomed = await childAndTemplate(arrived.reference, go.reference)
    const before = await new context.Process({ target: targets.exit, args: [5] }).start()
    await before.join()
    await reached(arrived, 2)
    process.kill(template, 'SIGKILL')
    await until(() => !isRunning(template), 'the template is gone')
    assert.deepEqual([child.isAlive(), child.exitCode, before.exitCode], [true, null, 5])
    doomed.child.kill()
    const next = await new context.Process({ target: targets.exit, args: [3] }).start()
    await next.join()
    assert.equal(next.exitCode, 3)
    go.set(1)
    assert.deepEqual([await child.join(), await doomed.child.join()], [true, true])
    assert.ok([0, 255].includes(child.exitCode as number), `it was ${child.exitCode}`)
    assert.ok([-9, 255].includes(doomed.child.exitCode as number), `it was ${doomed.child.exitCode}`)
  }))

test('startSync too makes another template when the last was killed', () =>
  withWords(async (arrived, go) => {
    const { child, template } = await childAndTemplate(arrived.reference, go.reference)
    process.kill(template, 'SIGKILL')
    await until(() => !isRunning(template), 'the template is gone')
    const next = new context.Process({ target: targets.exit, args: [3] }).startSync()
    assert.equal(next.joinSync({ timeout: 20_000 }), true)
    assert.equal(next.exitCode, 3)
    go.set(1)
    await child.join()
  }))

test('a template that is killed while children start harms none that were started and fails no other for good', async () => {
  for (let round = 0; round < 5; round += 1) {
    const first = await new context.Process({ target: targets.exit, args: [7] }).start()
    const template = systemParentOf(first.pid as number)
    const starting = [1, 2, 3, 4].map(() => new context.Process({ target: targets.exit, args: [7] }).start())
    if (template > 1 && template !== process.pid) process.kill(template, 'SIGKILL')
    const started = await Promise.allSettled(starting)
    for (const each of started) {
      if (each.status === 'rejected') assert.match(String(each.reason), /template process of forkserver/)
      else {
        await each.value.join()
        assert.ok([7, 255].includes(each.value.exitCode as number), `it was ${each.value.exitCode}`)
      }
    }
    await first.join()
    const next = await new context.Process({ target: targets.exit, args: [7] }).start()
    await next.join()
    assert.equal(next.exitCode, 7)
  }
})

test('Ctrl-C, which the template gets too, ends the children and leaves the program what it makes of it', async () => {
  const program = startProgram(interrupted, ['forkserver', 'others-stay'], { detached: true })
  await program.firstLine()
  process.kill(-program.pid, 'SIGINT')
  const end = await program.ended
  assert.deepEqual([end.status, end.signal], [null, 'SIGINT'])
  await until(() => program.processes().length === 0, 'nobody is left')
})

/** The template, and what it has forked in advance. */
async function templateAndReserve(): Promise<{ template: number; reserve: number }> {
  const child = await new context.Process({ target: () => void setInterval(() => {}, 60_000), daemon: true }).start()
  const template = systemParentOf(child.pid as number)
  child.kill()
  await child.join()
  await until(() => reserveOf(template) !== undefined, 'there is a reserve')
  return { template, reserve: reserveOf(template) as number }
}

test('a child was forked before it was asked for', async () => {
  const { template, reserve } = await templateAndReserve()
  const child = await new context.Process({ target: targets.exit, args: [4] }).start()
  assert.equal(child.pid, reserve)
  await child.join()
  assert.equal(child.exitCode, 4)
  await until(() => reserveOf(template) !== undefined, 'there is another one')
})

for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const) {
  test(`a reserve that got ${signal} is not missed, and is gone after the next start`, async () => {
    const { reserve } = await templateAndReserve()
    process.kill(reserve, signal)
    const children = [1, 2, 3].map(code => new context.Process({ target: targets.exit, args: [code] }))
    for (const child of children) {
      await child.start()
      assert.equal(await child.join({ timeout: 20_000 }), true)
    }
    const codes = children.map(child => child.exitCode)
    // It may have been killed on its way.
    assert.deepEqual(codes.slice(1), [2, 3])
    assert.ok([1, -9, -15].includes(codes[0] as number), `it was ${codes[0]}`)
    await until(() => !isRunning(reserve), 'the reserve is gone')
  })
}

function stayOrExit(code: number): void {
  if (code > 0) process.exit(code)
  setInterval(() => {}, 60_000)
}

test('a Ctrl-C that came to the reserve is not for the child that it becomes, one that comes right after the start is', async () => {
  for (const [before, exitCode] of [
    [true, 6],
    [false, -2],
  ] as const) {
    const { reserve } = await templateAndReserve()
    if (before) process.kill(reserve, 'SIGINT')
    const child = await new context.Process({ target: stayOrExit, args: [before ? 6 : 0] }).start()
    assert.equal(child.pid, reserve)
    if (!before) child.interrupt()
    await child.join()
    assert.equal(child.exitCode, exitCode)
  }
})

test('children have the environment, the folder and the umask that their starter has at that moment', async () => {
  const question = (): unknown => ({
    added: process.env.ADDED_LATER,
    removed: 'PATH' in process.env,
    own: process.env.OWN,
    cwd: process.cwd(),
    umask: process.umask(),
  })
  const { PATH } = process.env
  const cwd = process.cwd()
  const umask = process.umask(0o027)
  try {
    await templateAndReserve()
    process.env.ADDED_LATER = 'yes'
    delete process.env.PATH
    process.chdir('/')
    assert.deepEqual(await ask(context, question), { added: 'yes', removed: false, cwd: '/', umask: 0o027 })
  } finally {
    delete process.env.ADDED_LATER
    process.env.PATH = PATH as string
    process.chdir(cwd)
    process.umask(umask)
  }
  const { added, removed } = (await ask(context, question)) as { added?: string; removed: boolean }
  assert.deepEqual([added, removed], [undefined, true])
})

for (const [template, form, name] of [
  ['able', 'async', 'the first child, too, has what its starter had when start() was called'],
  ['able', 'sync', 'startSync waits for the template'],
  ['useless', 'async', 'a template that cannot be forked is replaced by a fresh node'],
  ['useless', 'sync', 'startSync does without a template that cannot be forked'],
] as const) {
  test(name, async () => {
    const { stdout, stderr, status } = await runHere(firstOrder, [template, form], { env: { WORD: 'first' } })
    assert.equal(status, 0, stderr)
    const { expected, answer, exitCode } = JSON.parse(stdout) as Record<string, unknown>
    assert.equal(exitCode, 0)
    assert.deepEqual(answer, template === 'useless' && form === 'async' ? { cwd: '/', word: 'changed' } : expected)
  })
}

test('what is preloaded is loaded once, in the template, and is in every child', async () => {
  const { stdout, stderr, status } = await runHere(preloading, ['warn', new URL('./preloaded.js', preloading).href])
  assert.equal(status, 0, stderr)
  const lines = stdout.trim().split('\n')
  assert.equal(lines.filter(line => line === 'loading').length, 1, 'what it writes is not written again by children')
  const { children, instances, pids, loadedBy } = JSON.parse(lines.at(-1) as string) as Preloaded
  assert.equal(instances.length, 1)
  assert.equal(new Set(children).size, 3)
  assert.deepEqual([loadedBy.length, children.includes(loadedBy[0] as number), pids.main === loadedBy[0]], [1, false, false])
  assert.equal(stderr, '')
})

interface Preloaded {
  readonly children: readonly number[]
  readonly instances: readonly string[]
  readonly loadedBy: readonly number[]
  readonly pids: { readonly main: number }
}

for (const [onError, status, told] of [
  ['ignore', 0, /^$/],
  ['warn', 0, /nowhere/],
  ['fail', 1, /nowhere/],
] as const) {
  test(`a module that cannot be preloaded: '${onError}'`, async () => {
    const { stderr, status: ended } = await runHere(preloading, [onError, new URL('./nowhere.js', preloading).href])
    assert.equal(ended, status, stderr)
    assert.match(stderr, told)
  })
}

test('a program with very many arguments starts children, which have them', async () => {
  const many = Array.from({ length: 5000 }, (_, index) => `argument-number-${index}`)
  const { stdout, stderr } = await runHere(preloading, ['argv', 'none', ...many])
  assert.equal(stdout, `${5000 + 4}\n`, stderr)
})

test('the template has no user code’s events and few threads', async () => {
  await withWords(async (arrived, go) => {
    const { child, template } = await childAndTemplate(arrived.reference, go.reference)
    assert.match(readFileSync(`/proc/${template}/cmdline`, 'utf8'), /template-main/)
    go.set(1)
    await child.join()
  })
  assert.equal(await ask(context, () => process.getActiveResourcesInfo().filter(name => /TCP|Server|FSEvent/.test(name)).length), 0)
})
