// What a target may be and how it may end, under every start method.
// CPython: _TestProcess.test_args_argument, test_wait_for_threads, test_error_on_stdio_flush_2; _TestSubclassingProcess.test_subclassing,
// test_sys_exit.
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { Process, setStartMethod } from '../../src/index.ts'
import { Shouter, Stepper } from '../fixtures/process/classes.ts'
import * as targets from '../fixtures/process/targets.ts'
import { readLines } from '../helpers/conditions.ts'
import { ALL, answerFile, ask, type Context, PROCESSES, perMethod, readAnswer } from './methods.ts'

async function exitCodeOf(context: Context, target: (...args: never[]) => unknown, ...args: unknown[]): Promise<unknown> {
  const child = await new context.Process({ target: target as () => unknown, args: args as [], stderr: 'ignore' }).start()
  await child.join()
  return child.exitCode
}

perMethod(ALL, 'arguments of many kinds reach the target as they were', async context => {
  const given = [1, 'é', [1, 'two', [3]], { deep: { deeper: [null, true] } }, -0, 2n ** 70n, new Map([['key', new Date(0)]]), undefined]
  const seen = await ask(
    context,
    (...args: unknown[]) =>
      args.map(arg => {
        if (arg instanceof Map) return ['Map', (arg.get('key') as Date).getTime()]
        return [typeof arg, Object.is(arg, -0) ? '-0' : typeof arg === 'bigint' ? String(arg) : arg]
      }),
    ...given,
  )
  assert.deepEqual(seen, [
    ['number', 1],
    ['string', 'é'],
    ['object', given[2]],
    ['object', given[3]],
    ['number', '-0'],
    ['bigint', String(2n ** 70n)],
    ['Map', 0],
    ['undefined', null],
  ])
})

perMethod(ALL, 'a target is a plain or asynchronous function, or a generator, which is run to its end', async context => {
  const forms: readonly ((file: string) => unknown)[] = [
    file => writeFileSync(file, 'plain'),
    async file => {
      await delay(1)
      writeFileSync(file, 'asynchronous')
    },
    function* (file) {
      yield 1
      yield* [2, 3]
      writeFileSync(file, 'generator')
    },
    async function* (file) {
      for (let step = 0; step < 3; step += 1) yield await delay(1, step)
      writeFileSync(file, 'asynchronous generator')
    },
  ]
  const files = forms.map(answerFile)
  const children = forms.map((target, index) => new context.Process({ target, args: [files[index] as string] }))
  for (const child of children) await child.start()
  for (const child of children) await child.join()
  assert.deepEqual(
    children.map(child => child.exitCode),
    [0, 0, 0, 0],
  )
  assert.deepEqual(
    files.map(file => readFileSync(file, 'utf8')),
    ['plain', 'asynchronous', 'generator', 'asynchronous generator'],
  )
})

perMethod(ALL, 'without a target a process ends at once', async context => {
  const child = await new context.Process().start()
  await child.join()
  assert.equal(child.exitCode, 0)
})

perMethod(ALL, 'process.exit(n), process.exitCode and errors are the exit code', async context => {
  const codes = await Promise.all([
    exitCodeOf(context, targets.exit, 0),
    exitCodeOf(context, targets.exit, 8),
    exitCodeOf(context, targets.exit, 255),
    exitCodeOf(context, targets.exit, undefined),
    exitCodeOf(context, targets.setExitCode, 4),
    exitCodeOf(context, targets.fail, 'at once'),
    exitCodeOf(context, targets.failLater, 'later'),
    exitCodeOf(context, () => Promise.reject(new Error('rejected'))),
    exitCodeOf(context, function* () {
      yield 1
      throw new Error('in a generator')
    }),
  ])
  assert.deepEqual(codes, [0, 8, 255, 0, 4, 1, 1, 1, 1])
})

perMethod(ALL, 'what a target returns is not its exit code', async context => {
  assert.equal(await exitCodeOf(context, () => 7), 0)
})

perMethod(ALL, 'exit handlers of the target run once, at its end and at process.exit(), and may choose another code', async context => {
  const file = answerFile()
  const target = (exits: boolean): void => {
    process.on('exit', code => appendFileSync(file, `exit ${code}\n`))
    process.once('beforeExit', () => appendFileSync(file, 'beforeExit\n'))
    if (exits) process.exit(6)
  }
  assert.equal(await exitCodeOf(context, target, false), 0)
  assert.equal(await exitCodeOf(context, target, true), 6)
  assert.deepEqual(readLines(file), ['beforeExit', 'exit 0', 'exit 6'])
  const choosing = (): void => {
    process.on('exit', () => {
      process.exitCode = 9
    })
  }
  assert.equal(await exitCodeOf(context, choosing), 9)
})

perMethod(ALL, 'a child ends when nothing holds its event loop any more, and not before', async context => {
  const file = answerFile()
  const target = (): void => {
    setTimeout(() => appendFileSync(file, 'held'), 50)
    setTimeout(() => appendFileSync(file, 'not held'), 60_000).unref()
  }
  assert.equal(await exitCodeOf(context, target), 0)
  assert.equal(readFileSync(file, 'utf8'), 'held')
})

perMethod(ALL, 'a child that destroys its standard output and error ends well', async context => {
  const target = (): void => {
    process.stdout.destroy()
    process.stderr.destroy()
  }
  assert.equal(await exitCodeOf(context, target), 0)
})

perMethod(PROCESSES, 'standard input is empty', async context => {
  assert.equal(await ask(context, () => process.getBuiltinModule('node:fs').readFileSync(0, 'utf8')), '')
})

perMethod(ALL, 'a subclass has a run() of its own and its fields', async context => {
  class Adder extends context.Process {
    numbers: readonly number[]
    readonly file: string
    constructor(file: string, numbers: readonly number[]) {
      super({ name: 'Adder-7' })
      this.file = file
      this.numbers = numbers
    }
    override run(): void {
      writeFileSync(this.file, JSON.stringify([this.sum(), this.name]))
    }
    sum(): number {
      return this.numbers.reduce((sum, next) => sum + next, 0)
    }
  }
  const child = new Adder(answerFile(), [1, 2])
  child.numbers = [1, 2, 3] // As they are at start().
  assert.equal(await child.start(), child)
  child.numbers = []
  await child.join()
  assert.equal(child.exitCode, 0)
  assert.deepEqual(readAnswer(child.file), [6, 'Adder-7'])
})

perMethod(ALL, 'a subclass of Process itself starts by the method that is set', async (_, method) => {
  setStartMethod(method, { force: true })
  try {
    for (const [Class, words] of [
      [Shouter, ['HELLO', 'É']],
      [Stepper, ['HELLO', 'É', 'THREE STEPS']],
    ] as const) {
      const child = new Class(answerFile())
      child.words = ['hello', 'é']
      await child.start()
      await child.join()
      assert.equal(child.exitCode, 0)
      assert.deepEqual(readAnswer(child.file), [...words, 'Shouter-1', true])
    }
  } finally {
    setStartMethod(null, { force: true })
  }
})

perMethod(ALL, 'a subclass can call the run() of Process, which calls the target', async context => {
  const file = answerFile()
  class Logged extends context.Process {
    override async run(): Promise<void> {
      appendFileSync(file, 'before\n')
      await super.run()
      appendFileSync(file, 'after\n')
    }
  }
  const child = await new Logged({ target: async () => appendFileSync(file, 'target\n') }).start()
  await child.join()
  assert.equal(child.exitCode, 0)
  assert.deepEqual(readLines(file), ['before', 'target', 'after'])
})

perMethod(ALL, 'run() can be called here, without a process', async context => {
  const calls: number[] = []
  await new context.Process({ target: (n: number) => calls.push(n), args: [5] }).run()
  assert.deepEqual(calls, [5])
  class Own extends Process {
    override run(): void {
      calls.push(6)
    }
  }
  new Own().run()
  assert.deepEqual(calls, [5, 6])
})

perMethod(
  ALL,
  'an error that a listener of the child catches is not told as if nobody did, also when the listener ends the child',
  async context => {
    const child = new context.Process({
      target: () => {
        process.on('uncaughtException', () => process.exit(3))
        throw new Error('caught')
      },
      stderr: 'pipe',
    })
    await child.start()
    const told = text(child.stderr as NodeJS.ReadableStream)
    await child.join()
    assert.deepEqual([child.exitCode, await told], [3, ''])
  },
)

perMethod(ALL, 'modules of Node that were imported by import() are imported in the child', async context => {
  const fs = await import('node:fs')
  const net = await import('node:net')
  const file = answerFile()
  const child = new context.Process({ target: () => fs.writeFileSync(file, typeof net.createServer) })
  await child.start()
  await child.join()
  assert.equal(fs.readFileSync(file, 'utf8'), 'function')
})
