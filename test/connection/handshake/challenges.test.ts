import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerChallenge, type Connection, deliverChallenge, Pipe } from '../../../src/index.ts'
import { respond } from '../../../src/connection/handshake/digests.ts'

const REFUSED = { name: 'AuthenticationError', code: 'ERR_AUTHENTICATION' }

function withPipe(title: string, body: (one: Connection, other: Connection) => Promise<void>): void {
  test(title, async () => {
    const [one, other] = Pipe()
    try {
      await body(one, other)
    } finally {
      one.close()
      other.close()
    }
  })
}

withPipe('both ends of any connection can authenticate each other, in one order or the other', async (one, other) => {
  for (const key of ['secret', '', Uint8Array.of(0, 255)]) {
    await Promise.all([deliverChallenge(one, key), answerChallenge(other, key)])
    await Promise.all([answerChallenge(one, key), deliverChallenge(other, key, { digest: 'sha3_256' })])
  }
  await one.send('afterwards')
  assert.equal(await other.recv(), 'afterwards')
})

withPipe('both are told when the keys differ, and the connection stays usable', async (one, other) => {
  const [first, second] = await Promise.allSettled([deliverChallenge(one, 'a'), answerChallenge(other, 'b')])
  assert.match(String((first as PromiseRejectedResult).reason), /^AuthenticationError: The digest received was wrong/)
  assert.match(String((second as PromiseRejectedResult).reason), /^AuthenticationError: The digest sent was rejected/)
  await Promise.all([deliverChallenge(one, 'a'), answerChallenge(other, 'a')])
})

withPipe('a peer with an older Python’s answer is accepted', async (one, other) => {
  const delivering = deliverChallenge(one, 'k')
  const message = (await other.recvBytes()).subarray('#CHALLENGE#'.length)
  const md5 = process.getBuiltinModule('node:crypto').createHmac('md5', 'k').update(message).digest()
  await other.sendBytes(md5)
  await delivering
  assert.equal(Buffer.from(await other.recvBytes()).toString(), '#WELCOME#')
})

withPipe('an older Python’s challenge is answered', async (one, other) => {
  const answering = answerChallenge(one, 'k')
  await other.sendBytes(Buffer.from(`#CHALLENGE#${'m'.repeat(20)}`))
  assert.deepEqual(await other.recvBytes(), new Uint8Array(respond(Buffer.from('k'), Buffer.from('m'.repeat(20)))))
  await other.sendBytes(Buffer.from('#WELCOME#'))
  await answering
})

withPipe('a frame of more than 256 bytes is a failure, after which the end is not readable', async (one, other) => {
  await other.sendBytes(new Uint8Array(257))
  await assert.rejects(answerChallenge(one, 'k'), REFUSED)
  assert.equal(one.readable, false)
})

withPipe('a peer that goes is a failure with the cause', async (one, other) => {
  other.close()
  await assert.rejects(answerChallenge(one, 'k'), ({ code, cause }: Error & { code?: string; cause?: Error }) => {
    return code === 'ERR_AUTHENTICATION' && (cause as { code?: string } | undefined)?.code === 'ERR_END_OF_FILE'
  })
})

withPipe('both wait no longer than they are told to', async one => {
  await assert.rejects(answerChallenge(one, 'k', { timeout: 5 }), { name: 'TimeoutError', message: /^The handshake was not over in time/ })
  await assert.rejects(deliverChallenge(one, 'k', { signal: AbortSignal.timeout(5) }), { name: 'TimeoutError', code: 23 })
})

withPipe('wrong arguments are refused before anything is sent', async (one, other) => {
  await assert.rejects(deliverChallenge(one, 7 as never), { name: 'TypeError', message: /`authKey`/ })
  await assert.rejects(deliverChallenge({} as never, 'k'), { name: 'TypeError', message: /`connection`/ })
  await assert.rejects(answerChallenge(one, null as never), { name: 'TypeError', message: /`authKey`/ })
  await assert.rejects(deliverChallenge(one, 'k', { digest: 'sha1' }), { name: 'RangeError', message: /`digest`/ })
  await assert.rejects(answerChallenge(one, 'k', { digest: 'md5' } as never), { name: 'TypeError', message: /`digest`/ })
  assert.equal(other.tryPoll(), false)
})
