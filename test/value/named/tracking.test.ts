// What is left at the end of a tree, however it ends.
// CPython: _TestSharedMemory.test_shared_memory_cleaned_after_process_termination, test_shared_memory_untracking, test_shared_memory_tracking.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SharedMemory } from '../../../src/index.ts'
import { isRunning, until } from '../../helpers/conditions.ts'
import { Program, type ProgramEnd } from '../../helpers/programs.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const fixture = new URL('../../fixtures/value/named-program.js', import.meta.url)
const isThere = (name: string): boolean => existsSync(`/dev/shm/${name}`)
const WARNING = /^polyprocess: (\d+) leaked shared memory segments?, .*: (.*) \(.*\)\n$/

const programs: Program[] = []
after(() => {
  for (const program of programs) killAll(program)
})

function killAll(program: Program): void {
  for (const pid of program.processes()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has just ended with its parent.
    }
  }
}

function start(...parameters: string[]): Program {
  const program = new Program(fixture, parameters, { detached: true })
  programs.push(program)
  program.child.stdin.end()
  return program
}

/** Its standard error ends with its tracker. */
async function run(...parameters: string[]): Promise<ProgramEnd & { readonly told: string[]; readonly pid: number }> {
  const program = start(...parameters)
  const end = await program.ended
  await until(() => trackersOf(program.pid).length === 0, 'its tracker has ended')
  return { ...end, pid: program.pid, told: JSON.parse(end.stdout) as string[] }
}

function trackersOf(main: number): number[] {
  const ids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return ids.filter(id => isRunning(id) && isTrackerOf(id, main))
}

function isTrackerOf(pid: number, main: number): boolean {
  try {
    const [program, , of] = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
    return program === 'polyprocess-names' && of === String(main)
  } catch {
    return false
  }
}

/** One warning, which names these and no others. */
function assertWarning(stderr: string, names: readonly string[]): void {
  const [, count, listed] = WARNING.exec(stderr) ?? assert.fail(`no warning: ${JSON.stringify(stderr)}`)
  assert.equal(count, String(names.length))
  assert.deepEqual(listed?.split(', ').sort(), [...names].sort())
}

test('what a program forgets is unlinked at its end, with a warning', async () => {
  for (const [task, exitCode] of [
    ['forget', 0],
    ['forgetByExit', 3],
  ] as const) {
    const { status, stderr, told } = await run(task)
    assert.equal(status, exitCode)
    assertWarning(stderr, told)
    assert.ok(!isThere(told[0] as string))
  }
})

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} for a program and its group: what it made is unlinked, with one warning, and nothing stays`, async () => {
    const program = start('forgetAndStay')
    const names = await program.firstLine<string[]>()
    assert.equal(names.filter(isThere).length, 2)
    assert.equal(trackersOf(program.pid).length, 1)
    process.kill(-program.pid, signal)
    const { stderr } = await program.ended
    assertWarning(stderr, names)
    assert.deepEqual(names.filter(isThere), [])
    await until(() => trackersOf(program.pid).length === 0, 'the tracker has ended', 1000)
  })
}

test('what is unlinked needs no warning', async () => {
  const { stderr, told } = await run('remember')
  assert.equal(stderr, '')
  assert.ok(!isThere(told[0] as string))
})

test('what is not tracked stays, and needs no tracker', async () => {
  const { stderr, told } = await run('untracked')
  assert.equal(stderr, '')
  assert.ok(isThere(told[0] as string))
  SharedMemory.attach(told[0] as string).unlink()
})

test('a name that has become a stranger’s is left alone, and one that is gone needs no warning', async () => {
  const { stderr, told } = await run('stranger')
  assert.equal(stderr, '')
  assert.equal(readFileSync(`/dev/shm/${told[0]}`, 'utf8'), 'a stranger')
  assert.ok(!isThere(told[1] as string))
  unlinkSync(`/dev/shm/${told[0]}`)
})

test('asking for a name that is taken changes nothing about whose it is', async () => {
  const memory = SharedMemory.create({ size: 8, track: false })
  const { stderr, told } = await run('taken', 'spawn', memory.name)
  assert.deepEqual([stderr, told], ['', ['EEXIST']])
  memory.unlink()
  const { name } = SharedMemory.create({ size: 8 })
  assert.throws(() => SharedMemory.create({ size: 8, name }), { code: 'EEXIST' })
  SharedMemory.attach(name).unlink()
})

test('a program that attaches leaves the memory to its makers, unless it says that it is its own', async () => {
  const memory = SharedMemory.create({ size: 8, track: false })
  assert.deepEqual((await run('attach', 'spawn', memory.name)).stderr, '')
  assert.ok(isThere(memory.name))
  const { stderr } = await run('attachTracked', 'spawn', memory.name)
  assertWarning(stderr, [memory.name])
  assert.ok(!isThere(memory.name))
  memory.close()
})

for (const method of ['fork', 'forkserver', 'spawn', 'thread']) {
  test(`${method}: what a child makes outlives it, and is unlinked at the end of the tree`, async () => {
    const { stderr, told, status } = await run('childForgets', method)
    const [name, content] = told as [string, string]
    assert.equal(status, 0)
    assert.equal(content, 'left')
    assert.ok(!isThere(name))
    // A pipe of Node's own is a socket, which only a child that has it as its own standard error can hand on.
    if (method === 'thread') assertWarning(stderr, [name])
    else assert.equal(stderr, '')
  })

  test(`${method}: when the whole tree is killed, what parent and child made is unlinked, with one warning`, async () => {
    const program = start('childForgetsAndStays', method)
    const names = await program.firstLine<string[]>()
    assert.equal(names.filter(isThere).length, 2)
    assert.equal(trackersOf(program.pid).length, 1)
    killAll(program)
    assertWarning((await program.ended).stderr, names)
    assert.deepEqual(names.filter(isThere), [])
    await until(() => trackersOf(program.pid).length === 0, 'the tracker has ended', 1000)
  })
}

test('the warning about what a child made goes where the main process writes its errors', async () => {
  const file = join(temporaryFolder(), 'errors')
  const program = new Program(fixture, ['childForgets', 'spawn'], { shell: `exec 2>${file}` })
  const { stdout } = await program.ended
  await until(() => existsSync(file) && trackersOf(program.pid).length === 0, 'the tracker has ended')
  assertWarning(readFileSync(file, 'utf8'), (JSON.parse(stdout) as string[]).slice(0, 1))
})

for (const method of ['fork', 'forkserver', 'spawn']) {
  test(`${method}: what a child makes while it follows its killed parent is unlinked, too`, async () => {
    const program = start('childOutlives', method)
    const [first] = await program.firstLine<string[]>()
    process.kill(program.pid, 'SIGKILL')
    const { stdout, stderr } = await program.ended
    const told = stdout
      .split('\n')
      .filter(Boolean)
      .flatMap(line => JSON.parse(line) as string[])
    const listed = WARNING.exec(stderr)?.[2]?.split(', ') ?? assert.fail(stderr)
    // It may be killed before it has made its second one, or before it has told of it.
    assert.deepEqual(told.slice(0, 1), [first])
    assert.deepEqual(
      told.filter(name => !listed.includes(name)),
      [],
    )
    assert.deepEqual(listed.filter(isThere), [])
    await until(() => program.processes().length + trackersOf(program.pid).length === 0, 'nothing is left', 5000)
  })
}
