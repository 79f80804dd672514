import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { commandLine, fixture, runMap, start } from './run-program.ts'

/** What a terminal is sent. `script` runs a command on a terminal of its own. */
async function onTerminal(words: readonly string[]): Promise<string> {
  const command = [process.execPath, commandLine, 'map', ...words].map(word => `'${word}'`).join(' ')
  const { child, ended } = start('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'])
  const output = await text(child.stdout)
  assert.equal((await ended).status, 0)
  return output
}

test('map shows no progress when standard error is no terminal', async () => {
  assert.equal((await runMap([fixture('work.mjs'), 'a'])).stderr, '')
})

test('map with --progress shows it elsewhere too, on standard error', async () => {
  const { stdout, stderr } = await runMap(['--progress', fixture('work.mjs'), 'a', 'b'])
  assert.match(stderr, /100% \| 2\/2 items/)
  assert.deepEqual(stdout.length, 4)
})

test('map with --progress counts, when it cannot know how many there will be', async () => {
  const { stderr } = await runMap(['--progress', fixture('work.mjs#failOnThree')], { input: '1\n2\n3\n' })
  assert.match(stderr, /3 items \| .*1 failed/)
})

test('map shows a bar on a terminal, and every result on a line without it', async () => {
  const output = await onTerminal(['--ordered', fixture('work.mjs'), 'a', 'b'])
  assert.match(output, /█.* 100% \| 2\/2 items/)
  assert.ok(output.includes('\r\u001b[KA\r\n'))
  assert.match(output, /B\r\n/)
  assert.ok(!output.includes('\u001b[?'), 'the terminal keeps its modes')
})

test('map with --no-progress shows none on a terminal either', async () => {
  assert.equal(await onTerminal(['--no-progress', fixture('work.mjs'), 'a']), 'A\r\n')
})
