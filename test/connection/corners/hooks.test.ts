// What a program's own code does while a message is decoded: it may receive, too, here and elsewhere, and end things.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { registerClass } from '../../../src/index.ts'
import { type AnyConnection, withPipe } from '../pipes.ts'

const hooks: { next: (() => void) | null } = { next: null }

/** Runs what comes next, once. */
function runHook(): void {
  const { next } = hooks
  hooks.next = null
  next?.()
}

class Hooked {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}
Object.assign(globalThis, { runHookOfTest: runHook })
registerClass(Hooked, {
  name: 'Hooked',
  reduce: hooked => hooked.value,
  rebuild: value => {
    ;(globalThis as unknown as { runHookOfTest(): void }).runHookOfTest()
    return value as Hooked
  },
})

afterEach(() => {
  hooks.next = null
})

const A = 'A'.repeat(2000)
const Z = 'Z'.repeat(3000)

test('a hook that receives from another connection does not spoil the message that is being decoded', async () => {
  await withPipe((here, there) =>
    withPipe((otherHere, otherThere) => {
      otherThere.sendSync(Z)
      there.sendSync([new Hooked(1), A, 7])
      let inner: unknown
      hooks.next = () => {
        inner = otherHere.recvSync()
      }
      assert.deepEqual(here.recvSync(), [1, A, 7])
      assert.equal(inner, Z)
      otherThere.sendSync('more')
      assert.equal(otherHere.recvSync(), 'more')
    }),
  )
})

const FORMS: Record<string, (connection: AnyConnection) => unknown> = {
  tryRecv: connection => connection.tryRecv('nothing'),
  recvSync: connection => connection.recvSync({ timeout: 1000 }),
}

for (const [form, receive] of Object.entries(FORMS)) {
  test(`a hook that receives from the same connection gets the next message, by ${form}`, async () => {
    await withPipe((here, there) => {
      there.sendSync([new Hooked(1), 'first'])
      there.sendSync('second')
      there.sendSync('third')
      let inner: unknown
      hooks.next = () => {
        inner = receive(here)
      }
      assert.deepEqual(here.recvSync(), [1, 'first'])
      assert.equal(inner, 'second')
      assert.equal(here.recvSync(), 'third')
    })
  })
}

test('a hook that blocks first serves the promises that wait, but for the one whose message is being decoded', async () => {
  await withPipe(async (here, there) => {
    const promises = [here.recv(), here.recv()]
    there.sendSync([new Hooked(1), 'first'])
    there.sendSync('second')
    there.sendSync('third')
    let inner: unknown
    hooks.next = () => {
      inner = here.recvSync({ timeout: 1000 })
    }
    assert.deepEqual(await Promise.all(promises), [[1, 'first'], 'second'])
    assert.equal(inner, 'third')
  })
})

test('a hook that aborts the call whose message is being decoded comes too late', async () => {
  await withPipe(async (here, there) => {
    const controller = new AbortController()
    const received = here.recv({ signal: controller.signal })
    there.sendSync([new Hooked(1), 'first'])
    hooks.next = () => controller.abort()
    assert.deepEqual(await received, [1, 'first'])
    there.sendSync('second')
    assert.equal(await here.recv(), 'second')
  })
})

test('a hook that closes the connection ends the other calls', async () => {
  await withPipe(async (here, there) => {
    const [first, second] = [here.recv(), here.recv()]
    there.sendSync([new Hooked(1), 'first'])
    hooks.next = () => here.close()
    assert.deepEqual(await first, [1, 'first'])
    await assert.rejects(second, { name: 'ClosedError' })
  })
})
