import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runProgram } from '../helpers/programs.ts'

const program = new URL('../fixtures/process/circular-program.js', import.meta.url)

for (const [when, execArgv] of [
  ['while it loads', []],
  ['later', []],
  ['later', ['--enable-source-maps']],
] as const) {
  test(`a child that imports the main module all the same may not start its processes ${when} (${execArgv})`, {
    timeout: 30_000,
  }, async () => {
    const { stdout, stderr } = await runProgram(program, [when], { execArgv })
    assert.equal(stdout, 'exit code 1\n')
    assert.match(stderr, /A child process has imported the program's main module \(.*circular-program\.js\), and that starts processes/)
    assert.match(stderr, /code: 'ERR_BOOTSTRAPPING'/)
  })
}
