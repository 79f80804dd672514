// What a connection holds and when it lets go: the event loop, its descriptor, and what a fork or a thread's end leaves.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import { EndOfFileError, Pipe } from '../../src/index.ts'
import { collectUntil } from '../helpers/collector.ts'
import { perMethod } from '../process/methods.ts'
import { type AnyConnection, prepare, withPipe } from './pipes.ts'

const library = new URL('../../src/index.js', import.meta.url)

/** What a program prints, run to its end as a module. */
async function outputOf(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `import { Pipe } from ${JSON.stringify(library.href)}\n${program}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = text(child.stdout)
  const [code] = (await once(child, 'exit')) as [number | null]
  assert.ok(code === 0 || code === 13, `it ended with ${code}`)
  return await output
}

test('an idle connection does not hold the event loop open, one that is waited for does', async () => {
  assert.equal(await outputOf(`const [a, b] = Pipe(); a.sendSync(1); await b.recv(); console.log('done')`), 'done\n')
  assert.equal(
    await outputOf(
      `const [a, b] = Pipe(); setTimeout(() => a.sendSync('late'), 50).unref(); console.log(await Promise.race([b.recv(), 0]))`,
    ),
    '0\n',
  )
  const late = `const [a, b] = Pipe(); const w = b.recv(); setTimeout(() => a.sendSync('late'), 50); console.log(await w)`
  assert.equal(await outputOf(late), 'late\n')
})

test('a wait that was called off does not hold the event loop open', async () => {
  assert.equal(
    await outputOf(`const [a, b] = Pipe(); await b.recv({ timeout: 5 }).catch(error => console.log(error.code))`),
    'ERR_TIMEOUT\n',
  )
  const half = `const [a, b] = Pipe(); await a.sendBytes(new Uint8Array(1e6), { timeout: 5 }).catch(error => console.log(error.code))`
  assert.equal(await outputOf(half), 'ERR_TIMEOUT\n')
})

test('a connection that nobody has any more is closed', async () => {
  await withPipe(async () => {
    const [kept] = Pipe()
    await collectUntil(() => kept.tryPoll(), 'the other end is closed')
    assert.throws(() => kept.recvSync(), EndOfFileError)
    kept.close()
  })
})

test('one that is only waited for is not', async () => {
  await withPipe(async () => {
    const start = (): [AnyConnection, Promise<unknown>] => {
      const [kept, other] = Pipe()
      return [kept, other.recv()]
    }
    const [kept, received] = start()
    const marker = new WeakRef({})
    await collectUntil(() => marker.deref() === undefined, 'the collector has run')
    kept.sendSync('still there')
    assert.equal(await received, 'still there')
    await collectUntil(() => kept.tryPoll(), 'the other end is closed now')
    kept.close()
  })
})

test('the descriptor stays as blocking as it was', async () => {
  await withPipe(async (left, right) => {
    const received = right.recv()
    const sent = left.sendBytes(new Uint8Array(1e6))
    for (const end of [left, right]) {
      const [, flags = ''] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${end.fileno()}`, 'latin1')) ?? []
      assert.equal(Number.parseInt(flags, 8) & 0o4000, 0)
    }
    right.close()
    await assert.rejects(received)
    await assert.rejects(sent)
  })
})

test('what a Worker has open is closed when it ends, or is ended', async () => {
  prepare()
  const program = `
    const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(library.href)}).then(({ Pipe }) => {
      const [kept, other] = Pipe()
      globalThis.kept = kept
      if (kept.tryPoll()) throw new Error('too early')
      parentPort.postMessage(other.fileno())
      kept.recv().catch(() => {})
    })`
  for (let round = 0; round < 3; round += 1) {
    const worker = new Worker(program, { eval: true })
    const [fd] = (await once(worker, 'message')) as [number]
    assert.ok(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1').length > 0)
    await worker.terminate()
    assert.throws(() => readFileSync(`/proc/self/fdinfo/${fd}`))
  }
})

perMethod(['fork'], 'a forked child has both ends, as its parent does', async context => {
  const [mine, theirs] = context.Pipe()
  // Waiting at the moment of the fork: this is the parent's.
  const received = mine.recv()
  const child = new context.Process({
    target: async () => {
      theirs.sendSync('over what was inherited')
      await theirs.send(await theirs.recv())
      mine.close()
      theirs.close()
    },
  })
  await child.start()
  assert.equal(await received, 'over what was inherited')
  await mine.send('there and back')
  assert.equal(await mine.recv(), 'there and back')
  await child.join()
  assert.equal(child.exitCode, 0)
  mine.sendSync('still open here')
  assert.equal(theirs.recvSync(), 'still open here')
  mine.close()
  theirs.close()
})
