// Runs the built programs as a user does, and looks whether they leave processes behind.
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const commandLine = fileURLToPath(new URL('../../../dist/tools/cli-main.js', import.meta.url))
export const mainJob = fileURLToPath(new URL('../../../dist/tools/main-job-main.js', import.meta.url))
const fixtures = new URL('../../../test/fixtures/tools/', import.meta.url)

/** The path of a fixture's module, or `path#export`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(name.replace(/#.*/, ''), fixtures)) + name.replace(/^[^#]*/, '')
}

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  readonly cwd?: string
  /** In a process group of its own, so that a signal can be sent to all of it, as a terminal does. */
  readonly detached?: boolean
}

export interface Started {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** Resolves when it has ended; rejects when it has left processes behind. */
  readonly ended: Promise<{ status: number | null; stderr: string }>
}

export function start(command: string, words: readonly string[], options: StartOptions = {}): Started {
  const mark = `POLYPROCESS_TEST_RUN=${randomUUID()}`
  const [name, value] = mark.split('=') as [string, string]
  const child = spawn(command, words, { ...options, env: { ...process.env, [name]: value }, stdio: ['pipe', 'pipe', 'pipe'] })
  // A program that ends without reading its input is no error of the test.
  child.stdin.on('error', () => {})
  return { child, ended: waitForEnd(child, mark) }
}

async function waitForEnd(child: Started['child'], mark: string): Promise<{ status: number | null; stderr: string }> {
  const stderr = text(child.stderr)
  const [status] = (await once(child, 'exit')) as [number | null]
  assert.deepEqual(processesWith(mark), [], 'processes were left behind')
  return { status, stderr: await stderr }
}

/** Runs a program of ours to its end. */
export async function run(program: string, words: readonly string[], options: StartOptions & { input?: string } = {}): Promise<Ended> {
  const { child, ended } = start(process.execPath, [program, ...words], options)
  child.stdin.end(options.input ?? '')
  const [stdout, end] = await Promise.all([text(child.stdout), ended])
  return { stdout, ...end }
}

/** `polyprocess map` with these words. */
export function runMap(words: readonly string[], options: StartOptions & { input?: string } = {}): Promise<Ended> {
  return run(commandLine, ['map', ...words], options)
}

export function sortedLines(output: string): string[] {
  return output.split('\n').slice(0, -1).sort()
}

/** The ids of the processes whose environment has this mark; those that have ended have no environment. */
function processesWith(mark: string): number[] {
  const ids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return ids.filter(id => {
    try {
      return readFileSync(`/proc/${id}/environ`, 'latin1').includes(mark)
    } catch {
      return false
    }
  })
}
