// Connections in other processes: what both ends see, how they get there, and what becomes of those that never arrive.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Connection, EndOfFileError, Pipe, Pool } from '../../src/index.ts'
import { assertNoGrowth, resources } from '../helpers/resources.ts'
import { ALL, perMethod, PROCESSES } from '../process/methods.ts'
import { type AnyConnection, withPipe } from './pipes.ts'

perMethod(ALL, 'a child talks with its parent over an end that it was given', async context => {
  const [mine, theirs] = context.Pipe()
  const child = new context.Process({
    target: async (connection: AnyConnection) => {
      const question = await connection.recv()
      await connection.send({ question })
      connection.sendSync(new Float64Array(100_000).fill(1.5))
      connection.sendSync(connection.recvBytesSync())
      connection.close()
    },
    args: [theirs],
  })
  await child.start()
  theirs.close()
  await mine.send('why?')
  assert.deepEqual(await mine.recv(), { question: 'why?' })
  assert.deepEqual(await mine.recv(), new Float64Array(100_000).fill(1.5))
  await mine.sendBytes(new Uint8Array(500_000).fill(3))
  assert.deepEqual(mine.recvSync(), new Uint8Array(500_000).fill(3))
  await assert.rejects(mine.recv(), EndOfFileError)
  mine.close()
  await child.join()
  assert.equal(child.exitCode, 0)
})

perMethod(ALL, 'two children talk with each other when their parent has let go of both ends', async context => {
  const [left, right] = context.Pipe()
  const [results, answers] = context.Pipe({ duplex: false })
  const first = new context.Process({
    target: async (connection: AnyConnection) => {
      await connection.send('between children')
    },
    args: [left],
  })
  const second = new context.Process({
    target: async (connection: AnyConnection, to: AnyConnection) => {
      await to.send(await connection.recv())
    },
    args: [right, answers],
  })
  await first.start()
  await second.start()
  for (const end of [left, right, answers]) end.close()
  assert.equal(await results.recv(), 'between children')
  await Promise.all([first.join(), second.join()])
  await assert.rejects(results.recv(), EndOfFileError)
  results.close()
})

perMethod(PROCESSES, 'the end comes when a child is killed', async context => {
  const [mine, theirs] = context.Pipe()
  const child = new context.Process({
    target: async (connection: AnyConnection) => {
      await connection.send('here')
      await connection.recv()
    },
    args: [theirs],
  })
  await child.start()
  theirs.close()
  assert.equal(await mine.recv(), 'here')
  const received = mine.recv()
  child.kill()
  await assert.rejects(received, EndOfFileError)
  await child.join()
  mine.close()
})

perMethod(PROCESSES, 'a child that is killed within a message leaves an error and no half message', async context => {
  const [mine, theirs] = context.Pipe()
  const child = new context.Process({
    target: (connection: AnyConnection) => {
      connection.sendSync('first')
      connection.sendBytesSync(new Uint8Array(10_000_000))
    },
    args: [theirs],
  })
  await child.start()
  theirs.close()
  assert.equal(await mine.recv(), 'first')
  // There is room for a small part of it only, and nobody reads.
  assert.equal(await mine.poll(), true)
  child.kill()
  await child.join()
  await assert.rejects(mine.recvBytes(), { code: 'ERR_BROKEN_MESSAGE' })
  mine.close()
})

perMethod(ALL, 'large data arrives from a child that has ended', async context => {
  const [reader, writer] = context.Pipe({ duplex: false })
  const child = new context.Process({
    target: (connection: AnyConnection) => {
      connection.sendSync({ numbers: new Int32Array(1_000_000).fill(7), text: 'é'.repeat(400_000) })
    },
    args: [writer],
  })
  await child.start()
  writer.close()
  await child.join()
  const { numbers, text } = await reader.recv()
  assert.equal(numbers.length, 1_000_000)
  assert.ok(numbers.every((each: number) => each === 7))
  assert.equal(text, 'é'.repeat(400_000))
  await assert.rejects(reader.recv(), EndOfFileError)
  reader.close()
})

perMethod(ALL, 'connections go to workers of a pool, and come back', async context => {
  const pool = new context.Pool(2)
  const [mine, theirs] = context.Pipe()
  const back = pool.apply(
    async (connection: AnyConnection) => {
      await connection.send('from a worker')
      return connection
    },
    [theirs],
  )
  assert.equal(await mine.recv(), 'from a worker')
  const returned = (await back) as AnyConnection
  assert.ok(returned instanceof Connection)
  theirs.close()
  await returned.send('returned')
  assert.equal(await mine.recv(), 'returned')
  returned.close()
  await pool.close()
  await pool.join()
  await assert.rejects(mine.recv(), EndOfFileError)
  mine.close()
})

perMethod(ALL, 'a child makes a pipe and sends an end of it to its parent, and ends', async context => {
  const [mine, theirs] = context.Pipe()
  const child = new context.Process({
    target: async (connection: AnyConnection) => {
      const [one, other] = Pipe()
      one.sendSync('left in it')
      await connection.send(other)
    },
    args: [theirs],
  })
  await child.start()
  theirs.close()
  const end = (await mine.recv()) as AnyConnection
  await child.join()
  assert.equal(await end.recv(), 'left in it')
  await assert.rejects(end.recv(), EndOfFileError)
  end.close()
  mine.close()
})

test('connections travel over each other, many in a message', async () => {
  await withPipe(async (left, right) => {
    const pipes = Array.from({ length: 31 }, () => Pipe())
    await left.send(pipes.map(([, theirs]) => theirs))
    for (const [, theirs] of pipes) theirs.close()
    const received = (await right.recv()) as AnyConnection[]
    for (const [index, connection] of received.entries()) {
      connection.sendSync(index)
      connection.close()
      const [mine] = pipes[index] as [AnyConnection, AnyConnection]
      assert.equal(mine.recvSync(), index)
      assert.throws(() => mine.recvSync(), EndOfFileError)
      mine.close()
    }
  })
})

test('a connection and large data travel in one message', async () => {
  await withPipe(async (left, right) => {
    const [mine, theirs] = Pipe()
    await left.send([new Uint8Array(1e6).fill(1), theirs, new Uint8Array(1e6).fill(2), 'x'.repeat(1e6)])
    theirs.close()
    const [first, connection, second, string] = await right.recv()
    assert.deepEqual([first[999_999], second[999_999], string.length], [1, 2, 1e6])
    connection.sendSync('it')
    assert.equal(mine.recvSync(), 'it')
    connection.close()
    mine.close()
  })
})

test('too many connections in a message are refused, and nothing is left of them', async () => {
  await withPipe(async (left, right) => {
    const pipes = Array.from({ length: 32 }, () => Pipe())
    const before = resources()
    await assert.rejects(left.send(pipes.map(([, theirs]) => theirs)), { code: 'ERR_NOT_SERIALIZABLE' })
    await assert.rejects(left.send([pipes[0]?.[0], new Uint8Array(1e6), Symbol('no')]), { code: 'ERR_NOT_SERIALIZABLE' })
    await assertNoGrowth(before)
    for (const [one, other] of pipes) {
      one.close()
      other.close()
    }
    assert.equal(right.tryPoll(), false)
  })
})

test('what goes with a message goes when nobody receives it', async () => {
  await withPipe(async () => {
    const before = resources()
    const [left, right] = Pipe()
    const [mine, theirs] = Pipe()
    await left.send([theirs, new Uint8Array(1e6)])
    theirs.close()
    assert.equal(mine.tryPoll(), false)
    left.close()
    right.close()
    await assert.rejects(mine.recv(), EndOfFileError)
    mine.close()
    await assertNoGrowth(before)
  })
})

perMethod(PROCESSES, 'a connection that a task never takes is closed', async context => {
  const pool = new context.Pool(1)
  await pool.apply(() => 1)
  const [mine, theirs] = context.Pipe()
  const [told, telling] = context.Pipe({ duplex: false })
  const busy = pool.apply(
    async (connection: AnyConnection) => {
      await connection.send('busy')
      await new Promise(() => {})
    },
    [telling],
  )
  telling.close()
  assert.equal(await told.recv(), 'busy')
  const waiting = pool.apply((connection: AnyConnection) => connection.close(), [theirs])
  theirs.close()
  const end = mine.recv()
  pool.terminate()
  await Promise.allSettled([busy, waiting])
  await assert.rejects(end, EndOfFileError)
  mine.close()
  told.close()
  await pool.join()
})

test('a function that several may read has no connection in it', async () => {
  const [left, right] = Pipe()
  const pool = new Pool(1)
  await assert.rejects(
    async () => await pool.apply(() => left.closed),
    /cannot be a part of what several processes may read: pass it as an argument/,
  )
  await pool.close()
  await pool.join()
  left.close()
  right.close()
})

test('a connection with half a message does not travel', async () => {
  await withPipe(async (left, right) => {
    const [mine, theirs] = Pipe()
    const sent = mine.sendBytes(new Uint8Array(1e6))
    await assert.rejects(left.send(mine), { code: 'ERR_NOT_SERIALIZABLE' })
    assert.throws(() => theirs.recvBytesSync({ timeout: 0 }))
    await assert.rejects(left.send(theirs), { code: 'ERR_NOT_SERIALIZABLE' })
    await theirs.recvBytes()
    await sent
    await left.send(theirs)
    const received = await right.recv()
    received.close()
    mine.close()
    theirs.close()
  })
})
