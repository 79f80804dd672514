/** What a great many locks take: time, and memory of the process and of the arena. */

import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * To be called before the process does much else: what other work leaves behind would count as theirs.
 * @param {any} library
 * @param {number} count
 */
export async function clockCreation({ Lock }, count) {
  // The first ones bring the arena and the code.
  for (const lock of Array.from({ length: 1_000 }, () => new Lock())) lock.close()
  const before = await proportionalMemory()
  const locks = new Array(count)
  const start = performance.now()
  for (let index = 0; index < count; index += 1) locks[index] = new Lock()
  const time = performance.now() - start
  const memory = (await proportionalMemory()) - before
  for (const lock of locks) lock.close()
  return { 'create-time': time, 'create-each': (time * 1_000) / count, 'create-memory': memory / 1e6, 'memory-each': memory / count }
}

/** Bytes after a collection: the pages of this process; one that is mapped several times, here or elsewhere, in proportion. */
async function proportionalMemory() {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  for (let round = 0; round < 3; round += 1) {
    collect()
    await turn()
  }
  const [, kilobytes] = readFileSync('/proc/self/smaps_rollup', 'utf8').match(/^Pss: +(\d+) kB$/m) ?? []
  return Number(kilobytes) * 1_024
}
