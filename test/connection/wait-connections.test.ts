// `wait` and connections.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { ClosedError, EndOfFileError, Event, Pipe, wait, waitSync } from '../../src/index.ts'
import { assertNoGrowth, resources } from '../helpers/resources.ts'

test('connections with something to receive, or an end, are ready, and nothing is received by that', async () => {
  using event = new Event()
  const [first, other] = Pipe<string>()
  const [reader, writer] = Pipe<number>({ duplex: false })
  assert.deepEqual(waitSync([first, event, reader], { timeout: 1 }), [])
  const waiting = wait([first, event, reader])
  await writer.send(5)
  assert.ok((await waiting).every(each => each === reader))
  await other.send('x')
  const ready = waitSync([event, reader, first])
  assert.ok(ready.length === 2 && ready[0] === reader && ready[1] === first)
  assert.deepEqual([await reader.recv(), first.recvSync()], [5, 'x'])
  writer.close()
  assert.ok((await wait([first, reader]))[0] === reader)
  await assert.rejects(reader.recv(), EndOfFileError)
  for (const each of [first, other, reader]) each.close()
})

test('a connection that is closed ends waits for it, and its other end sees the end at once', async () => {
  const [first, other] = Pipe()
  await new Event().wait({ timeout: 1 })
  const before = resources()
  const waits = [wait([first]), wait([first, new Event()])]
  await turn()
  first.close()
  for (const waiting of waits) await assert.rejects(waiting, ClosedError)
  await assert.rejects(other.recv(), EndOfFileError)
  await assert.rejects(wait([other, first]), ClosedError)
  assert.throws(() => waitSync([other, first]), ClosedError)
  other.close()
  await assertNoGrowth(before)
})

test('who waits for a connection and who receives from it do not get in each other’s way', async () => {
  const [first, other] = Pipe<number>()
  const received = Array.from({ length: 3 }, () => first.recv())
  const waiting = wait([first])
  for (let number = 0; number < 3; number += 1) await other.send(number)
  assert.deepEqual(await Promise.all(received), [0, 1, 2])
  await other.send(3)
  assert.ok((await waiting)[0] === first)
  assert.equal(await first.recv(), 3)
  first.close()
  other.close()
})
