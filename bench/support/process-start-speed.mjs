/**
 * The same loops in a forked child and in its parent, by turns: never two at once. Each has run them once before: the first time, a process
 * gets the memory for what the loops allocate, page by page, from the system. How long a child's first time takes is a figure of its own.
 */

import { median } from '../harness/statistics.mjs'
import { withRecord } from './process-start-record.mjs'
import { openOurs } from './process-start-starters.mjs'

/** What each loop does `count` times; how many times a round of it is done. */
const loops = {
  'speed-numeric': {
    share: 5,
    body: `let word = 1
    let sum = 0
    for (let index = 0; index < count; index += 1) {
      word = (Math.imul(word, 1664525) + 1013904223) | 0
      sum += (word >>> 0) / 4294967296
    }
    return sum`,
  },
  'speed-allocating': {
    share: 0.2,
    body: `const kept = []
    for (let index = 0; index < count; index += 1) kept[index % 10_000] = { id: index, text: 'item ' + index, list: [index] }
    return kept.length`,
  },
  'speed-json': {
    share: 0.01,
    body: `let length = 0
    const value = { id: 1, name: 'a name', list: [1, 2, 3, 4.5], nested: { yes: true, no: null, text: 'some text' } }
    for (let index = 0; index < count; index += 1) length += JSON.stringify(JSON.parse(JSON.stringify(value))).length
    return length`,
  },
}

/** @typedef {import('./process-start-plan.mjs').Part} Part */

/**
 * How many times longer the child takes.
 * @param {Part} part
 * @returns {Promise<import('../harness/contracts.mjs').Measurement>}
 */
export async function compareSpeed({ method, starts, amounts }) {
  const start = await openOurs(method)
  if (start === null) return { values: {}, unavailable: { 'speed-numeric': 'this start method does not work here' } }
  const inParent = /** @type {number[][]} */ ([])
  const inChildren = await withRecord(async record => {
    clockLoops(amounts.loopRounds)
    for (let index = 0; index < starts; index += 1) {
      inParent.push(clockLoops(amounts.loopRounds))
      const child = start(reportLoops, [record.path, amounts.loopRounds])
      child.start()
      await child.ended()
    }
    return record.lines().map(words => words.map(Number))
  })
  if (inChildren.length !== 2 * starts) throw new Error(`Expected two lines of each of ${starts} children, got ${inChildren.length}`)
  const first = inChildren.filter((_, index) => index % 2 === 0)
  const later = inChildren.filter((_, index) => index % 2 === 1)
  const typical = (/** @type {number[][]} */ rounds, /** @type {number} */ loop) => median(rounds.map(times => times[loop] ?? Number.NaN))
  const relative = (/** @type {number[][]} */ rounds, /** @type {number} */ loop) => typical(rounds, loop) / typical(inParent, loop)
  return {
    values: Object.fromEntries(
      Object.keys(loops).flatMap((name, loop) => [
        [name, relative(later, loop)],
        [`${name}-first`, relative(first, loop)],
      ]),
    ),
  }
}

/**
 * @param {string} path
 * @param {number} rounds
 */
function reportLoops(path, rounds) {
  for (const _ of ['first', 'later']) {
    const times = clockLoops(rounds)
    process.getBuiltinModule('node:fs').appendFileSync(path, `${times.join(' ')}\n`)
  }
}

/** Milliseconds of each loop. @param {number} rounds in thousands */
function clockLoops(rounds) {
  return Object.values(loops).map(({ share, body }) => {
    const loop = compile(body)
    const begin = performance.now()
    loop(rounds * 1_000 * share)
    return performance.now() - begin
  })
}

/**
 * A text that was never met: nothing that the parent has compiled or optimized is there for the child to use, so it must optimize
 * by itself.
 * @param {string} body
 * @returns {(count: number) => unknown}
 */
function compile(body) {
  return /** @type {any} */ (new Function('count', `${body} // ${process.pid} ${process.hrtime.bigint()}`))
}
