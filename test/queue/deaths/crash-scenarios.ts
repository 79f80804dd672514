// What an actor is doing with a queue when it dies, and what of it may be missing afterwards.
import type { JoinableQueue } from '../../../src/queue/joinable-queue.ts'
import type { QueueOptions } from '../../../src/queue/queue.ts'

export interface Scenario {
  readonly title: string
  /** It must really have so many crash points. */
  readonly least: number
  readonly options?: QueueOptions
  /** What is in the queue before. */
  readonly before: readonly unknown[]
  readonly act: (queue: JoinableQueue) => void
  /** What it puts, in this order: a first part of it may arrive. */
  readonly puts?: readonly unknown[]
  /** How many of those that are in it, from the first on, it may take with it. */
  readonly takes?: number
  /** It shuts the queue down, perhaps. */
  readonly shuts?: boolean
}

/** Items that can be told apart and take `byteLength` bytes. */
export function text(name: string, byteLength: number): string {
  return name.padEnd(byteLength, '.')
}

export function bytes(value: number, byteLength = 70_000): Uint8Array {
  return new Uint8Array(byteLength).fill(value)
}

const INLINE = 'mine'
const BLOCK = text('mine', 5000)
const ATTACHMENT = bytes(7)
const BOTH = { text: text('mine', 5000), data: bytes(8), more: bytes(9, 200_000) }

const ALL_KINDS = [INLINE, BLOCK, ATTACHMENT, BOTH, text('mine', 3000), 'mine, too']

/** Leaves less than 1,000 bytes of the first chunk. */
const NEARLY_FULL = [text('a', 1500), text('b', 1500)]
const MANY = Array.from({ length: 30 }, (_, index) => text(`mine ${index}`, 1200))

const puts: Scenario[] = [
  { title: 'puts a small item', least: 8, before: ['a'], puts: [INLINE] },
  { title: 'puts an item that is a block', least: 12, before: ['a'], puts: [BLOCK] },
  { title: 'puts an item with an attachment', least: 12, before: ['a'], puts: [ATTACHMENT] },
  { title: 'puts an item that is a block with two attachments', least: 16, before: ['a'], puts: [BOTH] },
  { title: 'puts an item for which there has to be another chunk', least: 14, before: NEARLY_FULL, puts: [text('mine', 1500)] },
].map(scenario => ({ ...scenario, act: (queue: JoinableQueue) => void queue.tryPut(scenario.puts[0]) }))

const batches: Scenario[] = [
  {
    title: 'puts items over several chunks at once',
    least: 30,
    before: NEARLY_FULL,
    puts: MANY,
    act: queue => void queue.tryPutMany(MANY),
  },
  {
    title: 'puts items of all kinds at once',
    least: 30,
    before: ['a'],
    puts: ALL_KINDS,
    act: queue => void queue.tryPutMany(ALL_KINDS),
  },
]

const takes: Scenario[] = [
  { title: 'takes a small item', least: 8, before: ['a', 'b'] },
  { title: 'takes an item that is a block', least: 10, before: [text('a', 5000), 'b'] },
  { title: 'takes an item with an attachment', least: 10, before: [bytes(1), 'b'] },
  { title: 'takes an item that is a block with two attachments', least: 12, before: [BOTH, 'b'] },
  { title: 'takes the last item', least: 8, before: ['a'] },
].map(scenario => ({ ...scenario, takes: 1, act: (queue: JoinableQueue) => void queue.tryGet() }))

const takesOverChunks: Scenario[] = [
  {
    title: 'takes an item from the next chunk and leaves the one before',
    least: 12,
    before: [...NEARLY_FULL, text('c', 1500), 'd'],
    takes: 3,
    act: queue => {
      for (let count = 0; count < 3; count += 1) queue.tryGet()
    },
  },
  {
    title: 'takes many at a time, of all kinds, over several chunks',
    least: 30,
    before: [...NEARLY_FULL, ...MANY, BLOCK, ATTACHMENT, 'x', BOTH, 'y'],
    takes: 35,
    act: queue => void queue.tryGetMany(35),
  },
]

const mixed: Scenario[] = [
  {
    title: 'takes and puts in turns',
    least: 40,
    options: { maxSize: 20 },
    before: ['a', bytes(2), text('b', 5000), 'c'],
    puts: [INLINE, BLOCK, ATTACHMENT],
    takes: 3,
    act: queue => {
      for (const item of [INLINE, BLOCK, ATTACHMENT]) {
        queue.tryGet()
        queue.tryPut(item)
      }
    },
  },
]

const ends: Scenario[] = [
  {
    title: 'shuts the queue down',
    least: 3,
    before: ['a', bytes(1)],
    shuts: true,
    act: queue => queue.shutdown(),
  },
  {
    title: 'shuts the queue down at once',
    least: 20,
    before: [...NEARLY_FULL, ...MANY, BLOCK, ATTACHMENT, BOTH],
    shuts: true,
    takes: Infinity,
    act: queue => queue.shutdown({ immediate: true }),
  },
]

export const SCENARIOS: readonly Scenario[] = [...puts, ...batches, ...takes, ...takesOverChunks, ...mixed, ...ends]
