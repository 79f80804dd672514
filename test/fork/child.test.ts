// What a forked child has and has not, whichever way it was forked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { fine, play, playLoudly, ways } from './scenes.ts'

const folder = temporaryFolder()
const JOBS = [
  ...['allocates', 'optimizes', 'readsFiles', 'resolvesNames', 'compilesWebAssembly', 'sleeps', 'compresses', 'serves', 'runsWorkers'],
  'startsPrograms',
]

for (const way of ways) {
  test(`timers, immediates, sockets, datagrams and file watchers of the parent are silent in the child, its own are not (${way})`, async () => {
    assert.deepEqual(await play('silence', [way, folder]), ['own immediate', 'own timers', fine])
  })

  test(`collector, compilers, thread pool, network, Workers and child processes work in the child (${way})`, async () => {
    assert.deepEqual(await play('jobs', [way]), [...JOBS, fine])
  })

  test(`the child knows its pid and its parent’s, and has hardly a thread while it has nothing to do (${way})`, async () => {
    // V8 may have something to compile or to collect just then, and starts its threads for that: not each time.
    let fewest = Infinity
    for (let round = 0; round < 10 && fewest > 2; round += 1) {
      const [child, parent] = (await play('identity', [way])) as [
        { pid: number; ppid: number; threads: number },
        { pid: number; ppid: number },
      ]
      assert.deepEqual([child.pid, child.ppid], [parent.pid, parent.ppid])
      fewest = Math.min(fewest, child.threads)
    }
    assert.ok(fewest <= 2, `${fewest} threads`)
  })

  test(`random numbers of parent and children all differ (${way})`, async () => {
    const numbers = (await play<unknown[]>('random', [way])).flat()
    assert.equal(numbers.length, 25)
    assert.equal(new Set(numbers).size, 25)
  })

  test(`children fork children, five generations deep (${way})`, async () => {
    assert.deepEqual(await play('descent', [way, '4']), [4, 3, 2, 1, 0, { exitCode: 4, signal: null }])
  })

  test(`a handler of a signal is inherited, and the signal is the child’s alone (${way})`, async () => {
    assert.deepEqual(await play('signals', [way]), ['a signal in the child', fine])
  })

  test(`a loop in the child is as fast as in the parent, but for a factor below five (${way})`, async () => {
    const [{ parent }, { child }] = (await play('optimizing', [way])) as [{ parent: number }, { child: number }]
    assert.ok(child < parent * 5, `${child} ms in the child, ${parent} ms in the parent`)
  })

  test(`sockets of the parent can be used and closed in the child without reaching anybody, and are not held open (${way})`, async () => {
    assert.deepEqual(await play('inheritedSockets', [way]), [{ child: 'EPIPE' }, { parent: 'from the parent' }, fine])
  })

  test(`the exit code is the child’s, however it ends (${way})`, async () => {
    const { said, stderr } = await playLoudly<Record<string, { exitCode: number | null; signal: number | null }>>('endings', [way])
    assert.deepEqual(Object.assign({}, ...said), {
      exitCode: { exitCode: 7, signal: null },
      exit: { exitCode: 8, signal: null },
      exitLater: { exitCode: 9, signal: null },
      throws: { exitCode: 1, signal: null },
      rejects: { exitCode: 1, signal: null },
      kills: { exitCode: null, signal: 9 },
      continuesBeforeExit: { exitCode: 10, signal: null },
    })
    assert.equal(stderr.match(/Error: on purpose/g)?.length, 2)
  })
}
