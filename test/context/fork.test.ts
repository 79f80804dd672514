// Fork as users meet it: fork() itself, which returns twice, and what a forked child has and does not have of its parent.
// CPython: TestForkAwareThreadLock, TestNoForkBomb (fork), MiscTestCase.test_forked_thread_not_started.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { fork, getContext, MultiprocessingError } from '../../src/index.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { ask, runHere } from '../process/methods.ts'

const context = getContext('fork')
const program = new URL('../fixtures/context/fork-program.js', import.meta.url)

/** The lines of JSON that a mode of the program prints, by who printed them. */
async function play<T>(mode: string): Promise<{ parent: T[]; child: T[]; status: number | null; stderr: string }> {
  const { stdout, stderr, status } = await runHere(program, [mode])
  const lines = stdout.split('\n').filter(Boolean)
  const of = (who: string): T[] => lines.filter(line => line.startsWith(who)).map(line => JSON.parse(line.slice(who.length + 1)) as T)
  assert.equal(of('parent').length + of('child').length, lines.length, stdout)
  return { parent: of('parent'), child: of('child'), status, stderr }
}

test('fork() returns 0 in the child and the child’s pid in the parent', async () => {
  const { parent, child, status, stderr } = await play<{ returned: number; pid: number; ppid: number; variable: number }>('twice')
  assert.deepEqual([parent.length, child.length, status], [1, 1, 0], stderr)
  assert.deepEqual([parent[0]?.returned, child[0]?.returned], [child[0]?.pid, 0])
  assert.equal(child[0]?.ppid, parent[0]?.pid)
  assert.notEqual(child[0]?.pid, parent[0]?.pid)
  assert.deepEqual([parent[0]?.variable, child[0]?.variable], [1, 2], 'memory is shared until somebody writes to it')
})

test('what follows fork() is done on both sides, asynchronous things too', async () => {
  const { parent, child, status } = await play<string>('both')
  assert.deepEqual([parent, child, status], [['timer', 'file'], ['timer', 'file'], 0])
})

test('the program waits at its end for what it forked, and nobody is left', async () => {
  const { child, status } = await play<string>('waits')
  assert.deepEqual([child, status], [['late'], 0])
})

test('fork() in a child of fork() has a parent that is that child', async () => {
  const { child, parent } = await play<{ pid: number; ppid: number; level: number }>('nested')
  assert.equal(child.length, 2)
  const [one, two] = [1, 2].map(level => child.find(each => each.level === level))
  assert.deepEqual([one?.ppid, two?.ppid], [parent[0]?.pid, one?.pid])
})

test('the parent’s timers, promises, exit handlers and code after start() are not the child’s', async () => {
  const { parent, child, status, stderr } = await play<string>('quiet')
  assert.equal(status, 0, stderr)
  assert.deepEqual(child, ['target', 'its own timer', 'its own exit handler'])
  assert.deepEqual([...parent].sort(), ['after start', 'exit handler', 'finally', 'immediate', 'promise', 'timer'])
})

test('after startSync() the child does not return into the parent’s code, nor into its finally', async () => {
  const { parent, child, status, stderr } = await play<string>('quiet-sync')
  assert.equal(status, 0, stderr)
  assert.deepEqual(child, ['target', 'its own timer', 'its own exit handler'])
  assert.deepEqual([...parent].sort(), ['after start', 'exit handler', 'finally', 'immediate', 'promise', 'timer'])
})

test('errors in a forked child do not reach the parent’s handlers for them, and are its exit code', async () => {
  const { parent, child, stderr } = await play<number>('fails')
  assert.deepEqual([parent, child], [[1], []])
  assert.match(stderr, /TypeError: in the child\n/)
})

test('random numbers are not the same in siblings, nor in parent and child', async () => {
  const question = (): unknown => [
    Math.random(),
    process.getBuiltinModule('node:crypto').randomUUID(),
    process.getBuiltinModule('node:crypto').randomInt(2 ** 40),
  ]
  randomUUID() // Its cache is what children must not share.
  Math.random()
  const seen = [await ask(context, question), await ask(context, question), await ask(context, question), question()] as number[][]
  for (const index of [0, 1, 2]) assert.equal(new Set(seen.map(each => each[index])).size, 4)
})

test('a forked child does what any process does: reads files, collects, optimizes, asks for names', async () => {
  const done = await ask(context, async () => {
    const { readFile } = process.getBuiltinModule('node:fs/promises')
    const { lookup } = process.getBuiltinModule('node:dns/promises')
    const length = (await readFile('/proc/self/cmdline')).length
    let sum = 0
    for (let turn = 0; turn < 2e6; turn += 1) sum += turn % 7
    const garbage = Array.from({ length: 2e5 }, (_, index) => ({ index }))
    const { address } = await lookup('localhost')
    return [length > 0, sum, garbage.length, /127\.0\.0\.1|::1/.test(address)]
  })
  assert.deepEqual(done, [true, 5_999_995, 2e5, true])
})

test('fork() in a daemon, which may have no children, is refused', async () => {
  const child = new context.Process({
    target: () => {
      try {
        fork()
      } catch (error) {
        process.exit(error instanceof MultiprocessingError && /daemon/.test(error.message) ? 5 : 6)
      }
    },
    daemon: true,
  })
  await child.start()
  await child.join()
  assert.equal(child.exitCode, 5)
})

test('five generations of forks each fork the next', async () => {
  const depth = await ask(context, async () => {
    const { getContext: contextOf } = await import('../../src/index.ts')
    const descend = async (level: number): Promise<void> => {
      if (level === 0) process.exit(40)
      const next = await new (contextOf('fork').Process)({ target: descend, args: [level - 1] }).start()
      await next.join()
      process.exit((next.exitCode ?? 0) + 1)
    }
    const first = await new (contextOf('fork').Process)({ target: descend, args: [4] }).start()
    await first.join()
    return first.exitCode
  })
  assert.equal(depth, 44)
})

test('the exit code that the parent has in mind is not the child’s', async () => {
  const { exitCode } = process
  process.exitCode = 9
  try {
    const child = await new context.Process({ target: () => {} }).start()
    await child.join()
    assert.equal(child.exitCode, 0)
  } finally {
    process.exitCode = exitCode
  }
})

test('children of forkserver are none of a forked child: what belongs to them stays', async () => {
  const { Process } = getContext('forkserver')
  const child = await new Process({ target: () => setInterval(() => {}, 60_000), daemon: true }).start()
  const ordinary = new context.Process({ target: () => {} })
  const { blocks } = checkArena(arena())
  await ordinary.start()
  await ordinary.join()
  const after = checkArena(arena())
  assert.deepEqual([after.blocks, after.problems], [blocks, []])
  child.kill()
  await child.join()
})

for (const how of ['now', 'later', 'unwinding']) {
  test(`after threads that were waited for without the event loop a child lives, and has none of their ends (${how})`, async () => {
    const afterThreads = new URL('../fixtures/context/fork-after-threads-program.js', import.meta.url)
    const { stdout, stderr, status } = await runHere(afterThreads, [how])
    assert.deepEqual([stderr, status], ['', 0])
    const joined = how === 'now' ? [] : ['parent joined 0', 'parent joined 0']
    assert.deepEqual(stdout.split('\n').filter(Boolean).sort(), [
      'child lived',
      'child lived',
      'parent has heard of each thread',
      ...joined,
    ])
  })
}
