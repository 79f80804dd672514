/** What the system says a child takes: pages that are its own, and what is left for others. */

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../harness/statistics.mjs'
import { bearLoad, sumOfBuffers } from './process-start-loads.mjs'
import { withRecord } from './process-start-record.mjs'
import { openOurs, openStarter } from './process-start-starters.mjs'

/** @typedef {import('./process-start-plan.mjs').Part} Part */
/** @typedef {import('./process-start-starters.mjs').Child} Child */
/** @typedef {import('../harness/contracts.mjs').Measurement} Measurement */

/** A process that has just begun is not idle yet. */
const settling = 500

/** Pages that no other process shares with an idle child, in MB. @param {Part} part @returns {Promise<Measurement>} */
export async function weighIdleChildren(part) {
  const metric = `${part.method}-private`
  const starter = await openStarter(part)
  if (starter === null) return { values: {}, unavailable: { [metric]: 'this start method does not work here' } }
  const weights = await watch(part.starts, path => starter(path, 'stay'), ownPages)
  return { values: { [metric]: median(weights) } }
}

/**
 * A forked child has read all of its parent's buffers: what it had to copy for that, and what the system has less.
 * @param {Part} part
 * @returns {Promise<Measurement>}
 */
export async function weighReadingChildren(part) {
  const start = await openOurs(part.method)
  if (start === null) return { values: {}, unavailable: { 'fork-read-used': 'this start method does not work here' } }
  await bearLoad(part)
  const sum = sumOfBuffers()
  let before = Number.NaN
  const weights = await watch(
    part.starts,
    path => {
      before = availableMemory()
      return start(readBuffers, [path])
    },
    (pid, words) => {
      if (Number(words[2]) !== sum) throw new Error(`Expected the child to read ${sum}, got ${words[2]}`)
      return { used: before - availableMemory(), dirty: dirtyPages(pid) }
    },
  )
  return {
    values: {
      'fork-read-used': median(weights.map(({ used }) => used)),
      'fork-read-dirty': median(weights.map(({ dirty }) => dirty)),
    },
  }
}

/** @param {string} path */
function readBuffers(path) {
  const sum = sumOfBuffers()
  process.getBuiltinModule('node:fs').appendFileSync(path, `${process.hrtime.bigint()} ${process.pid} ${sum}\n`)
  setInterval(() => {}, 1e9)
}

/**
 * One child after the other, each looked at when it has written its line and rests.
 * @template T
 * @param {number} count
 * @param {(path: string) => Child} prepare
 * @param {(pid: number, words: string[]) => T} look
 */
function watch(count, prepare, look) {
  return withRecord(async record => {
    /** @type {T[]} */
    const seen = []
    for (let index = 0; index < count; index += 1) {
      const child = prepare(record.path)
      child.start()
      try {
        const words = await record.lineAfter(index)
        await sleep(settling)
        seen.push(look(Number(words[1]), words))
      } finally {
        child.stop()
        await child.ended()
      }
    }
    return seen
  })
}

/** @param {number} pid */
function ownPages(pid) {
  return kilobytes(`/proc/${pid}/smaps_rollup`, 'Private_Clean') / 1e3 + dirtyPages(pid)
}

/** @param {number} pid */
function dirtyPages(pid) {
  return kilobytes(`/proc/${pid}/smaps_rollup`, 'Private_Dirty') / 1e3
}

function availableMemory() {
  return kilobytes('/proc/meminfo', 'MemAvailable') / 1e3
}

/**
 * The system's "kB" are 1,024 bytes; these are 1,000.
 * @param {string} path
 * @param {string} name
 */
function kilobytes(path, name) {
  const [, count] = readFileSync(path, 'utf8').match(new RegExp(`^${name}: +(\\d+) kB$`, 'm')) ?? []
  if (count === undefined) throw new Error(`Expected ${path} to say ${name}`)
  return Number(count) * 1.024
}
