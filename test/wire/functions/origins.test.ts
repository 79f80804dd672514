import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classOf, type Origin, originOf } from '../../../src/wire/functions/origins.ts'
import { collectNow, collectUntil } from '../../helpers/collector.ts'

/** A class to which nothing refers any more, as that of a request whose closure was sent. */
function sendLocalClass(): Origin {
  return originOf(class Local {} as never)
}

test('a class that was sent stays known, for its instances to come home, until many others were sent', async () => {
  const origin = sendLocalClass()
  await collectNow()
  assert.equal(classOf(origin)?.name, 'Local')
  for (let count = 0; count < 2000; count += 1) sendLocalClass()
  await collectUntil(() => classOf(origin) === null, 'the class is collected')
})
