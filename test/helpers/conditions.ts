// Waiting for what another process does and cannot tell: a condition is looked at again and again, never assumed after a while.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE = 20_000

/** Settles once `condition` holds, and says after how many ms. @throws AssertionError, with `what`, when it does not within `patience` ms */
export async function until(condition: () => boolean, what: string, patience = PATIENCE): Promise<number> {
  const start = performance.now()
  while (!condition()) {
    if (performance.now() - start > patience) assert.fail(`after ${patience} ms still not: ${what}`)
    await delay(5)
  }
  return performance.now() - start
}

/** Whether the process runs: a zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

export function readLines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}
