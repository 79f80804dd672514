// What a child writes, and what it is started with: streams, variables, flags, a debugger, coverage.
// CPython: _TestSubclassingProcess.test_stderr_flush.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { Process } from '../../src/index.ts'
import { giveAnswer } from '../fixtures/process/answers.ts'
import * as targets from '../fixtures/process/targets.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, answerFile, FRESH, PROCESSES, perMethod, readAnswer, runHere } from './methods.ts'

const folder = temporaryFolder()
const failing = new URL('../fixtures/process/failing-program.js', import.meta.url)
const writing = new URL('../fixtures/process/writing-program.js', import.meta.url)

for (const stream of ['stdout', 'stderr'] as const) {
  perMethod(ALL, `${stream} 'pipe' is what the child writes, to its end`, async context => {
    const child = new context.Process({
      target: (name: 'stdout' | 'stderr') => {
        for (let line = 0; line < 2000; line += 1) process[name].write(`${line} ${'é'.repeat(100)}\n`)
        return new Promise<void>(resolve => process[name].write('last', () => resolve()))
      },
      args: [stream],
      [stream]: 'pipe',
    })
    await child.start()
    const written = text(child[stream] as NonNullable<typeof child.stdout>)
    const lines = (await written).split('\n')
    assert.deepEqual([lines.length, lines[1999], lines[2000]], [2001, `1999 ${'é'.repeat(100)}`, 'last'])
    assert.equal(await child.join(), true)
    assert.equal(child.exitCode, 0)
  })
}

perMethod(ALL, 'streams are null unless they are piped', async context => {
  const child = new context.Process({ target: targets.nothing, stdout: 'ignore', stderr: 'inherit' })
  await child.start()
  assert.deepEqual([child.stdout, child.stderr], [null, null])
  await child.join()
})

perMethod(ALL, 'the streams of a child that is killed end', context =>
  withWords(async arrived => {
    const child = await new context.Process({ target: targets.stay, args: [arrived.reference], stdout: 'pipe', stderr: 'pipe' }).start()
    await reached(arrived, 1)
    const both = Promise.all([text(child.stdout as never), text(child.stderr as never)])
    child.kill()
    assert.deepEqual(await both, ['', ''])
    await child.join()
    assert.equal(child.exitCode, -9)
  }),
)

perMethod(ALL, 'an error that nobody catches is on the piped standard error, with all of its stack', async context => {
  const child = await new context.Process({ target: targets.fail, args: ['the message'], stderr: 'pipe' }).start()
  const written = await text(child.stderr as never)
  await child.join()
  assert.equal(child.exitCode, 1)
  assert.match(written, /TypeError: the message\n {4}at fail .*targets\.js/)
})

perMethod(ALL, 'an error that nobody catches is on standard error, once, and the exit code is 1', async (_, method) => {
  for (const target of ['fail', 'failLater', 'failInTimer']) {
    const { stdout, stderr, status } = await runHere(failing, [target, 'inherit', method])
    assert.deepEqual([stdout, status], ['1\n', 0], target)
    assert.match(stderr, /TypeError: the message\n {4}at fail(Later)? .*targets\.js/)
    assert.equal(stderr.match(/TypeError: the message/g)?.length, 1)
    assert.equal((await runHere(failing, [target, 'ignore', method])).stderr, '')
  }
})

perMethod(ALL, 'what parent and child write is written once, whoever writes first', async (_, method) => {
  const { stdout, status } = await runHere(writing, [method])
  assert.equal(status, 0)
  assert.deepEqual(stdout.split('\n').filter(Boolean).sort(), ['after', 'before', 'child', 'end'])
  assert.ok(stdout.startsWith('before\n') && stdout.endsWith('end\n'), stdout)
})

perMethod(ALL, 'variables of the environment are added and removed', async context => {
  const file = answerFile()
  const options = { env: { NEW: 'é', PATH: undefined } }
  const question = (): unknown => [process.env.NEW, process.env.PATH ?? 'none', process.env.HOME]
  const child = await new context.Process({ target: giveAnswer, args: [file, question, []], ...options }).start()
  await child.join()
  assert.deepEqual(readAnswer(file), ['é', 'none', process.env.HOME])
  assert.deepEqual([process.env.NEW, typeof process.env.PATH], [undefined, 'string'])
})

perMethod(ALL, 'a variable that was set before the start is there', async context => {
  process.env.POLYPROCESS_SET_BEFORE = 'yes'
  try {
    const file = answerFile()
    const child = await new context.Process({ target: giveAnswer, args: [file, () => process.env.POLYPROCESS_SET_BEFORE, []] }).start()
    await child.join()
    assert.equal(readAnswer(file), 'yes')
  } finally {
    delete process.env.POLYPROCESS_SET_BEFORE
  }
})

perMethod(ALL, 'the working directory is the parent’s as it is at the start', async context => {
  const before = process.cwd()
  const file = answerFile()
  process.chdir(folder)
  try {
    const child = await new context.Process({ target: giveAnswer, args: [file, () => process.cwd(), []] }).start()
    await child.join()
    assert.equal(readAnswer(file), process.cwd())
  } finally {
    process.chdir(before)
  }
})

perMethod(FRESH, 'the flags that are given replace those of the parent', async context => {
  const file = answerFile()
  const child = new context.Process({ target: giveAnswer, args: [file, () => process.execArgv, []], execArgv: ['--conditions=mine'] })
  await child.start()
  await child.join()
  assert.deepEqual(readAnswer(file), ['--conditions=mine'])
})

perMethod(['fork'], 'flags for a forked child are refused: it has those of its parent', async context => {
  await assert.rejects(new context.Process({ execArgv: ['--conditions=mine'] }).start(), /execArgv/)
})

perMethod(PROCESSES, 'a debugger can be attached to a child, at a port that is given or found', async context => {
  for (const inspectPort of ['auto', await freePort()] as const) {
    const file = answerFile()
    const question = (): unknown => process.getBuiltinModule('node:inspector').url() ?? 'none'
    const child = new context.Process({ target: giveAnswer, args: [file, question, []], inspectPort, stderr: 'pipe' })
    await child.start()
    const written = await text(child.stderr as never)
    await child.join()
    const [, url, port] = /Debugger listening on (ws:\/\/127\.0\.0\.1:(\d+)\/\S+)/.exec(written) ?? []
    assert.equal(readAnswer(file), url, written)
    if (inspectPort !== 'auto') assert.equal(Number(port), inspectPort)
    assert.equal(process.getBuiltinModule('node:inspector').url(), undefined)
  }
})

perMethod(ALL, 'under NODE_V8_COVERAGE a child writes its coverage, also after process.exit()', async (_, method) => {
  const covered = join(folder, `coverage-of-${method}`)
  mkdirSync(covered)
  const { stdout, status, stderr } = await runHere(writing, [method, 'exits'], { env: { NODE_V8_COVERAGE: covered } })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /child/)
  const files = readdirSync(covered)
  const written = files.filter(name => {
    const { result } = JSON.parse(readFileSync(join(covered, name), 'utf8')) as Coverage
    return result.some(script => script.url.endsWith('/targets.js') && script.functions.some(wasCalled))
  })
  assert.equal(written.length, 1, `one of ${files.length} files is the child’s`)
})

interface Coverage {
  readonly result: readonly { readonly url: string; readonly functions: readonly CoveredFunction[] }[]
}
interface CoveredFunction {
  readonly functionName: string
  readonly ranges: readonly { readonly count: number }[]
}

/** Only the child calls it. */
function wasCalled({ functionName, ranges }: CoveredFunction): boolean {
  return functionName === 'writeToStdout' && (ranges[0]?.count ?? 0) > 0
}

test('a bad port for a debugger is told', () => {
  for (const inspectPort of [-1, 65_536, 1.5]) assert.throws(() => new Process({ inspectPort }), RangeError)
  assert.throws(() => new Process({ inspectPort: 'any' as 'auto' }), TypeError)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
