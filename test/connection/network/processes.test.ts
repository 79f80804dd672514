// Listeners and clients in different processes and threads, in both forms.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { test } from 'node:test'
import { type Address, Client, ClientSync, type Connection, Event, InterruptedError, Listener, TimeoutError } from '../../../src/index.ts'
import { answerBlocked, authenticateByHand, sayAndHear, sayAndHearBlocked, staySilent } from '../../fixtures/connection/network-peers.ts'
import { until } from '../../helpers/conditions.ts'
import { assertNoGrowth, resources } from '../../helpers/resources.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { ALL, FRESH, perMethod } from '../../process/methods.ts'

const folder = temporaryFolder()
const authKey = 'secret'
const numbers = Array.from({ length: 1000 }, (_, index) => index).values()
const freshPath = (): string => join(folder, `${numbers.next().value}`)

async function reply(connection: Connection<string>): Promise<string> {
  const word = await connection.recv()
  await connection.send(`${word}!`)
  connection.close()
  return word
}

perMethod(ALL, 'children connect to their parent, with and without a key, in both forms', async ({ Process }) => {
  for (const key of [undefined, authKey]) {
    const listener = new Listener(key === undefined ? {} : { authKey: key })
    const children = await Promise.all([
      new Process({ target: sayAndHear, args: [listener.address, 'one', key] }).start(),
      new Process({ target: sayAndHearBlocked, args: [listener.address, 'two', key] }).start(),
    ])
    const words = [await reply(await listener.accept()), await reply(await listener.accept())]
    assert.deepEqual(words.sort(), ['one', 'two'])
    for (const child of children) {
      await child.join()
      assert.equal(child.exitCode, 0)
    }
    await listener.close()
  }
})

perMethod(ALL, 'a parent connects to a child that listens and blocks', async ({ Process }) => {
  const path = freshPath()
  const listening = new Event()
  const child = await new Process({ target: answerBlocked, args: [path, 2, authKey, listening] }).start()
  await listening.wait()
  const first = await Client<string>(path, { authKey })
  await first.send('a')
  assert.equal(await first.recv(), 'a!')
  const second = ClientSync<string>(path, { authKey })
  second.sendSync('b')
  assert.equal(second.recvSync(), 'b!')
  first.close()
  second.close()
  await child.join()
  assert.equal(child.exitCode, 0)
  listening.close()
})

perMethod(ALL, 'acceptSync is not held up by a silent peer, and lets it go on afterwards', async ({ Process }) => {
  const listener = new Listener({ authKey })
  const connected = new Event()
  const silent = await new Process({ target: staySilent, args: [listener.address, connected] }).start()
  await connected.wait()
  const speaking = await new Process({ target: authenticateByHand, args: [listener.address, 'hello', authKey] }).start()
  const connection = listener.acceptSync({ timeout: 30_000 })
  assert.equal(connection.recvSync(), 'hello')
  connection.sendSync('hello!')
  connection.close()
  await speaking.join()
  assert.equal(speaking.exitCode, 0)
  await listener.close()
  await silent.join()
  assert.equal(silent.exitCode, 0)
  connected.close()
})

perMethod(['fork'], 'a forked child accepts on the listener of its parent, and its close() leaves the parent’s', async ({ Process }) => {
  const path = freshPath()
  const listener = new Listener({ address: path })
  const child = await new Process({
    target: async () => {
      await reply(await listener.accept())
      await listener.close()
    },
  }).start()
  await sayAndHear(path, 'to the child', undefined)
  await child.join()
  assert.equal(child.exitCode, 0)
  const [word] = await Promise.all([listener.accept().then(reply), sayAndHear(path, 'to the parent', undefined)])
  assert.equal(word, 'to the parent')
  await listener.close()
})

perMethod(['fork'], 'a forked child holds nothing of those who are authenticating with its parent', async ({ Process }) => {
  const listener = new Listener({ authKey })
  const accepting = assert.rejects(listener.accept(), { name: 'ClosedError' })
  const silent = await Client(listener.address)
  assert.equal((await silent.recvBytes()).length, 59)
  const over = new Event()
  const child = await new Process({ target: () => over.wait() }).start()
  await listener.close()
  await accepting
  await assert.rejects(silent.recvBytes(), { name: 'EndOfFileError' })
  over.set()
  await child.join()
  assert.equal(child.exitCode, 0)
  silent.close()
  over.close()
})

perMethod(FRESH, 'a listener does not travel', async ({ Process }) => {
  const listener = new Listener()
  await assert.rejects(new Process({ target: console.log, args: [{ listener }] }).start(), {
    name: 'NotSerializableError',
    message: /^a Listener: it does not travel/,
  })
  await listener.close()
})

test('acceptSync and ClientSync wait no longer than their timeout', async () => {
  const start = resources()
  const listener = new Listener({ authKey, family: 'AF_INET' })
  assert.throws(() => listener.acceptSync({ timeout: 0 }), TimeoutError)
  assert.throws(() => listener.acceptSync({ timeout: 20 }), TimeoutError)
  assert.throws(() => ClientSync(listener.address, { authKey, timeout: 20 }), { name: 'TimeoutError', message: /may have no key/ })
  // That client is gone.
  assert.throws(() => listener.acceptSync({ timeout: 20_000 }), { name: 'AuthenticationError' })
  assert.throws(() => ClientSync(['127.0.0.1', 1], { timeout: 20_000 }), { code: 'ECONNREFUSED' })
  await listener.close()
  await assertNoGrowth(start)
})

test('acceptSync without a key takes who is there, and a blocked client connects while the queue is full', async () => {
  const listener = new Listener({ backlog: 0 })
  const first = ClientSync(listener.address)
  assert.throws(() => ClientSync(listener.address, { timeout: 20 }), TimeoutError)
  const accepted = listener.acceptSync()
  first.sendSync('hello')
  assert.equal(accepted.recvSync(), 'hello')
  first.close()
  accepted.close()
  await listener.close()
})

test('a signal’s handler ends a blocking accept and a blocking connect', async () => {
  const listener = new Listener({ authKey })
  let handled = 0
  const handler = (): void => {
    handled += 1
  }
  process.on('SIGHUP', handler)
  try {
    for (const wait of [() => listener.acceptSync(), () => ClientSync(listener.address, { authKey })]) {
      const worker = new Worker(`setTimeout(() => process.kill(process.pid, 'SIGHUP'), 50)`, { eval: true })
      assert.throws(wait, InterruptedError)
      await once(worker, 'exit')
    }
    await until(() => handled === 2, 'the handler has run')
  } finally {
    process.off('SIGHUP', handler)
    await listener.close()
  }
})

test('a Worker that waits in acceptSync can be terminated, and nobody listens there any more', async () => {
  const library = new URL('../../../src/index.js', import.meta.url).href
  const source = `import('${library}').then(({ Listener }) => {
    const listener = new Listener({ family: 'AF_INET' })
    require('node:worker_threads').parentPort.postMessage(listener.address)
    const accepted = []
    for (;;) accepted.push(listener.acceptSync())
  })`
  const worker = new Worker(source, { eval: true })
  const [address] = (await once(worker, 'message')) as [Address]
  const client = await Client(address)
  assert.equal(await worker.terminate(), 1)
  await assert.rejects(client.recv(), { name: 'EndOfFileError' })
  await assert.rejects(Client(address), { code: 'ECONNREFUSED' })
  client.close()
})
