import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAddress, checkFamily, type Place, resolve, resolveSync, written } from '../../../src/connection/network/addresses.ts'

const TYPE = { name: 'TypeError', message: /^Expected `address` to be / }
const RANGE = { name: 'RangeError', message: /^Expected `address/ }

test('what is written comes back from the system', async () => {
  for (const address of ['/run/a.sock', 'relative.sock', '\0abstract', '\0', 'ä', ['127.0.0.1', 80], ['::1', 65_535]] as const) {
    assert.deepEqual(written(resolveSync(checkAddress(address))), address)
    assert.deepEqual(written(await resolve(checkAddress(address))), address)
  }
})

test('the empty host is every address of this machine, of IPv4 unless it is said', async () => {
  assert.deepEqual(written(await resolve(checkAddress(['', 1]))), ['0.0.0.0', 1])
  assert.deepEqual(written(resolveSync(checkAddress(['', 1], 'AF_INET6'))), ['::', 1])
})

test('localhost is looked up in both forms, for IPv4 first', async () => {
  assert.deepEqual(written(await resolve(checkAddress(['localhost', 1]))), ['127.0.0.1', 1])
  assert.deepEqual(written(resolveSync(checkAddress(['localhost', 1]))), ['127.0.0.1', 1])
})

test('a name that has only addresses of IPv6 is found without blocking, too', async context => {
  const names = process.getBuiltinModule('node:dns/promises')
  context.mock.method(names, 'lookup', async (_host: string, { family }: { family: number }) => {
    if (family === 6) return { address: '::1', family: 6 }
    throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
  })
  assert.deepEqual(written(await resolve(checkAddress(['six.invalid', 1]))), ['::1', 1])
  assert.deepEqual(written(await resolve(checkAddress(['six.invalid', 1], 'AF_INET6'))), ['::1', 1])
})

test('a host that is not known is an error with the code of Node’s', async () => {
  const place: Place = checkAddress(['no-such-host.invalid', 1])
  const isNotFound = { name: 'MultiprocessingError', code: /^(ENOTFOUND|EAI_AGAIN)$/, message: /"no-such-host.invalid"/ }
  assert.throws(() => resolveSync(place), isNotFound)
  await assert.rejects(() => resolve(place), isNotFound)
})

test('what is no address is refused before anything is done with it', () => {
  for (const value of [undefined, null, 7, {}, [], ['host'], [1, 'host'], ['127.0.0.1', 1, 2], new Uint8Array(2)]) {
    assert.throws(() => checkAddress(value), TYPE)
  }
  assert.throws(() => checkAddress(['127.0.0.1', '80']), { name: 'TypeError', message: /`address\[1\]`/ })
  for (const value of ['', 'a\0b', '\\\\.\\test', 'p'.repeat(108), 'ä'.repeat(54), `\0${'p'.repeat(108)}`]) {
    assert.throws(() => checkAddress(value), RANGE)
  }
  for (const value of [
    ['a\0', 1],
    ['h'.repeat(2000), 1],
    ['h', -1],
    ['h', 65_536],
    ['h', 1.5],
    ['h', Number.NaN],
  ]) {
    assert.throws(() => checkAddress(value), RANGE)
  }
})

test('the longest paths are accepted', () => {
  for (const path of ['p'.repeat(107), `\0${'p'.repeat(107)}`]) assert.equal(written(resolveSync(checkAddress(path))), path)
})

test('an address of another family is a TypeError, and a family that there is not a RangeError', () => {
  assert.throws(() => checkAddress('/run/a.sock', 'AF_INET'), TYPE)
  assert.throws(() => checkAddress(['127.0.0.1', 1], 'AF_UNIX'), TYPE)
  assert.throws(() => checkAddress(['::1', 1], 'AF_INET'), TYPE)
  assert.throws(() => checkFamily('AF_PIPE'), { name: 'RangeError', message: /`family`/ })
  assert.throws(() => checkFamily(2), { name: 'TypeError', message: /`family`/ })
  assert.equal(checkFamily('AF_INET6'), 'AF_INET6')
})
