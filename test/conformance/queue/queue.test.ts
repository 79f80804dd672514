// CPython: _TestQueue and TestSimpleQueue.
import { ClosedError, EmptyError, FullError, getContext } from '../../../src/index.ts'
import { FORMS, timed } from '../../fixtures/conformance/forms.ts'
import { get, getSome, join, put, putAll, putSome, putWhetherEmpty, workUntilNull } from '../../fixtures/conformance/queues.ts'
import { playRows, row } from '../row.ts'

row('_TestQueue', 'test_put', 'a queue is full after maxSize puts, and further ones wait as long as they are told', async scene => {
  const { ctx, check, own, start } = scene
  for (const form of FORMS) {
    const queue = own(new ctx.Queue({ maxSize: 6 }))
    const [mayStart, mayGoOn] = [own(new ctx.Event()), own(new ctx.Event())]
    await start(form, getSome, queue, mayStart, mayGoOn, 6)
    check.equal([queue.isEmpty, queue.isFull], [true, false])
    await put(form, queue, 1)
    await put(form, queue, 2, {})
    await put(form, queue, 3, { timeout: Infinity })
    await put(form, queue, 4, { timeout: 0 })
    check.equal([queue.tryPut(5), queue.tryPut(6), queue.tryPut(7)], [true, true, false])
    check.equal([queue.isEmpty, queue.isFull], [false, true])
    for (const timeout of [0, 82, 0, 35]) {
      const [, elapsed] = await timed(() => check.rejects(() => put(form, queue, 7, { timeout }), FullError))
      check.lasted(elapsed, timeout)
    }
    mayStart.set()
    await mayGoOn.wait()
    check.equal([queue.isEmpty, queue.isFull], [true, false])
    await scene.joined()
  }
})

row(
  '_TestQueue',
  'test_get',
  'what another process puts is got in its order, and on an empty queue gets wait as long as they are told',
  async scene => {
    const { ctx, check, own, start } = scene
    for (const form of FORMS) {
      const queue = own(new ctx.Queue())
      const [mayStart, mayGoOn] = [own(new ctx.Event()), own(new ctx.Event())]
      await start(form, putSome, queue, mayStart, mayGoOn, [1, 2, 3, 4, 5])
      check.equal(queue.isEmpty, true)
      mayStart.set()
      await mayGoOn.wait()
      check.equal(queue.isEmpty, false)
      check.equal([await get(form, queue), await get(form, queue, {}), await get(form, queue, { timeout: Infinity })], [1, 2, 3])
      check.equal([await get(form, queue, { timeout: 1000 }), queue.tryGet()], [4, 5])
      check.equal([queue.isEmpty, queue.tryGet('none')], [true, 'none'])
      for (const timeout of [0, 82, 0, 35]) {
        const [, elapsed] = await timed(() => check.rejects(() => get(form, queue, { timeout }), EmptyError))
        check.lasted(elapsed, timeout)
      }
      await scene.joined()
    }
  },
)

row('_TestQueue', 'test_fork', 'a process that is started when its parent has put already puts behind it', async scene => {
  const { ctx, check, own, start } = scene
  for (const form of FORMS) {
    const queue = own(new ctx.Queue())
    for (let number = 0; number < 10; number += 1) await put(form, queue, number)
    const numbers = Array.from({ length: 20 }, (_, number) => number)
    await start(form, putAll, queue, numbers.slice(10))
    for (const number of numbers) check.equal(await get(form, queue), number)
    await check.rejects(() => get(form, queue, { timeout: 0 }), EmptyError)
    await scene.joined()
  }
})

row('_TestQueue', 'test_qsize', 'the size is what was put and not got', async ({ ctx, check, own }) => {
  const queue = own(new ctx.Queue())
  for (const form of FORMS) {
    check.equal(queue.size, 0)
    await put(form, queue, 1)
    check.equal(queue.size, 1)
    await put(form, queue, 5)
    check.equal(queue.size, 2)
    await get(form, queue)
    check.equal(queue.size, 1)
    await get(form, queue)
    check.equal(queue.size, 0)
  }
})

row('_TestQueue', 'test_task_done', 'join() waits until four workers have done ten tasks', async scene => {
  const { ctx, check, own, start } = scene
  const queue = own(new ctx.JoinableQueue())
  for (const form of FORMS) for (let worker = 0; worker < 2; worker += 1) await start(form, workUntilNull, queue)
  for (const form of FORMS) {
    for (let number = 0; number < 10; number += 1) await put(form, queue, number)
    check.equal(await join(form, queue), true)
    check.equal([queue.unfinished, queue.isEmpty], [0, true])
  }
  for (let worker = 0; worker < 4; worker += 1) queue.putSync(null)
  await scene.joined()
})

row('_TestQueue', 'test_no_import_lock_contention', 'a module may put and get while it is imported', async ({ check }) => {
  const source = `import { Queue } from ${JSON.stringify(new URL('../../../src/index.js', import.meta.url).href)}
      const queue = new Queue()
      queue.putSync('knock knock')
      export const first = queue.getSync({ timeout: 3000 })
      await queue.put('who is there?')
      export const second = await queue.get({ timeout: 3000 })
      queue.close()`
  const { first, second } = await import(`data:text/javascript,${encodeURIComponent(source)}`)
  check.equal([first, second], ['knock knock', 'who is there?'])
})

row('_TestQueue', 'test_timeout', 'a get in vain lasts as long as it was told', async ({ ctx, check, own }) => {
  const queue = own(new ctx.Queue())
  for (const form of FORMS) {
    const [, elapsed] = await timed(() => check.rejects(() => get(form, queue, { timeout: 200 }), EmptyError))
    check.lasted(elapsed, 200)
  }
})

row(
  '_TestQueue',
  'test_queue_feeder_donot_stop_onexc',
  'an item that cannot travel is an error of its put, and the queue goes on',
  async ({ ctx, check, own }) => {
    const queue = own(new ctx.Queue({ maxSize: 1 }))
    for (const form of FORMS) {
      await check.rejects(() => put(form, queue, new WeakMap()), { code: 'ERR_NOT_SERIALIZABLE' })
      await put(form, queue, true)
      check.equal(queue.size, 1)
      check.equal(await get(form, queue, { timeout: 30_000 }), true)
      check.equal(queue.isEmpty, true)
    }
  },
  'the error is thrown where the item is put; Python prints it in a thread of its own',
)

row(
  '_TestQueue',
  'test_closed_queue_empty_exceptions',
  'whether a closed queue is empty it does not say, used or not',
  ({ ctx, check }) => {
    for (const isUsed of [false, true]) {
      for (const queue of [new ctx.Queue(), new ctx.JoinableQueue()]) {
        if (isUsed) queue.putSync('foo')
        queue.close()
        check.throws(() => queue.isEmpty, ClosedError)
      }
    }
  },
  'close() counts on a queue that was never used, too',
)

row('_TestQueue', 'test_closed_queue_put_get_exceptions', 'a closed queue takes and gives nothing', async ({ ctx, check }) => {
  for (const queue of [new ctx.Queue(), new ctx.JoinableQueue()]) {
    queue.close()
    for (const form of FORMS) {
      await check.rejects(() => put(form, queue, 'foo'), ClosedError)
      await check.rejects(() => get(form, queue), ClosedError)
    }
  }
})

row('TestSimpleQueue', 'test_empty_exceptions', 'whether a closed queue is empty it does not say', ({ check }) => {
  const queue = new (getContext().SimpleQueue)()
  queue.close()
  check.throws(() => queue.isEmpty, ClosedError)
})

row('TestSimpleQueue', 'test_empty', 'it is empty until another process has put something', async scene => {
  const { ctx, check, own, start } = scene
  for (const form of FORMS) {
    const queue = own(new ctx.SimpleQueue())
    const [mayStart, mayGoOn] = [own(new ctx.Event()), own(new ctx.Event())]
    await start(form, putWhetherEmpty, queue, mayStart, mayGoOn)
    check.equal(queue.isEmpty, true)
    mayStart.set()
    await mayGoOn.wait()
    check.equal(queue.isEmpty, false)
    check.equal([await get(form, queue), await get(form, queue), queue.isEmpty], [true, false, true])
    await scene.joined()
  }
})

row('TestSimpleQueue', 'test_close', 'it may be closed twice', ({ ctx, check }) => {
  const queue = new ctx.SimpleQueue()
  queue.close()
  queue.close()
  check.equal(queue.closed, true)
})

playRows({ crew: 2 })
