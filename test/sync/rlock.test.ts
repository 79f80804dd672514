// An RLock belongs to the thread in blocking forms, and to the call chain whose body runs in promise form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { DeadlockError, RLock, TimeoutError } from '../../src/index.ts'
import { newGate } from '../helpers/gate.ts'
import { balancedAsync } from '../value/balance.ts'

function withRLock(title: string, play: (lock: RLock) => Promise<void> | void): void {
  test(title, () =>
    balancedAsync(async () => {
      const lock = new RLock()
      try {
        await play(lock)
        assert.deepEqual([lock.locked, lock.abandoned], [false, false])
      } finally {
        lock.close()
      }
    }),
  )
}

withRLock('a thread takes it as often as it likes, and it is free when it was released as often', lock => {
  assert.deepEqual([lock.acquireSync(), lock.tryAcquire(), lock.acquireSync({ timeout: 0 })], [true, true, true])
  lock.runSync(() => lock.runSync(() => assert.equal(lock.locked, true)))
  holdTwice(lock)
  lock.release()
  lock.release()
  assert.equal(lock.locked, true)
  lock.release()
  assert.throws(() => lock.release(), { code: 'ERR_NOT_HELD' })
})

function holdTwice(lock: RLock): void {
  const [one, two] = [lock.holdSync(), lock.holdSync()]
  one[Symbol.dispose]()
  two[Symbol.dispose]()
  two[Symbol.dispose]()
}

withRLock('run() in a body’s chain enters at once, however deep', async lock => {
  const deep = async (depth: number): Promise<number> => (depth === 0 ? 0 : 1 + (await lock.run(() => turn().then(() => deep(depth - 1)))))
  assert.equal(await lock.run(() => deep(20)), 20)
})

withRLock('in a body of run() release() is an error: only what was taken in blocking form is released', async lock => {
  await lock.run(async () => {
    assert.throws(() => lock.release(), { code: 'ERR_NOT_HELD' })
    await turn()
    assert.throws(() => lock.release(), { code: 'ERR_NOT_HELD' })
    assert.equal(lock.locked, true)
  })
})

withRLock('chains run one after the other', async lock => {
  const log: string[] = []
  const chain = (name: string): Promise<void> =>
    lock.run(async () => {
      log.push(`${name} in`)
      await lock.run(() => turn())
      log.push(`${name} out`)
    })
  await Promise.all(['a', 'b', 'c'].map(chain))
  assert.deepEqual(log, ['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
})

withRLock('bodies that are started side by side inside one body run one at a time, in their order', async lock => {
  const log: string[] = []
  const part = (name: string): Promise<void> =>
    lock.run(async () => {
      log.push(`${name} in`)
      await turn()
      // Deeper down it is this part's, which nobody else enters.
      await lock.run(async () => {
        await turn()
        log.push(`${name} deep`)
      })
      log.push(`${name} out`)
    })
  await lock.run(() => Promise.all([part('a'), part('b'), part('c')]))
  assert.deepEqual(
    log,
    ['a', 'b', 'c'].flatMap(name => [`${name} in`, `${name} deep`, `${name} out`]),
  )
})

withRLock('one of those side by side that fails lets the next in', async lock => {
  const ends = await lock.run(() =>
    Promise.allSettled([
      lock.run(() => Promise.reject(new Error('first'))),
      lock.run(() => 2),
      lock.run(() => Promise.reject(new Error('third'))),
    ]),
  )
  assert.deepEqual(
    ends.map(end => end.status),
    ['rejected', 'fulfilled', 'rejected'],
  )
})

withRLock('who waits inside a body beside another has a timeout and a signal', async lock => {
  await lock.run(async () => {
    const gate = newGate()
    const first = lock.run(() => gate.opened)
    await assert.rejects(
      lock.run(() => {}, { timeout: 0 }),
      TimeoutError,
    )
    await assert.rejects(
      lock.run(() => {}, { timeout: 5 }),
      TimeoutError,
    )
    const controller = new AbortController()
    const aborted = lock.run(() => {}, { signal: controller.signal })
    const last = lock.run(() => 5)
    controller.abort('enough')
    await assert.rejects(aborted, (reason: unknown) => reason === 'enough')
    gate.open()
    await first
    assert.equal(await last, 5)
  })
})

withRLock('what outlives the body holds nothing: it enters when it is free, and not beside who has it then', async lock => {
  const log: string[] = []
  let late: Promise<void> = Promise.resolve()
  await lock.run(() => {
    late = turn()
      .then(() => turn())
      .then(() => lock.run(() => void log.push('late')))
  })
  await lock.run(async () => {
    for (let turns = 0; turns < 10; turns += 1) await turn()
    log.push('other')
  })
  await late
  assert.deepEqual(log, ['other', 'late'])
})

withRLock('what waits inside a body that ends first takes its place in the line', async lock => {
  let inner: Promise<number> = Promise.resolve(0)
  const gate = newGate()
  await lock.run(async () => {
    void lock.run(() => gate.opened)
    await turn()
    inner = lock.run(() => 5)
  })
  assert.equal(await inner, 5, 'the other one’s hold ended with the body around it')
  gate.open()
})

withRLock('blocking forms in the chain of a body have it, and those of other chains of the thread do not', async lock => {
  await lock.run(async () => {
    assert.equal(
      lock.runSync(() => lock.tryAcquire()),
      true,
    )
    lock.release()
    assert.equal(lock.acquireSync(), true)
    await turn()
    lock.release()
    assert.throws(() => lock.release(), { code: 'ERR_NOT_HELD' })
    await fromElsewhere(lock)
  })
})

/** From a chain that was there before the body began. */
async function fromElsewhere(lock: RLock): Promise<void> {
  const failures = await new Promise<unknown[]>(resolve => void others.push(() => resolve(otherChainOf(lock))))
  assert.deepEqual(failures, ['DeadlockError', 'DeadlockError', 'DeadlockError', false])
}

const others: (() => void)[] = []
const poll = setInterval(() => {
  for (const other of others.splice(0)) other()
}, 1)
poll.unref()

function otherChainOf(lock: RLock): unknown[] {
  const attempts = [() => lock.acquireSync(), () => lock.runSync(() => {}), () => lock.holdSync(), () => lock.tryAcquire()]
  return attempts.map(attempt => {
    try {
      return attempt()
    } catch (error) {
      return (error as Error).name
    }
  })
}

withRLock('what the thread holds in blocking form, its chains run inside of, and what they leave is the thread’s', async lock => {
  lock.acquireSync()
  assert.equal(await lock.run(() => lock.run(() => lock.runSync(() => 5))), 5)
  assert.equal(lock.locked, true)
  const running = lock.run(() => turn())
  lock.release()
  assert.equal(lock.locked, true, 'the body has it until its end')
  await running
})

withRLock('a body that throws, or whose promise fails, leaves it free, at every depth', async lock => {
  const fail = (): never => {
    throw new Error('deep')
  }
  await assert.rejects(
    lock.run(() => lock.run(() => lock.runSync(fail))),
    /deep/,
  )
  await assert.rejects(
    lock.run(() => lock.run(async () => fail())),
    /deep/,
  )
})

withRLock('two locks in one chain do not disturb each other', async lock => {
  const other = new RLock()
  await lock.run(() => other.run(() => lock.run(() => other.run(async () => assert.deepEqual([lock.locked, other.locked], [true, true])))))
  await Promise.all([lock.run(() => other.run(() => turn())), lock.run(() => other.run(() => turn()))])
  assert.equal(other.locked, false)
  other.close()
})

withRLock('a DeadlockError says what to do', async lock => {
  await lock.run(async () => {
    const [failure] = await new Promise<unknown[]>(resolve => void others.push(() => resolve([failureOf(() => lock.acquireSync())])))
    assert.ok(failure instanceof DeadlockError)
    assert.equal(failure.code, 'ERR_DEADLOCK')
  })
})

function failureOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
