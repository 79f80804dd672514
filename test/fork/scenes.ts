// A scene is a small program that forks (test/fixtures/fork/scenes.ts); its lines are what the tests look at.
import assert from 'node:assert/strict'
import { Program, type ProgramOptions } from '../helpers/programs.ts'

const program = new URL('../fixtures/fork/scene-program.js', import.meta.url)

export const ways = ['now', 'later', 'unwinding'] as const

export const fine = { exitCode: 0, signal: null }

/** Plays a scene to its end and returns what it said, parsed. Nothing of it may be left, and nothing may be on standard error. */
export async function play<T = unknown>(scene: string, parameters: readonly string[], options?: ProgramOptions): Promise<T[]> {
  const { said, stderr } = await playLoudly<T>(scene, parameters, options)
  assert.equal(stderr, '')
  return said
}

/** As `play`, and what was on standard error is for the test to judge. */
export async function playLoudly<T = unknown>(
  scene: string,
  parameters: readonly string[],
  options?: ProgramOptions,
): Promise<{ said: T[]; stderr: string }> {
  const played = new Program(program, [scene, ...parameters], { execArgv: ['--trace-uncaught'], ...options })
  played.child.stdin.end()
  const { status, signal, stdout, stderr } = await played.ended
  assert.deepEqual([status, signal], [0, null], stderr + stdout)
  assert.deepEqual(played.processes(), [])
  return {
    said: stdout
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as T),
    stderr,
  }
}
