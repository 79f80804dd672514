// CPython: _TestListener, _TestListenerClient, OtherTest, TestInvalidFamily, and the row of TestIgnoreEINTR about listeners.
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Address, answerChallenge, type Connection, deliverChallenge, Listener, Pipe } from '../../../src/index.ts'
import { FORMS, type Form } from '../../fixtures/conformance/forms.ts'
import { greet, greetAndGo, pollAndHear } from '../../fixtures/conformance/listeners.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const folder = temporaryFolder()
const numbers = Array.from({ length: 1000 }, (_, index) => index).values()
const REFUSED = { name: 'AuthenticationError' }

const ADDRESSES: readonly (() => Address)[] = [
  () => ['127.0.0.1', 0],
  () => join(folder, `${numbers.next().value}`),
  () => `\0polyprocess-conformance-${process.pid}-${numbers.next().value}`,
]

function listen(scene: Scene, options: ConstructorParameters<typeof Listener>[0] = {}): Listener {
  const listener = new Listener(options)
  scene.atEnd(() => void listener.close())
  return listener
}

async function accept(form: Form, listener: Listener): Promise<Connection> {
  return form === 'promise' ? await listener.accept() : listener.acceptSync()
}

row(
  '_TestListener',
  'test_multiple_bind',
  'only one can listen at an address',
  scene => {
    for (const address of ADDRESSES) {
      const listener = listen(scene, { address: address() })
      scene.check.throws(() => new Listener({ address: listener.address }), { name: 'MultiprocessingError', code: 'EADDRINUSE' })
    }
  },
  'a MultiprocessingError EADDRINUSE (Python: OSError)',
)

row(
  '_TestListener',
  'test_context',
  'a listener is closed at the end of its scope, and accepts nothing any more',
  async scene => {
    const { check } = scene
    const listener = listen(scene)
    await scene.start('promise', greet, listener.address)
    const connection = await listener.accept()
    check.equal(await connection.recv(), 'hello')
    connection.close()
    await listener[Symbol.asyncDispose]()
    await check.rejects(() => listener.accept(), { name: 'ClosedError' })
    check.throws(() => listener.acceptSync(), { name: 'ClosedError' })
  },
  'a ClosedError (Python: OSError)',
)

row('_TestListener', 'test_empty_authkey', 'an empty key is a key', async scene => {
  const listener = listen(scene, { authKey: '' })
  for (const form of FORMS) {
    await scene.start(form, greet, listener.address, '')
    const connection = await accept(form, listener)
    scene.check.equal(await connection.recv(), 'hello')
    connection.close()
  }
})

row('_TestListener', 'test_abstract_socket', 'a name that begins with NUL is of no file', async scene => {
  const address = (ADDRESSES[2] as () => Address)()
  const listener = listen(scene, { address })
  scene.check.equal(listener.address, address)
  await scene.start('promise', greet, address)
  const connection = await listener.accept()
  scene.check.equal(await connection.recv(), 'hello')
  connection.close()
})

row('_TestListenerClient', 'test_listener_client', 'a child connects to a listener of any family', async scene => {
  for (const address of ADDRESSES) {
    for (const form of FORMS) {
      const listener = listen(scene, { address: address() })
      await scene.start(form, greet, listener.address)
      const connection = await accept(form, listener)
      scene.check.equal(await connection.recv(), 'hello')
      await scene.joined()
      await listener.close()
      connection.close()
    }
  }
})

row('_TestListenerClient', 'test_issue14725', 'what a client sent before it went is there for who accepts it afterwards', async scene => {
  for (const address of ADDRESSES) {
    const listener = listen(scene, { address: address() })
    const gone = scene.own(new scene.ctx.Event())
    await scene.start('promise', greetAndGo, listener.address, gone)
    await gone.wait()
    const connection = await listener.accept()
    scene.check.equal(await connection.recv(), 'hello')
    await scene.joined()
    connection.close()
  }
})

row('_TestListenerClient', 'test_issue16955', 'a client sees that something has come', async scene => {
  for (const address of ADDRESSES) {
    for (const form of FORMS) {
      const listener = listen(scene, { address: address() })
      await scene.start(form, pollAndHear, listener.address)
      const connection = await listener.accept()
      await connection.send('hello')
      await scene.joined()
      connection.close()
      await listener.close()
    }
  }
})

row('OtherTest', 'test_deliver_challenge_auth_failure', 'a response that is none is refused', async scene => {
  const [one, other] = Pipe()
  scene.own(one)
  scene.own(other)
  const delivering = scene.check.rejects(() => deliverChallenge(one, 'abc'), REFUSED)
  await other.sendBytes(Buffer.from('something bogus'))
  await delivering
})

row(
  'OtherTest',
  'test_answer_challenge_auth_failure',
  'a welcome that is none is refused, and a challenge that is too short',
  async scene => {
    const [one, other] = Pipe()
    scene.own(one)
    scene.own(other)
    for (const frames of [['#CHALLENGE#and twenty more bytes', 'something bogus'], ['#CHALLENGE#'], ['something bogus']]) {
      for (const frame of frames) await other.sendBytes(Buffer.from(frame))
      await scene.check.rejects(() => answerChallenge(one, 'abc'), REFUSED)
    }
  },
)

row(
  'TestInvalidFamily',
  'test_invalid_family',
  'a named pipe of Windows is no address',
  ({ check }) => check.throws(() => new Listener({ address: '\\\\.\\test' }), { name: 'RangeError', message: /`address`/ }),
  'a RangeError (Python: ValueError)',
)

row(
  'TestIgnoreEINTR',
  'test_ignore_listener',
  'accept() goes on after a signal with a handler',
  async scene => {
    const listener = listen(scene)
    const accepting = listener.accept()
    const handled = new Promise(resolve => process.once('SIGUSR1', resolve))
    process.kill(process.pid, 'SIGUSR1')
    await handled
    await setImmediate()
    await scene.start('promise', greet, listener.address)
    const connection = await accepting
    scene.check.equal(await connection.recv(), 'hello')
    connection.close()
  },
  'the promise form; acceptSync() ends with InterruptedError, or the handler could not run',
)

playRows({ crew: 1 })
