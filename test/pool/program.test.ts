import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool } from '../../src/pool/pool.ts'
import * as work from '../fixtures/pool/work.ts'
import { isRunning, until } from '../helpers/conditions.ts'
import { Program, runProgram } from '../helpers/programs.ts'

const tree = new URL('../fixtures/pool/tree-program.js', import.meta.url)
const WITHIN = 1000

test('a program ends by itself although its pool is open and idle', async () => {
  const start = performance.now()
  const { status, stdout, stderr } = await runProgram(new URL('../fixtures/pool/idle-program.js', import.meta.url))
  assert.deepEqual([status, stdout, stderr], [0, '36\n', ''])
  assert.ok(performance.now() - start < 10_000)
})

for (const mode of ['idle', 'busy']) {
  test(`when a program with ${mode} workers is killed, they are gone within a second`, async () => {
    const program = new Program(tree, [mode])
    const pids = await program.firstLine<number[]>()
    assert.ok(pids.every(isRunning))
    program.child.kill('SIGKILL')
    await program.ended
    const took = await until(() => program.processes().length === 0, 'all processes are gone')
    assert.ok(took < WITHIN, `it took ${took} ms`)
  })

  test(`Ctrl-C ends a program with ${mode} workers within a second, without a word`, async () => {
    const program = new Program(tree, [mode], { detached: true })
    await program.firstLine()
    process.kill(-program.pid, 'SIGINT')
    const { signal, stderr } = await program.ended
    assert.deepEqual([signal, stderr], ['SIGINT', ''])
    const took = await until(() => program.processes().length === 0, 'all processes are gone')
    assert.ok(took < WITHIN, `it took ${took} ms`)
  })
}

test('a program that handles Ctrl-C can still use its workers', async () => {
  const program = new Program(tree, ['handles-interrupt'], { detached: true })
  await program.firstLine()
  process.kill(-program.pid, 'SIGINT')
  const { status, stdout, stderr } = await program.ended
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, /36\n$/)
  await until(() => program.processes().length === 0, 'all processes are gone')
})

test('workers get the variables and flags that the pool is given, and no channel of Node’s', async () => {
  const pool = new Pool({ processes: 1, env: { POOL_TEST: 'é', PATH: undefined }, execArgv: ['--no-warnings'] })
  try {
    assert.equal(await pool.apply(work.environment, ['POOL_TEST']), 'é')
    assert.equal(await pool.apply(work.environment, ['PATH']), undefined)
    const described = await pool.apply(work.describeProcess)
    assert.deepEqual(described.execArgv, ['--no-warnings'])
    assert.deepEqual(described.argv, process.argv)
    assert.doesNotMatch(described.descriptors, /NODE_CHANNEL/)
  } finally {
    await pool[Symbol.asyncDispose]()
  }
})

test('what somebody puts on Object.prototype is read as no option and does no harm', async () => {
  const polluted = {
    processes: 3,
    env: 5,
    execArgv: ['--no-such-flag'],
    chunkSize: -1,
    maxPending: -1,
    timeout: -1,
    cwd: '/nowhere',
    processGroup: 1,
    url: 1,
    sync: 1,
  }
  for (const [key, value] of Object.entries(polluted))
    Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true })
  try {
    const pool = new Pool({})
    assert.deepEqual(await pool.map(work.square, [1, 2, 3]), [1, 4, 9])
    const collected: number[] = []
    for await (const value of pool.imap(work.square, [1, 2, 3])) collected.push(value)
    assert.deepEqual(collected, [1, 4, 9])
    await assert.rejects(pool.apply(work.failOn, [1, 1]), { message: 'no 1' })
    pool.close()
    assert.equal(await pool.join(), true)
  } finally {
    for (const key of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[key]
  }
})
