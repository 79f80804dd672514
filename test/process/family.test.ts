// Children and what becomes of them: of their output, of their parent, of their own children.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { getContext } from '../../src/index.ts'
import * as targets from '../fixtures/process/targets.ts'
import { isRunning, until } from '../helpers/conditions.ts'
import { Program, runProgram } from '../helpers/programs.ts'
import { assertNoGrowth, countChildren, resources } from '../helpers/resources.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { withWords } from '../helpers/wait-words.ts'

const folder = temporaryFolder()
const { Process } = getContext('spawn')
const family = new URL('../fixtures/process/family-program.js', import.meta.url)
const failing = new URL('../fixtures/process/failing-program.js', import.meta.url)
const flags = new URL('../fixtures/process/flags-program.js', import.meta.url)
const preload = fileURLToPath(new URL('../fixtures/process/preload.mjs', import.meta.url))
const WITHIN = 1000

for (const target of ['fail', 'failLater', 'failInTimer', 'missing']) {
  test(`an error that nobody catches (${target}) is on standard error with its stack, and the exit code is 1`, async () => {
    const { stdout, stderr } = await runProgram(failing, [target, 'inherit'])
    assert.equal(stdout, '1\n')
    if (target === 'missing') assert.match(stderr, /NotSerializableError: .*targets\.js#missing: the module has no such export/)
    else assert.match(stderr, /TypeError: the message\n {4}at fail(Later)? .*targets\.js/)
    assert.equal((await runProgram(failing, [target, 'ignore'])).stderr, '')
  })
}

test('daemons are ended when the program ends, by itself or by process.exit, even those that do not want to', async () => {
  for (const [mode, status] of [
    ['ends', 0],
    ['exits', 3],
  ] as const) {
    const program = new Program(family, [mode])
    const pids = await program.firstLine<number[]>()
    const end = await program.ended
    assert.deepEqual([end.status, end.signal, end.stderr], [status, null, ''])
    const took = await until(() => !pids.some(isRunning), 'the daemons are gone')
    assert.ok(took < WITHIN, `it took ${took} ms`)
  }
})

test('a child that is no daemon keeps the program running until it has ended', async () => {
  const program = new Program(family, ['waits'])
  const [pid] = await program.firstLine<[number]>()
  assert.ok(isRunning(program.pid))
  process.kill(pid, 'SIGTERM')
  assert.equal((await program.ended).status, 0)
})

test('when the program is killed its children are gone within a second, busy ones and stubborn ones too', async () => {
  const program = new Program(family, ['stays'])
  const pids = await program.firstLine<number[]>()
  program.child.kill('SIGKILL')
  const { stderr } = await program.ended
  const took = await until(() => !pids.some(isRunning), 'the children are gone')
  assert.ok(took < WITHIN, `it took ${took} ms`)
  assert.equal(stderr, '')
})

test('children of a program that is killed while they start end without a word', async () => {
  for (let round = 0; round < 5; round += 1) {
    const program = new Program(family, ['stays'])
    await until(() => program.processes().length >= 2, 'there is a child')
    program.child.kill('SIGKILL')
    const { stderr } = await program.ended
    const took = await until(() => program.processes().length === 0, 'all processes are gone')
    assert.ok(took < WITHIN + 500, `it took ${took} ms`)
    assert.equal(stderr, '')
  }
})

test('a child has the arguments, variables and flags of its parent, a parent’s pid, and no channel of Node’s', async () => {
  const file = join(folder, 'described')
  const child = await new Process({ target: targets.describe, args: [file], env: { NEW: 'é', PATH: undefined } }).start()
  await child.join()
  const seen = JSON.parse(readFileSync(file, 'utf8')) as typeof process & { connected: boolean | null }
  assert.deepEqual(seen.argv, process.argv)
  assert.deepEqual([seen.env.NEW, seen.env.PATH, seen.env.HOME, seen.env.NODE_CHANNEL_FD], ['é', undefined, process.env.HOME, undefined])
  assert.deepEqual([seen.pid, seen.ppid, seen.connected], [child.pid, process.pid, null])
})

const inherited: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['--import and its module', ['--import', preload], ['--import', preload]],
  ['conditions', ['--conditions=mine', '-C', 'other', '--no-warnings'], ['--conditions=mine', '-C', 'other', '--no-warnings']],
  ['no debugger', ['--inspect=127.0.0.1:0', '--inspect-port', '0', '--no-warnings'], ['--no-warnings']],
  [
    'no test runner',
    ['--test-only', '--no-warnings', '--test-reporter', 'tap', '--test-name-pattern=x', '--import', preload],
    ['--no-warnings', '--import', preload],
  ],
]
for (const [name, given, expected] of inherited) {
  test(`a child’s node is started with ${name}`, async () => {
    const { stdout } = await runProgram(flags, [join(folder, 'flags')], { execArgv: given })
    const seen = JSON.parse(stdout) as { exitCode: number; execArgv: string[] }
    assert.deepEqual([seen.exitCode, seen.execArgv], [0, expected])
  })
}

test('the flags that are given replace those of the parent', async () => {
  const file = join(folder, 'given')
  const child = await new Process({ target: targets.describe, args: [file], execArgv: ['--stack-size=900'] }).start()
  await child.join()
  assert.deepEqual((JSON.parse(readFileSync(file, 'utf8')) as { execArgv: string[] }).execArgv, ['--stack-size=900'])
})

test('a child starts processes and pools of its own', async () => {
  const file = join(folder, 'others')
  const child = await new Process({ target: targets.startOthers, args: [file], name: 'Outer-7' }).start()
  await child.join()
  assert.equal(child.exitCode, 0)
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { name: 'Process-7:1', exitCode: 0, largest: 8 })
  const inner = JSON.parse(readFileSync(`${file}.inner`, 'utf8')) as { ppid: number }
  assert.equal(inner.ppid, child.pid)
})

test('the children of a child that is killed end within a second, and nothing of them stays in the arena', () =>
  withWords(async arrived => {
    const before = checkArena(arena())
    const child = await new Process({ target: targets.abandon, args: [arrived.reference] }).start()
    await child.join()
    assert.equal(child.exitCode, -9)
    const cleanUp = async (): Promise<boolean> => {
      const next = await new Process().start() // Whoever starts or ends one next looks after orphans.
      await next.join()
      const { blocks, slotsInUse } = checkArena(arena())
      return blocks === before.blocks && slotsInUse === before.slotsInUse
    }
    const start = performance.now()
    while (!(await cleanUp())) assert.ok(performance.now() - start < 5000, 'the orphans’ slots and blocks come back')
    assert.deepEqual(checkArena(arena()).problems, [])
  }))

test('a hundred starts leave no descriptor, thread, child or mapping, and no block', async () => {
  const start = async (): Promise<void> => {
    const children = await Promise.all([1, 2, 3, 4, 5].map(() => new Process({ target: targets.nothing, daemon: true }).start()))
    // Not all of them need to come up for their traces to be looked for.
    for (const child of children.slice(0, 4)) child.kill()
    for (const child of children) await child.join()
  }
  await start()
  const before = resources()
  const { bytes, slotsInUse } = checkArena(arena())
  for (let round = 0; round < 20; round += 1) await start()
  assert.equal(countChildren(), 0)
  await assertNoGrowth(before)
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.bytes, after.slotsInUse], [[], bytes, slotsInUse])
})
