import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { test } from 'node:test'
import { type Address, Client, type Connection, Listener, type ListenerOptions, TimeoutError } from '../../../src/index.ts'
import { collectUntil } from '../../helpers/collector.ts'
import { assertNoGrowth, resources } from '../../helpers/resources.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const folder = temporaryFolder()
const CLOSED = { name: 'ClosedError', code: 'ERR_CLOSED' }
const numbers = Array.from({ length: 1000 }, (_, index) => index).values()
const freshName = (): string => `${process.pid}-${numbers.next().value}`

/** Every kind of address. */
const KINDS: Record<string, () => ListenerOptions> = {
  'an IPv4 address': () => ({ address: ['127.0.0.1', 0] }),
  'an IPv6 address': () => ({ address: ['::1', 0] }),
  'a host name': () => ({ address: ['localhost', 0] }),
  'a path': () => ({ address: join(folder, freshName()) }),
  'an abstract name': () => ({ address: `\0polyprocess-${freshName()}` }),
  'no address': () => ({}),
  'no address of AF_INET': () => ({ family: 'AF_INET' }),
  'no address of AF_INET6': () => ({ family: 'AF_INET6' }),
  'no address of AF_UNIX': () => ({ address: null, family: 'AF_UNIX' }),
}

/** Both ends of a connection. */
async function pair(listener: Listener, options?: { authKey: string }): Promise<[Connection, Connection]> {
  return await Promise.all([listener.accept(), Client(listener.address, options)])
}

function closeAll(connections: readonly Connection[]): void {
  for (const connection of connections) connection.close()
}

for (const [kind, options] of Object.entries(KINDS)) {
  for (const authKey of [undefined, 'secret']) {
    test(`a listener with ${kind} ${authKey === undefined ? 'and no key' : 'and a key'} gives both ends to each other`, async () => {
      const key = authKey === undefined ? {} : { authKey }
      const listener = new Listener({ ...options(), ...key })
      try {
        assert.equal(listener.lastAccepted, null)
        const [accepted, connected] = await Promise.all([listener.accept(), Client(listener.address, key)])
        await connected.send({ question: [1, 'ä', new Uint8Array(3)] })
        assert.deepEqual(await accepted.recv(), { question: [1, 'ä', new Uint8Array(3)] })
        await accepted.sendBytes(Buffer.from('answer'))
        assert.equal(Buffer.from(await connected.recvBytes()).toString(), 'answer')
        assert.equal(typeof listener.lastAccepted, typeof listener.address)
        closeAll([accepted, connected])
      } finally {
        await listener.close()
      }
    })
  }
}

test('the address is what it is bound to', async () => {
  const path = join(folder, freshName())
  const listeners = [new Listener({ address: ['localhost', 0] }), new Listener({ address: path }), new Listener()]
  const [host, unix, own] = listeners.map(listener => listener.address)
  assert.ok(Array.isArray(host) && host[0] === '127.0.0.1' && (host[1] as number) > 0)
  assert.equal(unix, path)
  assert.ok(typeof own === 'string' && existsSync(own))
  assert.equal(inspect(listeners[1]), `Listener { ${JSON.stringify(path)} }`)
  for (const listener of listeners) await listener.close()
  assert.equal(inspect(listeners[1]), `Listener { ${JSON.stringify(path)}, closed }`)
  assert.deepEqual([existsSync(path), existsSync(own as string), existsSync(join(own as string, '..'))], [false, false, false])
})

test('an address that is in use, or not of this machine, is an error with the system’s code', async () => {
  for (const kind of ['an IPv4 address', 'a path', 'an abstract name']) {
    const listener = new Listener((KINDS[kind] as () => ListenerOptions)())
    assert.throws(
      () => new Listener({ address: listener.address }),
      ({ code, message, cause }: Error & { code?: string; cause?: Error }) => {
        assert.equal(code, 'EADDRINUSE')
        assert.match(message, /^Cannot listen at /)
        return (cause as NodeJS.ErrnoException).syscall === 'bind'
      },
    )
    await listener.close()
    await new Listener({ address: listener.address }).close()
  }
  assert.throws(() => new Listener({ address: ['192.0.2.1', 0] }), { code: 'EADDRNOTAVAIL' })
  assert.throws(() => new Listener({ address: join(folder, 'no-such-folder', 'a.sock') }), { code: 'ENOENT' })
})

test('nobody listens: a client is told, whatever the address', async () => {
  await assert.rejects(Client(join(folder, freshName())), { name: 'MultiprocessingError', code: 'ENOENT' })
  await assert.rejects(Client(`\0polyprocess-${freshName()}`), { code: 'ECONNREFUSED' })
  const listener = new Listener({ family: 'AF_INET' })
  await listener.close()
  await assert.rejects(Client(listener.address), { code: 'ECONNREFUSED', message: /^Cannot connect to / })
})

test('wrong arguments are refused before anything is bound or connected', async () => {
  const path = join(folder, freshName())
  const wrong: [object, RegExp][] = [
    [{ address: 7 }, /`address`/],
    [{ address: path, family: 'AF_INET' }, /`address`/],
    [{ address: ['127.0.0.1', 0], family: 'AF_UNIX' }, /`address`/],
    [{ address: path, family: 'AF_PIPE' }, /`family`/],
    [{ address: path, backlog: -1 }, /`backlog`/],
    [{ address: path, authKey: 7 }, /`authKey`/],
    [{ address: path, authKey: null }, /`authKey`/],
    [{ address: path, authkey: 'x' }, /`authkey`/],
    [{ address: path, handshakeTimeout: 0 }, /`handshakeTimeout`/],
  ]
  for (const [options, message] of wrong) {
    assert.throws(
      () => new Listener(options as never),
      error => /^(Type|Range)Error$/.test((error as Error).name) && message.test(String(error)),
    )
  }
  assert.equal(existsSync(path), false)
  const listener = new Listener({ address: path })
  for (const authKey of [7, null, new ArrayBuffer(1)]) {
    await assert.rejects(Client(path, { authKey: authKey as never }), { name: 'TypeError', message: /`authKey`/ })
  }
  const example = { name: 'TypeError', message: /an object like \{ .*authKey: 'secret'/ }
  await assert.rejects(Client(path, 'secret' as never), example)
  assert.throws(() => new Listener(['127.0.0.1', 0] as never), example)
  await assert.rejects(Client(path, { family: 'AF_UNIX' } as never), { name: 'TypeError', message: /`family`/ })
  await assert.rejects(listener.accept({ timeout: 0 }), TimeoutError)
  await listener.close()
})

test('connections come in the order in which they were made, to those who wait in order', async () => {
  const listener = new Listener()
  const accepting = [listener.accept(), listener.accept()]
  const clients: Connection[] = []
  for (const name of ['a', 'b', 'c']) {
    const client = await Client(listener.address)
    await client.send(name)
    clients.push(client)
  }
  const accepted = [...(await Promise.all(accepting)), await listener.accept()]
  assert.deepEqual(await Promise.all(accepted.map(each => each.recv())), ['a', 'b', 'c'])
  closeAll([...accepted, ...clients])
  await listener.close()
})

test('accept waits no longer than its timeout or its signal lets it, and nothing is lost by that', async () => {
  const before = resources()
  const listener = new Listener({ authKey: 'k' })
  await assert.rejects(listener.accept({ timeout: 0 }), TimeoutError)
  await assert.rejects(listener.accept({ timeout: 5 }), TimeoutError)
  await assert.rejects(listener.accept({ signal: AbortSignal.abort('no') }), error => error === 'no')
  const controller = new AbortController()
  const waiting = listener.accept({ signal: controller.signal })
  controller.abort(new Error('stop'))
  await assert.rejects(waiting, { message: 'stop' })
  closeAll(await pair(listener, { authKey: 'k' }))
  await listener.close()
  await assertNoGrowth(before)
})

test('a client waits no longer than its timeout or its signal lets it', async () => {
  const before = resources()
  const listener = new Listener({ backlog: 0 })
  const options = { authKey: 'k' }
  await assert.rejects(Client(listener.address, { ...options, timeout: 0 }), TimeoutError)
  await assert.rejects(Client(listener.address, { ...options, timeout: 20 }), TimeoutError)
  await assert.rejects(Client(listener.address, { ...options, signal: AbortSignal.timeout(20) }), { name: 'TimeoutError', code: 23 })
  await assert.rejects(Client(listener.address, { signal: AbortSignal.abort('no') }), error => error === 'no')
  await listener.close()
  await assertNoGrowth(before)
})

test('a client with a key whose listener has none is told what may be amiss', async () => {
  const listener = new Listener()
  const told = { name: 'TimeoutError', message: /the other side may have no key/ }
  await assert.rejects(Client(listener.address, { authKey: 'k', timeout: 20 }), told)
  await listener.close()
})

test('a client waits while the queue of a local listener is full', async () => {
  const listener = new Listener({ backlog: 0 })
  const first = await Client(listener.address)
  const others = [Client(listener.address), Client(listener.address)]
  await assert.rejects(Client(listener.address, { timeout: 20 }), TimeoutError)
  const accepted = [await listener.accept(), await listener.accept(), await listener.accept()]
  closeAll([first, ...accepted, ...(await Promise.all(others))])
  await listener.close()
})

test('closing ends who waits, may be done twice, and leaves connections open', async () => {
  const listener = new Listener({ authKey: 'k' })
  const [accepted, connected] = await pair(listener, { authKey: 'k' })
  const waiting = [listener.accept(), listener.accept({ timeout: 60_000 })]
  await listener.close()
  await listener.close()
  await listener[Symbol.asyncDispose]()
  for (const each of waiting) await assert.rejects(each, CLOSED)
  await assert.rejects(listener.accept(), CLOSED)
  assert.throws(() => listener.acceptSync(), CLOSED)
  assert.equal(listener.closed, true)
  await connected.send(1)
  assert.equal(await accepted.recv(), 1)
  closeAll([accepted, connected])
})

test('iteration gives connections until the listener is closed', async () => {
  const listener = new Listener()
  const clients = await Promise.all([1, 2, 3].map(() => Client(listener.address)))
  let seen = 0
  for await (const connection of listener) {
    connection.close()
    seen += 1
    if (seen === 3) void Promise.resolve().then(() => listener.close())
  }
  assert.equal(seen, 3)
  closeAll(clients)
})

test('a connection carries data only, in both directions', async () => {
  const listener = new Listener()
  const [accepted, connected] = await pair(listener)
  for (const value of [() => 1, class {}, Math.max, { nested: [() => 1] }]) {
    await assert.rejects(connected.send(value), { name: 'NotSerializableError' })
  }
  await connected.send(new Map([['plain', new Date(0)]]))
  assert.deepEqual(await accepted.recv(), new Map([['plain', new Date(0)]]))
  closeAll([accepted, connected])
  await listener.close()
})

test('a listener that nobody has any more is closed, but not while somebody waits for it', async () => {
  const path = join(folder, freshName())
  const forget = (): void => void new Listener({ address: path })
  forget()
  await collectUntil(() => !existsSync(path), 'the forgotten listener is closed')
  const other = join(folder, freshName())
  const accepting = ((): Promise<Connection> => new Listener({ address: other }).accept())()
  forget()
  await collectUntil(() => !existsSync(path), 'another one is closed')
  const client = await Client(other as Address)
  closeAll([await accepting, client])
  await collectUntil(() => !existsSync(other), 'it is closed in the end')
})
