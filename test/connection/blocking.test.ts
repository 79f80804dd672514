// Blocked threads: who waits in a blocking call goes on with what comes, and can be broken off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { InterruptedError, Lock } from '../../src/index.ts'
import { perMethod, PROCESSES } from '../process/methods.ts'
import type { AnyConnection } from './pipes.ts'

const library = new URL('../../src/index.js', import.meta.url)

for (const call of ['recvSync', 'recvBytesSync', 'pollSync', 'sendSync'] as const) {
  perMethod(PROCESSES, `a signal's handler ends ${call}() of a child that has one`, async context => {
    const [mine, theirs] = context.Pipe()
    const child = new context.Process({
      target: async (connection: AnyConnection, name: typeof call) => {
        process.on('SIGUSR2', () => {})
        await connection.send(process.pid)
        try {
          if (name !== 'sendSync') connection[name]()
          for (;;) connection.sendSync('x'.repeat(200_000))
        } catch (error) {
          if (error instanceof InterruptedError) process.exit(7)
          throw error
        }
      },
      args: [theirs, call],
    })
    await child.start()
    theirs.close()
    const pid = (await mine.recv()) as number
    const timer = setInterval(() => {
      try {
        process.kill(pid, 'SIGUSR2')
      } catch {
        // It has ended.
      }
    }, 20)
    await child.join()
    clearInterval(timer)
    assert.equal(child.exitCode, 7)
    mine.close()
  })
}

test('a thread that blocks can be terminated', async () => {
  for (const call of ['recvSync()', 'pollSync()', 'sendSync("x".repeat(2e7))', 'sendBytesSync(new Uint8Array(2e7))']) {
    const program = `
      const { parentPort } = require('node:worker_threads')
      import(${JSON.stringify(library.href)}).then(({ Pipe }) => {
        const [mine] = globalThis.ends = Pipe()
        parentPort.postMessage('ready')
        setImmediate(() => mine.${call})
      })`
    const worker = new Worker(program, { eval: true })
    await once(worker, 'message')
    assert.equal(await worker.terminate(), 1, call)
  }
})

perMethod(PROCESSES, 'a blocked thread keeps no lock from others that its event loop waits for', async context => {
  const [mine, theirs] = context.Pipe()
  const lock = new Lock()
  await lock.acquire()
  const child = new context.Process({
    target: async (connection: AnyConnection, wanted: Lock) => {
      const acquired = wanted.acquire()
      // Between these two there is no promise job in which the lock could be had: it is asked for, and then this thread blocks.
      await new Promise(resolve => setImmediate(resolve))
      connection.sendSync('wants it')
      connection.recvSync()
      await acquired
      await connection.send('has it')
      wanted.release()
    },
    args: [theirs, lock],
  })
  await child.start()
  theirs.close()
  assert.equal(await mine.recv(), 'wants it')
  lock.release()
  // The child is blocked, and does not take it.
  assert.equal(await lock.acquire({ timeout: 10_000 }), true)
  lock.release()
  await mine.send('go on')
  assert.equal(await mine.recv(), 'has it')
  await child.join()
  mine.close()
  lock.close()
})

perMethod(PROCESSES, 'blocking calls of two processes go back and forth', async context => {
  const [mine, theirs] = context.Pipe()
  const child = new context.Process({
    target: (connection: AnyConnection) => {
      for (let value = connection.recvSync(); value !== null; value = connection.recvSync()) connection.sendSync(value + 1)
    },
    args: [theirs],
  })
  await child.start()
  theirs.close()
  for (let value = 0; value < 2000; value += 2) {
    mine.sendSync(value)
    assert.equal(mine.recvSync(), value + 1)
  }
  mine.sendSync(null)
  await child.join()
  assert.equal(child.exitCode, 0)
  mine.close()
})
