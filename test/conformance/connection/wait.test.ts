// CPython: TestWait.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Connection, EndOfFileError } from '../../../src/index.ts'
import { FORMS, type Form, timed } from '../../fixtures/conformance/forms.ts'
import { MESSAGES, sendSome, signalAndSleep, waitForAny, writeSome } from '../../fixtures/conformance/waits.ts'
import { native } from '../../../src/native/load.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const CHILDREN = 4

/** A server's first sockets, which nobody but the row reads from. */
async function acceptSome({ atEnd, start }: Scene, form: Form, isSlow: boolean): Promise<Socket[]> {
  const sockets: Socket[] = []
  const server = createServer({ pauseOnConnect: true }, socket => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => server.close())
  const { port } = server.address() as AddressInfo
  for (let index = 0; index < CHILDREN; index += 1) await start(form, writeSome, port, isSlow)
  while (sockets.length < CHILDREN) await once(server, 'connection')
  return sockets
}

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd
}

async function readAll(form: Form, sockets: readonly Socket[]): Promise<string[]> {
  const readers = new Map(sockets.map(socket => [descriptorOf(socket), socket]))
  const texts = new Map(sockets.map(socket => [socket, '']))
  while (readers.size > 0) {
    for (const descriptor of await waitForAny(form, readers.keys())) {
      const socket = readers.get(descriptor) as Socket
      const bytes = Buffer.alloc(32)
      const length = native().readDescriptor(descriptor, bytes)
      texts.set(socket, `${texts.get(socket)}${bytes.toString('latin1', 0, length)}`)
      if (length > 0) continue
      readers.delete(descriptor)
      socket.destroy()
    }
  }
  return [...texts.values()]
}

async function playSockets(scene: Scene, isSlow: boolean): Promise<void> {
  for (const form of FORMS) {
    const texts = await readAll(form, await acceptSome(scene, form, isSlow))
    const expected = Array.from({ length: MESSAGES }, (_, index) => `${index}\n`).join('')
    scene.check.equal(
      texts,
      Array.from({ length: CHILDREN }, () => expected),
    )
    await scene.joined()
  }
}

const BY_DESCRIPTOR = 'a socket is given as its descriptor'

row('TestWait', 'test_wait_socket', 'sockets are ready until their end', scene => playSockets(scene, false), BY_DESCRIPTOR)
row('TestWait', 'test_wait_socket_slow', 'sockets on which little comes are ready', scene => playSockets(scene, true), BY_DESCRIPTOR)

async function playPipes({ ctx, check, own, start, joined }: Scene, isSlow: boolean): Promise<void> {
  for (const form of FORMS) {
    const readers = new Set<Connection<never, [number, number]>>()
    for (let number = 0; number < CHILDREN; number += 1) {
      const [reader, writer] = ctx.Pipe<[number, number]>({ duplex: false })
      readers.add(own(reader))
      await start(form, sendSome, writer, number, isSlow)
      writer.close()
    }
    const messages = await receiveAll(form, readers)
    const expected = Array.from({ length: CHILDREN * MESSAGES }, (_, index) => [index % MESSAGES, Math.floor(index / MESSAGES)])
    check.equal(messages.map(String).toSorted(), expected.map(String).toSorted())
    await joined()
  }
}

async function receiveAll<T>(form: Form, readers: Set<Connection<never, T>>): Promise<T[]> {
  const messages: T[] = []
  while (readers.size > 0) {
    for (const reader of await waitForAny(form, readers)) {
      try {
        messages.push(form === 'promise' ? await reader.recv() : reader.recvSync())
      } catch (error) {
        if (!(error instanceof EndOfFileError)) throw error
        readers.delete(reader)
      }
    }
  }
  return messages
}

row('TestWait', 'test_wait', 'connections are ready until their end, and all messages come', scene => playPipes(scene, false))
row('TestWait', 'test_wait_slow', 'connections on which little comes are ready', scene => playPipes(scene, true))

row(
  'TestWait',
  'test_wait_timeout',
  'nothing is ready when the time is up, and then what has something to receive',
  async ({ ctx, check, own }) => {
    for (const form of FORMS) {
      const [a, b] = ctx.Pipe()
      own(a)
      own(b)
      const [none, elapsed] = await timed(() => waitForAny(form, [a, b], { timeout: 100 }))
      check.equal(none, [])
      check.lasted(elapsed, 100)
      await b.send(null)
      check.ok((await waitForAny(form, [a, b], { timeout: 20_000 }))[0] === a)
    }
  },
)

row(
  'TestWait',
  'test_wait_integer',
  'the sentinel of a process is ready at its end, beside connections',
  async ({ ctx, check, own, start, joined }) => {
    for (const form of FORMS) {
      const there = own(new ctx.Semaphore(0))
      const [a, b] = ctx.Pipe()
      own(a)
      own(b)
      const child = await start(form, signalAndSleep, there, 200)
      const all = [a, child.sentinel, b]
      const ready = async (): Promise<number[]> => {
        const found: unknown[] = await waitForAny(form, all, { timeout: 20_000 })
        return found.map(each => all.indexOf(each as typeof a))
      }
      check.equal(await there.acquire({ timeout: 20_000 }), true)
      check.equal(await ready(), [1])
      await a.send(null)
      check.equal(await ready(), [1, 2])
      await b.send(null)
      check.equal(await ready(), [0, 1, 2])
      await joined()
    }
  },
  'a sentinel is an object and no number, and what is ready comes in the order in which it was given',
)

row('TestWait', 'test_neg_timeout', 'a negative timeout does not wait', async ({ ctx, check, own }) => {
  for (const form of FORMS) {
    const [a, b] = ctx.Pipe()
    own(a)
    own(b)
    check.equal(await waitForAny(form, [a, b], { timeout: -1 }), [])
  }
})

playRows({ crew: 1 })
