// The torture: hundreds of forks out of a process that is collecting, compiling, talking to itself and running a Worker, by all ways;
// children do a bit of everything, fork in their turn, and leave. FORK_SEED repeats a run's choices.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Program } from '../helpers/programs.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const program = new URL('../fixtures/fork/torture-program.js', import.meta.url)
const FORKS = 500
const profiles = temporaryFolder()

interface Told {
  readonly forks: number
  readonly busy: number
  readonly children: number
  readonly failures: readonly string[]
}

for (const [title, withWorker, flags] of [
  ['', false, []],
  [' while a Worker runs', true, []],
  [' while V8 takes samples', false, ['--cpu-prof', `--cpu-prof-dir=${profiles}`]],
  [' while V8 takes samples as often as it can', false, ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${profiles}`]],
] as const) {
  test(`no child of ${FORKS} forks hangs or fails${title}`, { timeout: 600_000 }, async context => {
    const seed = Number(process.env.FORK_SEED ?? Date.now() % 1_000_000)
    const played = new Program(program, [String(FORKS), String(seed), withWorker ? '1' : '0'], { execArgv: ['--no-warnings', ...flags] })
    played.child.stdin.end()
    const { status, stdout, stderr } = await played.ended
    context.diagnostic(`FORK_SEED=${seed}, Node ${process.version}: ${stdout.trim()}`)
    assert.deepEqual([status, stderr], [0, ''])
    const { forks, busy, children, failures } = JSON.parse(stdout) as Told
    assert.deepEqual(failures, [], `FORK_SEED=${seed}`)
    assert.deepEqual([forks + busy, children], [FORKS, forks])
    // That V8's threads do not come to rest is allowed, and rare.
    assert.ok(busy < FORKS / 20, `${busy} forks found V8 busy`)
    assert.deepEqual(played.processes(), [])
  })
}
