// Whose turn an item is, as a number.
import { expected } from '../../base/validate.ts'
import type { MessageQueue, RankOf } from '../message-queue.ts'

type RankFunction = (item: unknown) => number

/** By what `rankBy` made of them: functions that travel with their queues. */
const functions = new WeakMap<RankOf, RankFunction>()

/** Without a function of the program's, the item says it itself. */
export function rankBy(rank: RankFunction | undefined): RankOf {
  if (rank === undefined) return ownRank
  const rankOf: RankOf = (item, name) => checkRank(rank(item), `rank(${name})`, 'a number')
  functions.set(rankOf, rank)
  return rankOf
}

export function rankFunctionOf({ rankOf }: MessageQueue): RankFunction | undefined {
  return rankOf === null ? undefined : functions.get(rankOf)
}

const HOW = 'a number or an array that begins with one; for other items, give the queue a function: { rank: item => item.priority }'

function ownRank(item: unknown, name: string): number {
  if (Array.isArray(item) && typeof item[0] === 'number') return checkRank(item[0], `${name}[0]`, HOW)
  return checkRank(item, name, HOW)
}

function checkRank(rank: unknown, name: string, what: string): number {
  if (typeof rank !== 'number') throw new TypeError(expected(name, what, rank))
  if (Number.isNaN(rank)) throw new RangeError(expected(name, 'a number that has a place among others', rank))
  return rank
}
