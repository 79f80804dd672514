// CPython: InterpreterPoolExecutorTest of test_concurrent_futures/test_interpreter_pool.py. Threads have an isolate each here, and processes
// anyway, so it is about executors of every start method; what cannot be sent to an interpreter there is mostly sent here.
import { BrokenPoolError } from '../../../src/futures.ts'
import { MultiprocessingError, type Queue } from '../../../src/index.ts'
import {
  blockFor,
  ErrorAtUnpickle,
  fail,
  moduleHere,
  power,
  remember,
  remembered,
  setStatus,
  statusHere,
} from '../../fixtures/conformance/executors.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { reuseIdle, saturate, withExecutor } from './executors.ts'

const CLASS = 'InterpreterPoolExecutorTest'
const TRAVELS = 'it is sent, with the variables that it uses and the object that it is bound to (Python: NotShareableError)'

/** With a method that says what it was called on. */
class Spam {
  readonly taste: string

  constructor(taste: string) {
    this.taste = taste
  }

  initialize(): void {
    Reflect.set(globalThis, 'initialized', this.taste)
  }

  describe(suffix: string): string {
    return this.taste + suffix
  }
}

row(CLASS, 'test_init_func', 'the initializer runs with its arguments when a worker is there, and not before', async scene => {
  const queue: Queue<string> = scene.own(new scene.ctx.Queue<string>())
  const initializer = (to: Queue<string>, message: string): void => to.putSync(message)
  await withExecutor(scene, { maxWorkers: 1, initializer, initArgs: [queue, 'step: init'] }, async executor => {
    scene.check.equal(queue.tryGet('nothing'), 'nothing')
    scene.check.equal(await executor.submit(power, 10, 2), 100)
    scene.check.equal(queue.tryGet('nothing'), 'step: init')
  })
})

row(
  CLASS,
  'test_init_with___main___global',
  'the initializer sets variables of its module in the worker, and not here',
  async scene => {
    await withExecutor(scene, { maxWorkers: 1, initializer: setStatus, initArgs: ['initialized'] }, async executor => {
      scene.check.equal(await executor.submit(statusHere), 'initialized')
      scene.check.equal(statusHere(), 'uninitialized')
    })
  },
  'of a module other than the main one: functions of that are sent as code, each with variables of its own',
)

row(
  CLASS,
  'test_init_closure',
  'an initializer has the variables around it as they are, and changes none here',
  async scene => {
    const { check, own, ctx } = scene
    const [word, seen] = ['around', own(new ctx.Queue<string>())]
    let count = 0
    const initializer = (): void => {
      count += 1
      seen.putSync(`${word} ${count}`)
    }
    await withExecutor(scene, { maxWorkers: 1, initializer }, async executor => {
      check.equal(await executor.submit(power, 2, 3), 8)
      check.equal([seen.tryGet('nothing'), count], ['around 1', 0])
    })
  },
  TRAVELS,
)

row(
  CLASS,
  'test_init_instance_method',
  'a bound method initializes with its object',
  async scene => {
    const spam = new Spam('salty')
    await withExecutor(scene, { maxWorkers: 1, initializer: spam.initialize.bind(spam) }, async executor => {
      scene.check.equal(await executor.submit(remembered), 'salty')
    })
  },
  TRAVELS,
)

row(CLASS, 'test_init_exception_in_func', 'what an initializer throws is the cause why the executor is broken', async scene => {
  await withExecutor(scene, { maxWorkers: 1, initializer: fail, initArgs: ['a message'] }, async executor => {
    const error = await executor.submit(power, 2, 3).exception()
    scene.check.ok(error instanceof BrokenPoolError)
    const cause = (error as BrokenPoolError).cause as Error
    scene.check.equal([cause.name, cause.message], ['RangeError', 'a message'])
    scene.check.match(String(cause.stack), /at fail /)
  })
})

row(
  CLASS,
  'test_submit_closure',
  'a task has the variables around it as they are, and changes none here',
  async scene => {
    let spam = true
    const task = (): boolean => {
      spam = !spam
      return spam
    }
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      scene.check.equal(await executor.submit(task), false)
      scene.check.equal(spam, true)
      scene.check.equal(await executor.submit(() => (spam ? 'set' : 'unset')), 'set')
    })
  },
  TRAVELS,
)

row(
  CLASS,
  'test_submit_local_instance',
  'an instance of a class that is known here only has its methods there, and is one of it when it comes back',
  async scene => {
    class Local {
      readonly x = 3
      double(): number {
        return this.x * 2
      }
    }
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      scene.check.equal(await executor.submit(local => local.double(), new Local()), 6)
      scene.check.ok((await executor.submit(local => local, new Local())) instanceof Local)
    })
  },
  TRAVELS,
)

row(
  CLASS,
  'test_submit_instance_method',
  'a bound method is called on its object',
  async scene => {
    const spam = new Spam('sweet')
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      scene.check.equal(await executor.submit(spam.describe.bind(spam), '!'), 'sweet!')
    })
  },
  TRAVELS,
)

row(CLASS, 'test_submit_func_globals', 'a function runs in its own module, which is not the main one', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const url = await executor.submit(moduleHere)
    scene.check.equal(url, moduleHere())
    scene.check.ok(url !== import.meta.url)
  })
})

row(CLASS, 'test_submit_exception_in_func', 'what a task throws has its class, its message and its stack', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const error = (await executor.submit(fail, 'a message').exception()) as Error
    scene.check.ok(error instanceof RangeError)
    scene.check.equal(error.message, 'a message')
    scene.check.match(String(error.stack), /at fail [\s\S]*\(in PoolWorker-/)
  })
})

row(CLASS, 'test_saturation', 'under load there are as many workers as may be, and no more', scene => saturate(scene, 4))

for (const [name, options] of [
  ['test_blocking', {}],
  ['test_blocking_with_limited_workers', { maxWorkers: 4 }],
] as const) {
  row(CLASS, name, 'tasks that block are let go one by one, more of them than there are workers', scene => letGoOneByOne(scene, options))
}

/** A worker is not started for each task: whoever is blocked has to be let go before the others come. */
async function letGoOneByOne(scene: Scene, options: { maxWorkers?: number }): Promise<void> {
  const { check, own, ctx } = scene
  const [ready, blocker] = [own(new ctx.Queue<number>()), own(new ctx.Queue<null>())]
  const ids = Array.from({ length: 10 }, (_, id) => id)
  await withExecutor(scene, options, async executor => {
    const futures = ids.map(id => executor.submit(blockFor, id, ready, blocker))
    const came = new Set<number>()
    while (came.size < ids.length) {
      came.add(await ready.get({ timeout: 30_000 }))
      blocker.putSync(null)
    }
    check.equal(came, new Set(ids))
    check.equal(await Promise.all(futures), ids)
  })
}

row(CLASS, 'test_idle_thread_reuse', 'tasks one after the other are done by one worker', reuseIdle)

row(CLASS, 'test_pickle_errors_propagate', 'a function that cannot be rebuilt fails its future, and nothing hangs', async scene => {
  await withExecutor(scene, { maxWorkers: 1, initializer: remember, initArgs: ['initialized'] }, async executor => {
    const shenanigans = new ErrorAtUnpickle()
    const error = await executor.submit(() => shenanigans).exception({ timeout: 30_000 })
    scene.check.ok(error instanceof MultiprocessingError)
    scene.check.match((error as Error).message, /at unpickle/)
    scene.check.equal(await executor.submit(remembered), 'initialized')
  })
})

playRows({ crew: 1 })
