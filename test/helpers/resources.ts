// What this process has of the system: that it does not grow is what the leak tests look at.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { until } from './conditions.ts'

export interface Resources {
  readonly descriptors: number
  readonly threads: number
  readonly children: number
  /** Of the arena. */
  readonly mappings: number
}

export function resources(): Resources {
  return {
    // The listing itself opens one.
    descriptors: readdirSync('/proc/self/fd').length - 1,
    threads: countThreads(),
    children: countChildren(),
    mappings: readFileSync('/proc/self/maps', 'latin1')
      .split('\n')
      .filter(line => line.includes('polyprocess (deleted)')).length,
  }
}

export function countThreads(): number {
  return readdirSync('/proc/self/task').length
}

/** Zombies too: who is not reaped still has its entry. */
export function countChildren(): number {
  return childrenOf(process.pid).length
}

/** The pids of a process's children, whichever of its threads started them; those that its template forked are its own, but for its reserve. */
export function childrenOf(pid: number): number[] {
  return directChildrenOf(pid).flatMap(child => (isTemplate(child) ? directChildrenOf(child).filter(each => !isReserve(each)) : [child]))
}

/** What a template has forked in advance; undefined: nothing at the moment. */
export function reserveOf(template: number): number | undefined {
  return directChildrenOf(template).find(isReserve)
}

function isReserve(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1') === 'reserve\n'
  } catch {
    return false
  }
}

/** The template process of forkserver stays for the next child. */
export function isTemplate(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('template-main') && !isForkedOff(pid)
  } catch {
    return false
  }
}

function directChildrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    return tasks.flatMap(task => childrenOfThread(`/proc/${pid}/task/${task}/children`))
  } catch {
    return [] // It has ended since it was listed.
  }
}

/** What a template forks has its command line. */
function isForkedOff(pid: number): boolean {
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return readFileSync(`/proc/${parent}/cmdline`, 'latin1').includes('template-main')
}

function childrenOfThread(file: string): number[] {
  try {
    return readFileSync(file, 'latin1').split(' ').filter(Boolean).map(Number)
  } catch {
    return [] // The thread has ended since it was listed.
  }
}

/** Settles once nothing is more than before; a thread that is done may take a moment to leave. @throws AssertionError when it stays more */
export async function assertNoGrowth(before: Resources): Promise<void> {
  const keys = ['descriptors', 'threads', 'children', 'mappings'] as const
  const grown = (): string => {
    const now = resources()
    return keys
      .filter(key => now[key] > before[key])
      .map(key => `${key} grew from ${before[key]} to ${now[key]}`)
      .join(', ')
  }
  await until(() => grown() === '', 'nothing grew', 3000).catch(() => assert.equal(grown(), ''))
}

/** Sends a signal; false: it has ended, or been reaped, just before. */
export function killIfThere(pid: number, signal: NodeJS.Signals = 'SIGKILL'): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
