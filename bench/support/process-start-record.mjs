/** The file to which children append a line each. Nothing is inherited for it and nothing listens to it: it disturbs no start. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const longestWait = 30_000

/**
 * @template T
 * @param {(record: Record) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withRecord(use) {
  const folder = mkdtempSync(join(tmpdir(), 'polyprocess-bench-'))
  try {
    return await use(new Record(join(folder, 'lines')))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export class Record {
  /** @param {string} path */
  constructor(path) {
    this.path = path
    writeFileSync(path, '')
  }

  /** The words of each line. */
  lines() {
    const text = readFileSync(this.path, 'utf8')
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => line.split(' '))
  }

  /** The words of the line after the first `count` ones, as soon as it is there. @param {number} count */
  async lineAfter(count) {
    const deadline = performance.now() + longestWait
    for (;;) {
      const line = this.lines()[count]
      if (line !== undefined) return line
      if (performance.now() > deadline) throw new Error('the child has written nothing')
      await sleep(10)
    }
  }
}
