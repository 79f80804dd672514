// Where descriptors, time or pieces of messages are missing.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { wait, waitSync } from '../../../src/index.ts'
import { runProgram } from '../../helpers/programs.ts'
import { assertNoGrowth, resources } from '../../helpers/resources.ts'
import { prepare, withPipe } from '../pipes.ts'

const library = new URL('../../../src/index.js', import.meta.url)

test('a call that cannot wait takes nothing later: no message is lost, and what has begun is sent to its end', async () => {
  const program = new URL('../../fixtures/connection/no-watch-program.js', import.meta.url)
  const { stdout, stderr, status } = await runProgram(program, [], { shell: 'ulimit -n 200' })
  const failed = 'MultiprocessingError EMFILE'
  assert.deepEqual([stdout, stderr, status], [`${failed}\nfirst\nsecond\n${failed}\n3000000 after\n`, '', 0])
})

test('a pipe that there are no descriptors for says so, and what to do', async () => {
  const program = new URL('../../fixtures/connection/no-pipe-program.js', import.meta.url)
  const { stdout, stderr, status } = await runProgram(program, [], { shell: 'ulimit -n 200' })
  const [told, cause, after] = stdout.split('\n')
  assert.match(
    String(told),
    /^MultiprocessingError EMFILE A pipe could not be made: it takes two descriptors, .* raise the limit: ulimit -n/,
  )
  assert.deepEqual([cause, after, stderr, status], ['EMFILE socketpair', 'hello', '', 0])
})

test('a peer that sends byte by byte makes no blocking call longer than its time', async () => {
  prepare()
  const drip = `
    const { writeSync } = require('node:fs')
    const { parentPort, workerData: fd } = require('node:worker_threads')
    const header = Buffer.from([0, 0, 16, 0])
    writeSync(fd, header)
    parentPort.postMessage('begun')
    setInterval(() => writeSync(fd, 'x'), 2)`
  await withPipe(async (here, there) => {
    const worker = new Worker(drip, { eval: true, workerData: there.fileno() })
    await once(worker, 'message')
    const start = performance.now()
    assert.throws(() => here.recvBytesSync({ timeout: 200 }), { name: 'TimeoutError' })
    // All of it would take 8 s.
    assert.ok(performance.now() - start < 4000)
    await worker.terminate()
  })
})

test('wait() says that a connection is ready of which a part of a message is here already', async () => {
  await withPipe(async (here, there) => {
    writeSync(there.fileno(), Buffer.from([0, 0, 0, 2]))
    await assert.rejects(here.recvBytes({ timeout: 1 }), { name: 'TimeoutError' })
    assert.equal(here.tryPoll(), true)
    assert.deepEqual(await wait([here], { timeout: 0 }), [here])
    assert.deepEqual(waitSync([here], { timeout: 0 }), [here])
    writeSync(there.fileno(), 'ab')
    assert.equal((await here.recvBytes()).length, 2)
  })
})

test('what waits to be sent in a Worker is closed when it is ended', async () => {
  prepare()
  const program = `
    const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(library.href)}).then(({ Pipe }) => {
      const [full, kept] = Pipe()
      const [sent, other] = Pipe()
      globalThis.held = [kept, other]
      full.sendBytes(new Uint8Array(3_000_000)).catch(() => {})
      full.send([sent, new Uint8Array(100_000)]).catch(() => {})
      parentPort.postMessage('waiting')
      setInterval(() => {}, 1000)
    })`
  const before = resources()
  for (let round = 0; round < 3; round += 1) {
    const worker = new Worker(program, { eval: true })
    await once(worker, 'message')
    await worker.terminate()
  }
  await assertNoGrowth(before)
})
