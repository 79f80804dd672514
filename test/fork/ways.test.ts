// Where the three ways to fork differ, and what is around them: output, warnings, coverage, refusals.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fork } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { forkSupport } from '../../src/fork/support.ts'
import { Program, runProgram } from '../helpers/programs.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { fine, play, playLoudly, ways } from './scenes.ts'

const scenes = new URL('../fixtures/fork/scene-program.js', import.meta.url)
const coverage = new URL('../fixtures/fork/coverage-program.js', import.meta.url)

test('fork is available', () => {
  assert.deepEqual(forkSupport(), { available: true, reason: null })
})

test('after a fork that unwinds, neither catch nor finally nor promise jobs nor ticks of the parent run in the child', async () => {
  assert.deepEqual(await play('unwinding', []), ['in the child', fine])
})

test('forking works from every kind of callback', async () => {
  const places = ['timeout', 'interval', 'immediate', 'tick', 'job', 'file', 'signal', 'socket']
  assert.deepEqual(
    await play('places', []),
    places.flatMap(place => [`${place} now`, `${place} unwinding`]),
  )
})

for (const way of ways) {
  test(`what the parent had not yet written is written once, also when the pipe is full (${way})`, async () => {
    const lines = 300
    const program = new Program(scenes, ['output', way, String(lines)])
    program.child.stdin.end()
    const { status, stdout, stderr } = await program.ended
    assert.deepEqual([status, stderr], [0, ''])
    // Two processes write: what the child says may stand in the middle of a line that the pipe took in parts.
    const [before, after, ...more] = stdout.split('child\n')
    assert.deepEqual([typeof after, more], ['string', []])
    const written = `${before}${after}`
      .split('\n')
      .filter(Boolean)
      .map(line => line.replace(/ x+$/, ''))
    const expected = [...Array.from({ length: lines }, (_, line) => `parent ${line}`), JSON.stringify(fine)]
    assert.deepEqual(written, expected)
  })

  test(`the channel to the program that started the parent is closed for the child and open for the parent (${way})`, async () => {
    const program = fork(fileURLToPath(scenes), ['channel', way], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const messages: unknown[] = []
    program.on('message', message => messages.push(message))
    assert.ok(program.stdout && program.stderr)
    const [stdout, stderr, [status]] = await Promise.all([text(program.stdout), text(program.stderr), once(program, 'exit')])
    assert.deepEqual([status, stderr, messages], [0, '', ['from the parent']])
    assert.deepEqual(JSON.parse(stdout), { connected: false, code: 'ERR_IPC_CHANNEL_CLOSED' })
  })

  test(`a parent that runs Workers is warned, once, and the child is not (${way})`, async () => {
    const { said, stderr } = await playLoudly('warning', [way], { execArgv: ['--trace-uncaught'] })
    const warnings = said.filter(line => typeof line === 'object' && line !== null && 'code' in line)
    assert.deepEqual(warnings, [{ code: 'POLYPROCESS_FORK_WITH_WORKERS', isParent: true }])
    assert.equal(said.length, 3)
    assert.match(stderr, /runs 1 Worker and was forked\. .*the child may hang/)
  })

  test(`a parent whose loader hooks run in a thread is warned (${way})`, async () => {
    const { said, stderr } = await playLoudly('loaderThread', [way], { execArgv: ['--no-deprecation'] })
    assert.deepEqual(said, [{ code: 'POLYPROCESS_FORK_WITH_LOADER_THREAD', isParent: true }, fine])
    assert.match(stderr, /an import\(\) of a new module will not come to an end there/)
  })

  test(`parent and child each write their coverage (${way})`, async () => {
    const reports = temporaryFolder()
    const { stdout } = await runProgram(coverage, [way], { env: { NODE_V8_COVERAGE: reports } })
    const { pid } = JSON.parse(stdout.split('\n')[0] as string) as { pid: number }
    const files = readdirSync(reports)
    assert.equal(files.length, 2, files.join())
    assert.ok(files.some(file => file.startsWith(`coverage-${pid}-`)))
  })
}
