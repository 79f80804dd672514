// How a program's end is its children's: some are waited for, some are ended, and nobody outlives it.
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { isRunning, until } from '../helpers/conditions.ts'
import { ALL, answerFile, PROCESSES, perMethod, startProgram, runHere } from './methods.ts'

const ending = new URL('../fixtures/process/ending-program.js', import.meta.url)
const deep = new URL('../fixtures/context/deep-program.js', import.meta.url)
const WITHIN = 1000

for (const [mode, how, status] of [
  ['ends', 'its module is over', 0],
  ['exits', 'it calls process.exit()', 3],
] as const) {
  perMethod(ALL, `a child that is no daemon is waited for when ${how}`, async (_, method) => {
    const file = answerFile()
    const program = startProgram(ending, [method, mode, file])
    await program.firstLine()
    assert.ok(isRunning(program.pid))
    writeFileSync(file, 'go')
    const end = await program.ended
    assert.deepEqual([end.status, end.signal, end.stderr], [status, null, ''])
    assert.ok(existsSync(`${file}.done`), 'the child has done its work')
    await until(() => program.processes().length === 0, 'nobody is left')
  })
}

/** The error as Node prints it: the line of source with its mark, the stack, its version. */
const LAST_WORDS =
  /^\n?file:.*ending-program\.js:\d+\n.*throw new Error\('the end'\);?\n +\^\n\nError: the end\n( +at .*\n)+\nNode\.js v.*\n$/

perMethod(PROCESSES, 'an error that nobody caught is printed before children are waited for, once', async (_, method) => {
  const file = answerFile()
  const program = startProgram(ending, [method, 'waits-throws', file])
  await program.firstLine()
  await until(() => program.stderr.includes('Node.js v'), 'the error is printed')
  assert.ok(isRunning(program.pid))
  writeFileSync(file, 'go')
  const end = await program.ended
  assert.deepEqual([end.status, end.signal], [1, null])
  assert.match(end.stderr, LAST_WORDS)
  assert.ok(existsSync(`${file}.done`), 'the child has done its work')
  await until(() => program.processes().length === 0, 'nobody is left')
})

perMethod(ALL, 'a program that fails waits for its children, threads too', async (_, method) => {
  const file = answerFile()
  const program = startProgram(ending, [method, 'waits-throws', file])
  await program.firstLine()
  writeFileSync(file, 'go')
  const end = await program.ended
  assert.deepEqual([end.status, end.signal, existsSync(`${file}.done`)], [1, null, true])
  assert.match(end.stderr, LAST_WORDS)
})

for (const listens of [false, true]) {
  perMethod(
    PROCESSES,
    `Ctrl-C ends that wait${listens ? ' of a program that listens to it' : ''}, and nobody is left`,
    async (_, method) => {
      const program = startProgram(ending, [method, `${listens ? 'listens-' : ''}waits-throws`, answerFile()])
      await program.firstLine()
      await until(() => program.stderr.includes('Node.js v'), 'the error is printed')
      program.child.kill('SIGINT')
      const end = await program.ended
      assert.deepEqual([end.status, end.signal], [null, 'SIGINT'])
      assert.match(end.stderr, LAST_WORDS)
      await until(() => program.processes().length === 0, 'nobody is left')
    },
  )
}

for (const [mode, how, status] of [
  ['daemons', 'its module is over', 0],
  ['daemons-exits', 'it calls process.exit()', 3],
  ['daemons-throws', 'an error ends it', 1],
] as const) {
  perMethod(ALL, `daemons end when ${how}, busy and stubborn ones too`, async (_, method) => {
    const program = startProgram(ending, [method, mode])
    await program.firstLine()
    const end = await program.ended
    assert.deepEqual([end.status, end.signal], [status, null], end.stderr)
    assert.equal(end.stderr.includes('the end'), status === 1)
    const took = await until(() => program.processes().length === 0, 'the daemons are gone')
    assert.ok(took < WITHIN, `it took ${took} ms`)
  })
}

for (const [mode, status] of [
  ['exits', 3],
  ['throws', 1],
] as const) {
  perMethod(ALL, `a program that ${mode} before its start() has settled ends all the same`, async (_, method) => {
    const program = startProgram(ending, [method, `unsettled-${mode}`])
    const end = await program.ended
    assert.deepEqual([end.status, end.signal], [status, null], end.stderr)
    assert.equal(end.stderr.includes('the end'), mode === 'throws')
    await until(() => program.processes().length === 0, 'nobody is left')
  })
}

for (const mode of ['daemons-stay', 'others-stay']) {
  perMethod(ALL, `when a program with ${mode.replace('-stay', '')} is killed nobody survives it for a second`, async (_, method) => {
    const program = startProgram(ending, [method, mode])
    await program.firstLine()
    program.child.kill('SIGKILL')
    const { stderr, signal } = await program.ended
    assert.deepEqual([stderr, signal], ['', 'SIGKILL'])
    const took = await until(() => program.processes().length === 0, 'the children are gone')
    assert.ok(took < WITHIN, `it took ${took} ms`)
  })
}

perMethod(PROCESSES, 'a program that is killed while it starts children leaves nobody, and no word', async (_, method) => {
  for (let round = 0; round < 5; round += 1) {
    const program = startProgram(ending, [method, 'others-stay'])
    await until(() => program.processes().length >= 2, 'there is a child')
    program.child.kill('SIGKILL')
    assert.equal((await program.ended).stderr, '')
    const took = await until(() => program.processes().length === 0, 'all processes are gone')
    assert.ok(took < WITHIN + 500, `it took ${took} ms`)
  }
})

perMethod(
  ALL,
  'a program whose children have children is killed, or one of these in the middle: nobody below survives',
  async (_, method) => {
    const killed = startProgram(deep, [method, 'stays'])
    const [, , lowest] = await killed.firstLine<number[]>()
    assert.ok(isRunning(lowest as number))
    killed.child.kill('SIGKILL')
    await killed.ended
    const took = await until(() => killed.processes().length === 0, 'the whole tree is gone')
    assert.ok(took < 2 * WITHIN, `it took ${took} ms`)
  },
)

perMethod(PROCESSES, 'when a child is killed its own children end, and the program goes on', async (_, method) => {
  const { status, stdout, stderr } = await runHere(deep, [method, 'kills'])
  assert.equal(status, 0, stderr)
  assert.equal(stdout.split('\n').at(-2), '-9 gone')
})
