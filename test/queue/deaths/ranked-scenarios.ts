// What an actor is doing with a queue that has an order when it dies. Items are pairs, the first of which is the rank.
import type { JoinableQueue } from '../../../src/queue/joinable-queue.ts'
import type { QueueOptions } from '../../../src/queue/queue.ts'
import { bytes, text } from './crash-scenarios.ts'

export type Ranked = readonly [rank: number, payload: unknown]

export interface RankedScenario {
  readonly title: string
  /** It must really have so many crash points. */
  readonly least: number
  readonly options?: QueueOptions
  readonly before: readonly Ranked[]
  readonly act: (queue: JoinableQueue) => void
  /** What it puts: of each nobody knows whether it arrives. */
  readonly puts?: readonly Ranked[]
  /** How many of those that come first it may take with it. */
  readonly takes?: number
  /** It shuts the queue down, perhaps. */
  readonly shuts?: boolean
  /** Only so many points at its end are looked at. */
  readonly lastPoints?: number
}

/** Ranks come in no order, and several times. */
export function items(count: number, name = 'item'): Ranked[] {
  return Array.from({ length: count }, (_, index) => [(index * 7) % 5, `${name} ${index}`])
}

const SMALL: Ranked = [2, 'mine']
const BLOCK: Ranked = [0, text('mine', 5000)]
const SHORT_BLOCK: Ranked = [2, text('mine', 100)]
const ATTACHMENT: Ranked = [1, bytes(7)]
const BOTH: Ranked = [3, { text: text('mine', 5000), data: bytes(8), more: bytes(9, 200_000) }]
const ALL_KINDS: readonly Ranked[] = [SMALL, BLOCK, ATTACHMENT, SHORT_BLOCK, BOTH, [-1, 'mine, too']]

const puts: RankedScenario[] = [
  { title: 'puts a small item', least: 10, before: items(6), puts: [SMALL] },
  { title: 'puts an item that is a block', least: 12, before: items(6), puts: [BLOCK] },
  { title: 'puts an item with an attachment', least: 12, before: items(6), puts: [ATTACHMENT] },
  { title: 'puts an item that is a block with two attachments', least: 14, before: items(6), puts: [BOTH] },
  { title: 'puts an item for which there has to be another page', least: 14, before: items(16), puts: [SMALL] },
].map(scenario => ({ ...scenario, act: (queue: JoinableQueue) => void queue.tryPut(scenario.puts[0]) }))

const batches: RankedScenario[] = [
  {
    title: 'puts items of all kinds at once',
    least: 50,
    before: items(13),
    puts: ALL_KINDS,
    act: queue => void queue.tryPutMany(ALL_KINDS),
  },
  {
    title: 'puts items over several pages at once',
    least: 300,
    before: items(10),
    puts: items(40, 'mine'),
    act: queue => void queue.tryPutMany(items(40, 'mine')),
    lastPoints: 60,
  },
]

const takes: RankedScenario[] = [
  { title: 'takes a small item', least: 10, before: items(12) },
  { title: 'takes an item that is a block', least: 10, before: [...items(3), [-1, text('a', 5000)]] },
  { title: 'takes an item with an attachment', least: 10, before: [...items(3), [-1, bytes(1)]] },
  { title: 'takes an item that is a block with two attachments', least: 12, before: [...items(3), [-1, BOTH[1]]] },
  { title: 'takes the last item', least: 8, before: items(1) },
].map(scenario => ({ ...scenario, takes: 1, act: (queue: JoinableQueue) => void queue.tryGet() }) as RankedScenario)

const manyTakes: RankedScenario[] = [
  {
    title: 'takes many at a time, of all kinds',
    least: 100,
    before: [...items(6), ...ALL_KINDS, ...items(6, 'another')],
    takes: 15,
    act: queue => void queue.tryGetMany(15),
  },
  {
    title: 'takes the last of many, whose pages are freed',
    least: 1000,
    before: items(2050),
    takes: 2050,
    act: queue => void queue.tryGetMany(2050),
    lastPoints: 60,
  },
]

const mixed: RankedScenario[] = [
  {
    title: 'takes and puts in turns',
    least: 60,
    options: { maxSize: 20 },
    before: [...items(2), [-1, bytes(2)], [-1, text('b', 5000)], ...items(2, 'another')],
    puts: [SMALL, BLOCK, ATTACHMENT],
    takes: 3,
    act: queue => {
      // What it puts is not what it takes, in neither order.
      for (let count = 0; count < 3; count += 1) queue.tryGet()
      for (const item of [SMALL, BLOCK, ATTACHMENT]) queue.tryPut(item)
    },
  },
]

const ends: RankedScenario[] = [
  { title: 'shuts the queue down', least: 3, before: [[1, 'a'], ATTACHMENT], shuts: true, act: queue => queue.shutdown() },
  {
    title: 'shuts the queue down at once',
    least: 60,
    before: [...items(10), ...ALL_KINDS],
    shuts: true,
    takes: Infinity,
    act: queue => queue.shutdown({ immediate: true }),
  },
]

export const RANKED_SCENARIOS: readonly RankedScenario[] = [...puts, ...batches, ...takes, ...manyTakes, ...mixed, ...ends]
