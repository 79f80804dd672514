// Many processes at once, below one another, and by different start methods in one tree.
// CPython: _TestProcess.test_many_processes, test_recursion, test_child_fd_inflation; TestCloseFds; TestStartMethod.test_nested_startmethod,
// test_mixed_startmethod.
import assert from 'node:assert/strict'
import { openSync, closeSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { currentProcess, getContext, parentProcess } from '../../src/index.ts'
import { WaitWord } from '../../src/sync/waiting/wait-word.ts'
import * as targets from '../fixtures/process/targets.ts'
import { readLines } from '../helpers/conditions.ts'
import { assertNoGrowth, resources } from '../helpers/resources.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, answerFile, ask, type Context, perMethod, PROCESSES, type StartMethod, zombies } from './methods.ts'

const folder = temporaryFolder()

function manyOf(context: Context): number {
  return context.startMethod === 'spawn' || context.startMethod === 'thread' ? 30 : 100
}

perMethod(ALL, 'many children at once all end, each with its own exit code', async context => {
  const children = Array.from({ length: manyOf(context) }, (_, index) => new context.Process({ target: targets.exit, args: [index % 50] }))
  await Promise.all(children.map(child => child.start()))
  if (context.startMethod !== 'thread') assert.equal(new Set(children.map(child => child.pid)).size, children.length)
  await Promise.all(children.map(child => child.join()))
  assert.deepEqual(
    children.map(child => child.exitCode),
    children.map((_, index) => index % 50),
  )
  assert.deepEqual(zombies(), [])
})

perMethod(ALL, 'many children that stay are all terminated', context =>
  withWords(async arrived => {
    const children = Array.from(
      { length: manyOf(context) },
      () => new context.Process({ target: targets.stay, args: [arrived.reference], daemon: true }),
    )
    await Promise.all(children.map(child => child.start()))
    await reached(arrived, children.length)
    for (const child of children) child.terminate()
    await Promise.all(children.map(child => child.join()))
    assert.deepEqual([...new Set(children.map(child => child.exitCode))], [-15])
    assert.deepEqual(zombies(), [])
  }),
)

perMethod(ALL, 'starts and ends leave no descriptor, thread, child or mapping', async context => {
  const play = async (): Promise<void> => {
    const children = await Promise.all([1, 2, 3, 4].map(() => new context.Process({ target: targets.nothing }).start()))
    for (const child of children.slice(2)) child.kill()
    for (const child of children) await child.join()
  }
  for (let round = 0; round < 3; round += 1) await play() // The template, the helper thread and what else comes once.
  const before = resources()
  for (let round = 0; round < 10; round += 1) await play()
  await assertNoGrowth(before)
})

perMethod(PROCESSES, 'children that run beside one another do not have one another’s descriptors', context =>
  withWords(async (arrived, go) => {
    const count = (file: string, here: number, told: number): Promise<void> => {
      // A forked child watches its parent from its second turn on.
      const counted = targets.stayUntil(here, told).then(() => new Promise(next => setImmediate(() => setImmediate(next))))
      return counted.then(() =>
        writeFileSync(file, `${process.getBuiltinModule('node:fs').readdirSync('/proc/self/fd').length}\n`, { flag: 'a' }),
      )
    }
    const file = answerFile()
    const children = Array.from({ length: 6 }, () => new context.Process({ target: count, args: [file, arrived.reference, go.reference] }))
    for (const [index, child] of children.entries()) {
      await child.start()
      await reached(arrived, index + 1)
    }
    go.set(1)
    for (const child of children) await child.join()
    const counts = readLines(file)
    assert.equal(counts.length, 6)
    const numbers = counts.map(Number)
    // One of them may be on its way: of the listing itself, or of a thread pool that is just there.
    assert.ok(Math.max(...numbers) - Math.min(...numbers) <= 1, `descriptors: ${counts}`)
  }),
)

perMethod(PROCESSES, 'only a forked child has the files that its parent opened', async (context, method) => {
  const path = join(folder, `opened-by-${method}`)
  const files = Array.from({ length: 50 }, () => openSync(path, 'a'))
  try {
    const open = await ask(
      context,
      (looked: string) => {
        const { readdirSync, readlinkSync } = process.getBuiltinModule('node:fs')
        const linkOf = (fd: string): string => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`)
          } catch {
            return '' // The listing's own.
          }
        }
        return readdirSync('/proc/self/fd').filter(fd => linkOf(fd) === looked).length
      },
      path,
    )
    assert.equal(open, method === 'fork' ? 50 : 0)
  } finally {
    for (const file of files) closeSync(file)
  }
})

/** Two children at each level, depth first. Each writes where it is. */
async function recurse(file: string, path: readonly number[], methods: readonly StartMethod[]): Promise<void> {
  writeFileSync(file, `${path.join('.')}\n`, { flag: 'a' })
  const [method, ...rest] = methods
  if (method === undefined) return
  for (const branch of [0, 1]) {
    const child = await new (getContext(method).Process)({ target: recurse, args: [file, [...path, branch], rest] }).start()
    await child.join()
    if (child.exitCode !== 0) throw new Error(`${method} at ${path} ended with ${child.exitCode}`)
  }
}

perMethod(ALL, 'processes start processes, two levels deep, in order', async (_, method) => {
  const file = answerFile()
  await recurse(file, [9], [method, method])
  assert.deepEqual(readLines(file), ['9', '9.0', '9.0.0', '9.0.1', '9.1', '9.1.0', '9.1.1'])
})

/** One child a level, by the method of its turn. Each writes how it was started and who its parent is, then adds to the word. */
async function descend(file: string, word: number, methods: readonly StartMethod[]): Promise<void> {
  const [method, ...rest] = methods
  const line = [currentProcess().name.split(':').length, getContext().startMethod, parentProcess()?.pid === process.ppid]
  if (parentProcess() !== null) writeFileSync(file, `${JSON.stringify(line)}\n`, { flag: 'a' })
  new WaitWord(word).add(1)
  if (method === undefined) return
  const child = await new (getContext(method).Process)({ target: descend, args: [file, word, rest] }).start()
  await child.join()
  if (child.exitCode !== 0) throw new Error(`${method} ended with ${child.exitCode}`)
}

const CHAINS: readonly (readonly StartMethod[])[] = [
  ...ALL.map(method => [method, method, method]),
  ['fork', 'forkserver', 'spawn'],
  ['forkserver', 'fork', 'thread'],
  ['spawn', 'forkserver', 'fork'],
  ['spawn', 'fork', 'forkserver'],
  ['fork', 'spawn', 'thread'],
  ['forkserver', 'thread', 'spawn'],
  ['thread', 'spawn', 'fork'],
  ['thread', 'forkserver', 'thread'],
]
for (const chain of CHAINS) {
  perMethod([chain[0] as StartMethod], `${chain.join(' above ')}: children of children, and shared memory in all of them`, () =>
    withWords(async word => {
      const file = answerFile()
      await descend(file, word.reference, chain)
      assert.equal(word.value, 4)
      const seen = readLines(file).map(line => JSON.parse(line) as unknown[])
      assert.deepEqual(
        seen.map(([level, method]) => [level, method]),
        chain.map((method, index) => [index + 1, method]),
      )
      seen.forEach(([, method, isParent], index) => {
        if (method !== 'thread' && chain[index - 1] !== 'thread')
          assert.equal(isParent, true, `process.ppid of ${chain.slice(0, index + 1)}`)
      })
    }),
  )
}

perMethod(ALL, 'a shared word of one context is used by processes of all others at once', context =>
  withWords(async (word, go) => {
    const children = [context, ...ALL.map(method => getContext(method))].map(
      each => new each.Process({ target: targets.stayUntil, args: [word.reference, go.reference] }),
    )
    for (const child of children) await child.start()
    await reached(word, children.length)
    go.set(1)
    for (const child of children) await child.join()
    assert.deepEqual([...new Set(children.map(child => child.exitCode))], [0])
  }),
)
