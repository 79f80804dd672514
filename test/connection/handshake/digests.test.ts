// The values were made by CPython 3.12 and 3.13 (`multiprocessing.connection._create_response`) and, for the older form, by 3.11.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  challengeWith,
  checkAuthKey,
  checkDigest,
  messageOf,
  newMessage,
  respond,
  verify,
} from '../../../src/connection/handshake/digests.ts'

const key = Buffer.from('secret')
const counting = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => index))
const REFUSED = { name: 'AuthenticationError', code: 'ERR_AUTHENTICATION' }

/** By digest: the response of Python 3.12 and later, and the one of Python before that, to the digest's name in braces and 40 bytes. */
const RESPONSES = {
  md5: ['e8928e8cca3ace2d777017168dc6a0b2', 'e8928e8cca3ace2d777017168dc6a0b2'],
  sha256: ['fc57fbe650d6124b98215e7b5d197d5807ad69982d275a9735ea2d56f1fa6989', '8e48d2bb349b4b72b9382999ed5b62eb'],
  sha384: [
    'bae78a3376369f7b803a8473318a9b7062495b47434159ac84fc92ddb33c51b277c44c3edd9a5f9cb7d628f21abe2665',
    'bb9703c0619a05b59e3e664eec0e76e0',
  ],
  sha3_256: ['82e8fa62f363295b6655abecf0e98e510224c559e9745af9741c357aec358f90', 'da8a3d8d8e145fa16fd79c584fec6ec6'],
  sha3_384: [
    'bfbe71d4e622f58ebf6cbe049af4c8fe518645b482915af0940d678c37c0b46dd1a2a448f9ee5141c91bba42b46a7862',
    'c581dd1c24f656e597e49ae3b6d65249',
  ],
} as const

for (const [digest, [modern, old]] of Object.entries(RESPONSES)) {
  test(`the response to a challenge for ${digest} is Python’s, and so is the one of an older Python`, () => {
    const message = Buffer.concat([Buffer.from(`{${digest}}`), counting(40)])
    const response = Buffer.concat([Buffer.from(`{${digest}}`), Buffer.from(modern, 'hex')])
    assert.deepEqual(Buffer.from(respond(key, message)), response)
    verify(key, message, response)
    verify(key, message, Buffer.from(old, 'hex'))
  })
}

test('a challenge without a digest is answered by the bare HMAC-MD5', () => {
  const response = respond(key, counting(20))
  assert.equal(Buffer.from(response).toString('hex'), '7defa9cc46abc3583325d17ccda75190')
  verify(key, counting(20), response)
})

test('a response is refused when a bit of it, of the message or of the key is another, or it is cut or longer', () => {
  const message = newMessage('sha256')
  const response = respond(key, message)
  for (let index = 0; index < response.length; index += 1) {
    const other = Uint8Array.from(response)
    other[index] = (other[index] as number) ^ 1
    assert.throws(() => verify(key, message, other), REFUSED)
    assert.throws(() => verify(key, message, response.subarray(0, index)), REFUSED)
  }
  assert.throws(() => verify(key, message, Buffer.concat([response, Buffer.alloc(1)])), REFUSED)
  assert.throws(() => verify(Buffer.from('Secret'), message, response), REFUSED)
  assert.throws(() => verify(key, newMessage('sha256'), response), REFUSED)
  assert.throws(() => verify(key, newMessage('sha384'), response), REFUSED)
})

test('what has no digest that is allowed is refused, in a message and in a response', () => {
  for (const text of ['{sha1}', '{SHA256}', '{}', '{sha256', 'sha256}', '{__proto__}', '{constructor}', '{sha3-256}', '{ sha256}']) {
    const bytes = Buffer.concat([Buffer.from(text), counting(40)])
    assert.throws(() => respond(key, bytes), REFUSED, text)
    assert.throws(() => verify(key, counting(20), bytes), REFUSED, text)
  }
  assert.throws(() => verify(key, counting(20), new Uint8Array(0)), REFUSED)
})

test('a challenge begins with its name and has a message of 20 bytes at least', () => {
  assert.deepEqual(Buffer.from(messageOf(challengeWith(counting(20)))), counting(20))
  for (const frame of [
    new Uint8Array(0),
    counting(256),
    Buffer.from('#CHALLENGE'),
    Buffer.from('#WELCOME#'),
    challengeWith(counting(19)),
  ]) {
    assert.throws(() => messageOf(frame), REFUSED)
  }
})

test('messages are 40 random bytes behind their digest', () => {
  const [one, other] = [newMessage('sha256'), newMessage('sha256')]
  assert.deepEqual([one.length, one.toString('latin1', 0, 8)], [48, '{sha256}'])
  assert.notDeepEqual(one, other)
})

test('a key is a string or bytes, which are copied, and may be empty; a digest is one of five', () => {
  const bytes = counting(3)
  const copy = checkAuthKey(bytes)
  bytes[0] = 9
  assert.deepEqual(copy, Uint8Array.of(0, 1, 2))
  assert.deepEqual(checkAuthKey('ä'), Uint8Array.of(0xc3, 0xa4))
  assert.deepEqual(checkAuthKey(''), new Uint8Array(0))
  for (const value of [null, 7, [1, 2], {}, new ArrayBuffer(2)])
    assert.throws(() => checkAuthKey(value), { name: 'TypeError', message: /`authKey`/ })
  assert.equal(checkDigest('sha3_384'), 'sha3_384')
  assert.throws(() => checkDigest('sha1'), { name: 'RangeError', message: /`digest`/ })
  assert.throws(() => checkDigest(1), { name: 'TypeError', message: /`digest`/ })
})

test('where Node has no MD5, an older Python’s challenge and response are refused, and the others go on', t => {
  const crypto = process.getBuiltinModule('node:crypto')
  const { createHmac } = crypto
  t.after(() => Object.assign(crypto, { createHmac }))
  const withoutMd5 = (...parameters: Parameters<typeof createHmac>): ReturnType<typeof createHmac> => {
    if (parameters[0] === 'md5') throw new Error('Invalid digest: md5')
    return createHmac(...parameters)
  }
  Object.assign(crypto, { createHmac: withoutMd5 })
  const isClear = ({ code, message, cause }: Error & { code?: string; cause?: Error }): boolean =>
    code === 'ERR_AUTHENTICATION' && message.includes('md5') && cause?.message === 'Invalid digest: md5'
  assert.throws(() => respond(key, counting(20)), isClear)
  assert.throws(() => verify(key, newMessage('sha256'), counting(16)), isClear)
  const message = newMessage('sha256')
  verify(key, message, respond(key, message))
})
