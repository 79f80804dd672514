import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from '../../helpers/programs.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const program = new URL('../../fixtures/watching/traced-program.js', import.meta.url)
const folder = temporaryFolder()

interface Event {
  readonly ph: string
}

function tasksIn(text: string): Event[] {
  return (JSON.parse(text) as Event[]).filter(({ ph }) => ph === 'X')
}

for (const [mode, status] of [
  ['ends', 0],
  ['exits', 3],
  ['throws', 1],
] as const) {
  test(`a trace that nobody stops is complete when the program ${mode}`, async () => {
    const file = join(folder, `${mode}.json`)
    const end = await runProgram(program, [mode, file])
    assert.equal(end.status, status, end.stderr)
    assert.equal(tasksIn(readFileSync(file, 'utf8')).length, 10)
  })
}

test('the trace of a program that was killed lacks its end, and can be loaded', async () => {
  const file = join(folder, 'dies.json')
  const end = await runProgram(program, ['dies', file])
  assert.equal(end.signal, 'SIGKILL')
  const text = readFileSync(file, 'utf8')
  assert.throws(() => JSON.parse(text), SyntaxError)
  assert.ok(tasksIn(`${text}]`).length > 1000)
})

test('a trace that has no room ends with a whole event, and the program goes on with a warning', async () => {
  const file = join(folder, 'fails.json')
  const end = await runProgram(program, ['fails', file], { shell: 'ulimit -f 100' })
  assert.equal(end.status, 0, end.stderr)
  assert.match(end.stderr, /PoolWarning: A failure in a pool that nobody observed/)
  assert.ok(end.stderr.includes(`The trace cannot be written to ${file}: EFBIG`), end.stderr)
  const text = readFileSync(file, 'utf8')
  const tasks = tasksIn(text.trimEnd().endsWith(']') ? text : `${text}]`)
  assert.ok(tasks.length > 100 && tasks.length < 5000)
})

test('a forked child leaves its parent’s trace alone', async () => {
  const file = join(folder, 'forks.json')
  const end = await runProgram(program, ['forks', file])
  assert.equal(end.status, 0, end.stderr)
  assert.equal(tasksIn(readFileSync(file, 'utf8')).length, 10)
})
