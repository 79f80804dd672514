import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { commandLine, fixture, start } from './run-program.ts'

// Two items at once: one that is done and says so, and one that never ends.
const HANGING = [commandLine, 'map', '--jobs', '2', fixture('work.mjs#hang'), 'quick', 'slow']

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`map ends on ${signal} with status ${status}, one line and no process left`, async () => {
    const { child, ended } = start(process.execPath, HANGING)
    await once(child.stdout, 'data')
    child.kill(signal)
    const end = await ended
    assert.equal(end.status, status)
    assert.equal(end.stderr, `polyprocess map: stopped by ${signal}: 1 succeeded, 0 failed\n`)
  })
}

test('map ends in the same way when Ctrl-C reaches all of its processes', async () => {
  const { child, ended } = start(process.execPath, HANGING, { detached: true })
  await once(child.stdout, 'data')
  process.kill(-(child.pid as number), 'SIGINT')
  const end = await ended
  assert.equal(end.status, 130)
  assert.match(end.stderr, /^polyprocess map: stopped by SIGINT: .*\n$/)
})

test('map ends on SIGINT while it waits for standard input', async () => {
  const { child, ended } = start(process.execPath, [commandLine, 'map', fixture('work.mjs')])
  child.stdin.write('one\n')
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  assert.equal((await ended).status, 130)
})

test('map prints each result before the next line of standard input has come', async () => {
  for (const order of [[], ['--ordered']]) {
    const { child, ended } = start(process.execPath, [commandLine, 'map', ...order, fixture('work.mjs')])
    for (const word of ['one', 'two', 'three']) {
      child.stdin.write(`${word}\n`)
      const [line] = await once(child.stdout, 'data')
      assert.equal(String(line), `${word.toUpperCase()}\n`)
    }
    child.stdin.end()
    assert.equal((await ended).status, 0)
  }
})

test('map in a pipe ends quietly when its reader has had enough, although its input is endless', async () => {
  const script = `yes | "$0" "$@" | head -n 2; echo "\${PIPESTATUS[1]}"`
  const { child, ended } = start('bash', ['-c', script, process.execPath, commandLine, 'map', fixture('work.mjs')])
  assert.equal(await text(child.stdout), 'Y\nY\n141\n')
  assert.deepEqual(await ended, { status: 0, stderr: '' })
})
