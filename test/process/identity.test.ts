// Who a process is: its name, its key, its parent and its children.
// CPython: _TestProcess.test_current, test_daemon_argument, test_parent_process_attributes, test_process, test_process_mainthread_native_id,
// test_cpu_count, test_active_children; TestStartMethod.test_context (what the child reports).
import assert from 'node:assert/strict'
import { readlinkSync } from 'node:fs'
import { test } from 'node:test'
import { threadId } from 'node:worker_threads'
import {
  activeChildren,
  cpuCount,
  currentProcess,
  getContext,
  getStartMethod,
  MultiprocessingError,
  parentProcess,
} from '../../src/index.ts'
import { giveAnswer } from '../fixtures/process/answers.ts'
import * as targets from '../fixtures/process/targets.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, answerFile, ask, perMethod, readAnswer } from './methods.ts'

test('the main process is alive, no daemon, has a key and no parent', async () => {
  const me = currentProcess()
  assert.deepEqual([me.name, me.pid, me.daemon, me.isAlive()], ['MainProcess', process.pid, false, true])
  assert.ok(me.authKey instanceof Uint8Array && me.authKey.length >= 16)
  assert.equal(parentProcess(), null)
  assert.deepEqual(activeChildren(), [])
  await assert.rejects(async () => me.join(), MultiprocessingError)
  assert.throws(() => me.joinSync(), MultiprocessingError)
  const cpus = cpuCount()
  assert.ok(Number.isInteger(cpus) && cpus >= 1)
})

perMethod(ALL, 'a child knows its name, its parent and how it was started', async (context, method) => {
  const file = answerFile()
  const question = async (): Promise<unknown> => {
    const parent = parentProcess()
    const me = currentProcess()
    return {
      me: [me.name, me.pid, me.daemon, me.isAlive()],
      parent: [parent?.name, parent?.pid, parent?.daemon, parent?.isAlive(), await parent?.join({ timeout: 0 }), parent?.sentinel.ended],
      children: activeChildren().length,
      startMethod: [getStartMethod(), getContext().startMethod],
      process: [process.pid, process.ppid],
    }
  }
  const child = await new context.Process({ target: giveAnswer, args: [file, question, []], name: 'asked' }).start()
  await child.join()
  const parent = method === 'thread' ? process.ppid : process.pid
  assert.deepEqual(readAnswer(file), {
    me: ['asked', child.pid, false, true],
    parent: ['MainProcess', process.pid, false, true, false, false],
    children: 0,
    startMethod: [method, method],
    process: [method === 'thread' ? process.pid : child.pid, parent],
  })
})

perMethod(ALL, 'a child runs in another thread of the operating system', async context => {
  const there = await ask(context, () => process.getBuiltinModule('node:fs').readlinkSync('/proc/thread-self'))
  assert.notEqual(there, readlinkSync('/proc/thread-self'))
})

perMethod(ALL, 'only a thread is a thread', async (context, method) => {
  const there = await ask(context, () => [process.pid, threadId] as const)
  assert.equal(there[0] === process.pid, method === 'thread')
  assert.equal(there[1] !== 0, method === 'thread')
})

perMethod(ALL, 'processes are numbered, below one another too', async (context, method) => {
  const [one, two] = [new context.Process(), new context.Process()]
  const number = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1])
  assert.equal(number(two.name), number(one.name) + 1)
  const names = async (): Promise<string[]> => {
    const below = getContext(method)
    const inner = [new below.Process(), new below.Process()]
    for (const child of inner) await child.start()
    for (const child of inner) await child.join()
    return [currentProcess().name, ...inner.map(child => child.name)]
  }
  const file = answerFile()
  const child = await new context.Process({ target: giveAnswer, args: [file, names, []] }).start()
  await child.join()
  const mine = number(child.name)
  assert.deepEqual(readAnswer(file), [child.name, `Process-${mine}:1`, `Process-${mine}:2`])
})

perMethod(ALL, 'a name can be given and changed, and is a string', async context => {
  const child = new context.Process({ target: targets.nothing, name: 'first' })
  child.name = 'second'
  assert.equal(child.name, 'second')
  assert.throws(() => Object.assign(child, { name: 5 }), TypeError)
  await child.start()
  await child.join()
  assert.equal(child.name, 'second')
})

perMethod(ALL, 'the key is inherited, and one that was set before the start is what the child has', async context => {
  const hexOf = (key: Uint8Array): string => Buffer.from(key).toString('hex')
  const keys = (): string[] =>
    [currentProcess().authKey, parentProcess()?.authKey as Uint8Array].map(key => Buffer.from(key).toString('hex'))
  const mine = hexOf(currentProcess().authKey)
  assert.equal(hexOf(new context.Process().authKey), mine)
  assert.deepEqual((await ask(context, keys))[0], mine)
  const file = answerFile()
  const child = new context.Process({ target: giveAnswer, args: [file, keys, []] })
  child.authKey = new TextEncoder().encode('a key of its own')
  await child.start()
  await child.join()
  assert.equal(readAnswer<string[]>(file)[0], hexOf(Buffer.from('a key of its own')))
  assert.equal(hexOf(currentProcess().authKey), mine)
  assert.throws(() => Object.assign(child, { authKey: 'text' }), TypeError)
})

test('the key of this process is the key of the children it makes from then on', () => {
  const me = currentProcess()
  const before = me.authKey
  try {
    me.authKey = new Uint8Array([1, 2, 3])
    assert.deepEqual([...new (getContext('spawn').Process)().authKey], [1, 2, 3])
  } finally {
    me.authKey = before
  }
})

perMethod(ALL, 'a daemon may have no children, and says so; others inherit that they are none', async (context, method) => {
  const question = async (): Promise<unknown> => {
    const inner = new (getContext(method).Process)()
    try {
      await inner.start()
      await inner.join()
      return [currentProcess().daemon, inner.daemon, inner.exitCode]
    } catch (error) {
      return [currentProcess().daemon, inner.daemon, (error as Error).message]
    }
  }
  const answers: unknown[][] = []
  for (const daemon of [true, false]) {
    const file = answerFile()
    const child = await new context.Process({ target: giveAnswer, args: [file, question, []], daemon }).start()
    await child.join()
    answers.push(readAnswer(file))
  }
  const [ofDaemon, ofOther] = answers
  assert.deepEqual(ofDaemon?.slice(0, 2), [true, true], 'the default is inherited')
  assert.match(String(ofDaemon?.[2]), /daemon/)
  assert.deepEqual(ofOther, [false, false, 0])
})

perMethod(ALL, 'daemon is given or set before the start', async context => {
  assert.equal(new context.Process().daemon, false)
  assert.equal(new context.Process({ daemon: true }).daemon, true)
  const child = new context.Process({ daemon: true })
  child.daemon = false
  await child.start()
  assert.throws(() => {
    child.daemon = true
  }, MultiprocessingError)
  assert.throws(() => Object.assign(new context.Process(), { daemon: 1 }), TypeError)
  await child.join()
  assert.equal(child.daemon, false)
})

perMethod(ALL, 'activeChildren lists those that were started here and run, and not those of children', context =>
  withWords(async (arrived, go) => {
    const others = activeChildren().length
    const children = [1, 2].map(() => new context.Process({ target: targets.stayUntil, args: [arrived.reference, go.reference] }))
    for (const child of children) await child.start()
    await reached(arrived, 2)
    assert.deepEqual(activeChildren().slice(others), children)
    const seenThere = await ask(context, () => activeChildren().length)
    assert.equal(seenThere, 0)
    children[0]?.kill()
    await children[0]?.join()
    assert.deepEqual(activeChildren().slice(others), [children[1]])
    go.set(1)
    await children[1]?.join()
    assert.equal(activeChildren().length, others)
  }),
)
