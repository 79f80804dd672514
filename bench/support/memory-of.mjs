/** What the system says of the memory of a process, in MB of 1,000,000 bytes. */

import { readdirSync, readFileSync } from 'node:fs'

/** Pages that no other process has. @param {number} pid */
export function privateMemory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return megabytes(text, 'Private_Clean') + megabytes(text, 'Private_Dirty')
}

/** All children of a process, and theirs. @param {number} [pid] @returns {number[]} */
export function descendants(pid = process.pid) {
  const threads = readdirSync(`/proc/${pid}/task`)
  const children = threads
    .flatMap(thread => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
    .filter(word => word !== '')
    .map(Number)
  return children.flatMap(child => [child, ...descendants(child)])
}

/**
 * The system's "kB" are 1,024 bytes.
 * @param {string} text
 * @param {string} name
 */
function megabytes(text, name) {
  const [, count] = text.match(new RegExp(`^${name}: +(\\d+) kB$`, 'm')) ?? []
  if (count === undefined) throw new Error(`Expected /proc to say ${name}`)
  return (Number(count) * 1024) / 1e6
}
