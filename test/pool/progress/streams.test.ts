import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { openMeter } from '../../../src/pool/progress/meter.ts'
import { runProgram } from '../../helpers/programs.ts'
import { Written } from './outputs.ts'

const program = new URL('../../fixtures/watching/metered-program.js', import.meta.url)

test('a program loads nothing for its bars until it draws one', async () => {
  const end = await runProgram(program, ['loads'])
  assert.deepEqual([end.status, end.stdout], [0, 'false false true\n'], end.stderr)
})

test('a meter that nobody ends does not keep its program running', async () => {
  const end = await runProgram(program, ['forgets'])
  assert.deepEqual([end.status, end.stderr], [0, ''])
})

test('nobody need read what is written', async () => {
  const child = spawn(process.execPath, [fileURLToPath(program), 'is-not-read'])
  const output = text(child.stdout)
  const exit = once(child, 'exit')
  child.stderr.destroy()
  await once(child.stderr, 'close')
  child.stdin.end('closed\n')
  assert.deepEqual(await exit, [0, null])
  assert.equal(await output, 'went on\n')
})

test('a stream that has ended is not written to', async () => {
  const output = new Written()
  const meter = openMeter({ output }, 1)
  output.end()
  await once(output, 'finish')
  meter.end()
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(output.text, '')
})

test('a stream is let go of when the last meter on it is over', async () => {
  const output = new Written()
  const meters = [openMeter({ output }, 1), openMeter({ output }, 1)]
  assert.equal(output.listenerCount('error'), 1)
  for (const meter of meters) meter.end()
  for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve))
  assert.equal(output.listenerCount('error'), 0)
})

test('the failure of a stream is its owner’s, if there is one that listens', async () => {
  const failure = Object.assign(new Error('no room'), { code: 'ENOSPC' })
  const output = new Writable({ write: (_chunk, _encoding, callback) => callback(failure) })
  const told = once(output, 'error') as Promise<unknown>
  const seen: unknown[] = []
  output.on('error', error => seen.push(error))
  const meter = openMeter({ output }, 1)
  meter.end()
  await told.catch(() => {})
  assert.deepEqual(seen, [failure])
})
