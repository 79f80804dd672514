// Start methods as a table: what holds for every way to start a process is one test that runs once per method.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { activeChildren, getAllStartMethods, getContext } from '../../src/index.ts'
import { giveAnswer } from '../fixtures/process/answers.ts'
import { Program, type ProgramEnd, type ProgramOptions } from '../helpers/programs.ts'
import { childrenOf, killIfThere } from '../helpers/resources.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

export type Context = ReturnType<typeof getContext>
export type StartMethod = Context['startMethod']

export const ALL: readonly StartMethod[] = ['fork', 'forkserver', 'spawn', 'thread']
/** Those whose children have a pid, signals and descriptors of their own. */
export const PROCESSES: readonly StartMethod[] = ['fork', 'forkserver', 'spawn']
/** Those whose children load modules anew. */
export const FRESH: readonly StartMethod[] = ['forkserver', 'spawn', 'thread']

const here = getAllStartMethods()
const folder = temporaryFolder()
const programs: Program[] = []
after(endWhatIsLeft)

/** One test for each of `methods` that works here; that all of them do is a test of its own. */
export function perMethod(
  methods: readonly StartMethod[],
  title: string,
  body: (context: Context, method: StartMethod, t: TestContext) => Promise<void> | void,
): void {
  for (const method of methods.filter(each => here.includes(each))) {
    test(`${method}: ${title}`, { timeout: 60_000 }, t => {
      t.after(endWhatIsLeft)
      return body(getContext(method), method, t)
    })
  }
}

/** A test that fails must not keep its file running. */
function endWhatIsLeft(): void {
  for (const child of activeChildren()) child.kill()
  for (const program of programs.splice(0)) for (const pid of program.processes()) killIfThere(pid)
}

/** A program that does not outlive its test. */
export function startProgram(url: URL, parameters: readonly string[], options?: ProgramOptions): Program {
  const program = new Program(url, parameters, options)
  programs.push(program)
  return program
}

/** Runs a program to its end, which is that of its test at the latest. */
export function runHere(url: URL, parameters: readonly string[], options?: ProgramOptions): Promise<ProgramEnd> {
  const program = startProgram(url, parameters, options)
  program.child.stdin.end()
  return program.ended
}

/** What `question(...args)` is in a new child, as JSON brings it back. */
export async function ask<A extends unknown[], R>(context: Context, question: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
  const file = answerFile()
  const child = await new context.Process({ target: giveAnswer, args: [file, question, args] }).start()
  await child.join()
  assert.equal(child.exitCode, 0)
  return readAnswer<Awaited<R>>(file)
}

/** What a child that ran `giveAnswer` said. */
export function readAnswer<R>(file: string): R {
  return JSON.parse(readFileSync(file, 'utf8')) as R
}

/** A file for one answer, in a folder that goes with the tests. */
export function answerFile(): string {
  return join(folder, randomUUID())
}

/** Ended children of this process that nobody has reaped. */
export function zombies(): number[] {
  return childrenOf(process.pid).filter(pid => stateOf(pid) === 'Z')
}

/** The process that is the parent for the operating system. */
export function systemParentOf(pid: number): number {
  return Number(statOf(pid)[1])
}

function stateOf(pid: number): string | undefined {
  return statOf(pid)[0]
}

/** State, parent, … of /proc/<pid>/stat: what follows the name, which may contain anything. */
function statOf(pid: number): string[] {
  try {
    return (readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1) as string).split(' ')
  } catch {
    return []
  }
}
