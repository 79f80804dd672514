// What is profiled under --cpu-prof: each process by itself, whichever way it was started and however it ends.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { runHere } from '../process/methods.ts'

const program = new URL('../fixtures/context/profiled-program.js', import.meta.url)
const folder = temporaryFolder()

interface Profile {
  readonly nodes: readonly { readonly callFrame: { readonly functionName: string } }[]
  readonly timeDeltas: readonly number[]
}

interface Played<T> {
  readonly said: T
  readonly status: number | null
  readonly stderr: string
  /** By file. */
  readonly profiles: ReadonlyMap<string, Profile>
}

async function play<T = [pid: number, exitCode: number]>(mode: string, flags: readonly string[] = ['--cpu-prof']): Promise<Played<T>> {
  const written = mkdtempSync(join(folder, 'profiles-'))
  const needed = flags.includes('--cpu-prof') ? [`--cpu-prof-dir=${written}`] : []
  const { stdout, stderr, status } = await runHere(program, [mode], { execArgv: [...flags, ...needed] })
  assert.match(stdout, /^.+\n$/, stderr)
  const read = (file: string): Profile => JSON.parse(readFileSync(join(written, file), 'utf8')) as Profile
  const profiles = new Map(readdirSync(written).map(file => [file, read(file)]))
  return { said: JSON.parse(stdout) as T, status, stderr, profiles }
}

/** The busy functions in the profiles, by pid. */
function busyByPid(profiles: ReadonlyMap<string, Profile>): Map<number, string[]> {
  return new Map(
    [...profiles].map(([file, { nodes }]) => {
      const [, pid] = /^CPU\.\d{8}\.\d{6}\.(\d+)\.\d+\.\d+\.cpuprofile$/.exec(file) ?? assert.fail(file)
      const names = new Set(nodes.map(({ callFrame }) => callFrame.functionName))
      return [Number(pid), [...names].filter(name => name.startsWith('busyIn'))]
    }),
  )
}

test('under --cpu-prof a child of each start method writes a profile of its own', async () => {
  const { said, status, stderr, profiles } = await play<Record<string, unknown>>('methods')
  assert.equal(status, 0, stderr)
  const { all, ...codes } = said
  assert.ok((all as string[]).includes('fork'))
  assert.deepEqual(codes, { fork: 0, forkserver: 0, spawn: 0, thread: 0 })
  assert.equal(profiles.size, 5)
})

for (const [mode, code, message] of [
  ['ends', 0, /^$/],
  ['exits', 7, /^$/],
  ['reallyExits', 8, /^$/],
  ['throws', 1, /TypeError: in the child\n/],
  ['throwsAtExit', 1, /TypeError: in the listener\n/],
  ['twice', 0, /^$/],
] as const) {
  test(`the profile of a forked child has what the child did, and the parent’s what the parent did (the child ${mode})`, async () => {
    const { said, status, stderr, profiles } = await play(mode)
    const [pid, exitCode] = said
    assert.deepEqual([status, exitCode], [0, code], stderr)
    assert.match(stderr, message)
    const busy = busyByPid(profiles)
    assert.equal(busy.size, 2)
    assert.deepEqual(busy.get(pid), ['busyInChild'])
    busy.delete(pid)
    assert.deepEqual([...busy.values()], [['busyInParent']])
  })
}

test('a child of a forked child writes a profile, too', async () => {
  const { said, stderr, profiles } = await play('nested')
  assert.equal(said[1], 0, stderr)
  const busy = [...busyByPid(profiles).values()]
  assert.deepEqual(busy.flat().sort(), ['busyInChild', 'busyInGrandchild', 'busyInParent'])
  assert.equal(busy.length, 3)
})

test('a forked child that is ended by a signal writes no profile', async () => {
  const { said, stderr, profiles } = await play('terminated')
  assert.equal(said[1], -15, stderr)
  assert.deepEqual([...busyByPid(profiles).values()], [['busyInParent']])
})

test('the name of --cpu-prof-name is the parent’s, and a forked child adds its pid', async () => {
  const { said, profiles } = await play('ends', ['--cpu-prof', '--cpu-prof-name=mine.cpuprofile'])
  assert.deepEqual([...profiles.keys()].sort(), [`mine.${said[0]}.cpuprofile`, 'mine.cpuprofile'])
})

test('a forked child is sampled as often as --cpu-prof-interval says', async () => {
  const { said, profiles } = await play('ends', ['--cpu-prof', '--cpu-prof-interval=20000', '--cpu-prof-name', 'mine'])
  const deltas = [...(profiles.get(`mine.${said[0]}`)?.timeDeltas ?? [])].sort((a, b) => a - b)
  const median = deltas[Math.floor(deltas.length / 2)] ?? 0
  assert.ok(median > 10_000, `${median} µs`)
})

test('--cpu-prof-interval alone, which Node’s test runner passes on, asks for no profile', async () => {
  const before = readdirSync('.')
  const { said, status } = await play('ends', ['--cpu-prof-interval=1000'])
  assert.deepEqual([status, said[1]], [0, 0])
  assert.deepEqual(readdirSync('.'), before)
})

test('the signals of a profiler do not end a blocking wait', async () => {
  const { said, status, stderr } = await play<unknown[]>('blocks')
  const joined = [true, 0]
  assert.deepEqual([said, status], [[joined, joined], 0], stderr)
})
