// A side of a queue's ring: two are never at it, a position is never half of one and half of another, and what a dead one leaves in the lock
// does not stay; who wanted the lock is rung. Invariants 1 and 2 of src/queue/README.md, for the code of store/sides.ts
// and ring/side.ts as it is.
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { AT_COUNT, AT_OFFSET, AT_WEIGHT, SLOT_WORDS, SLOTS } from '../../../src/queue/ring/layout.ts'
import type { Position } from '../../../src/queue/ring/side.ts'
import { COUNT, LOCK } from '../../../src/queue/store/layout.ts'
import type { Words } from '../../../src/memory/words.ts'
import type { Model } from '../explorer.ts'
import { access, outOfDanger, type Steps, until } from '../operations.ts'
import type { Actor, Scene } from '../run.ts'
import { type Patch, transform } from '../transform.ts'

/** What the models use of the rewritten functions. */
export interface Code {
  readonly lockSide: (words: Words, side: number, me: number) => Steps<boolean>
  readonly unlockSide: (words: Words, side: number) => Steps<boolean>
  readonly unlockForDead: (words: Words, side: number, isDead: (owner: number) => boolean) => Steps<boolean>
  readonly currentSlot: (words: Words, side: number) => number
  readonly commit: (words: Words, side: number, to: Position) => Steps<void>
  readonly weightPassed: (words: Words, side: number) => Steps<number>
}

const SIDE_MODULE = 'queue/ring/side.js'
const LOCK_MODULE = 'queue/store/sides.js'

export const PLANTED: readonly { title: string; name: string; patch: Patch }[] = [
  {
    title: 'a position that is written where it counts',
    name: 'one-slot',
    patch: {
      module: SIDE_MODULE,
      from: 'currentSlot(words, side) === first ? first + SLOT_WORDS : first',
      to: 'currentSlot(words, side)',
    },
  },
  {
    title: 'a lock that was wanted after its holder had looked, and nobody rings for it',
    name: 'one-attempt',
    patch: {
      module: LOCK_MODULE,
      from: 'store(words, side + CONTENDED, 1);\n    return exchange(words, side + LOCK, NOBODY, me)',
      to: 'store(words, side + CONTENDED, 1);\n    return false',
    },
  },
]

export async function loadSide(name: string, patches: readonly Patch[] = []): Promise<Code> {
  const from = fileURLToPath(new URL('../../../each/', import.meta.url))
  const beside = fileURLToPath(new URL('../../../src/', import.meta.url))
  const to = fileURLToPath(new URL(`../../../explore/queue-${name}/`, import.meta.url))
  mkdirSync(to, { recursive: true })
  const modules = ['memory/words.js', 'queue/ring/layout.js', SIDE_MODULE, 'queue/store/layout.js', LOCK_MODULE]
  transform({ from, beside, to, modules, primitives: ['load', 'store', 'exchange', 'add', 'write'], patches })
  const [side, lock] = await Promise.all([SIDE_MODULE, LOCK_MODULE].map(module => import(pathToFileURL(to + module).href)))
  return { ...side, ...lock } as Code
}

const SIDE = 0
/** Behind the side: who wanted the lock waits for it to be rung. */
const BELL = 16
const WORDS = 17
/** What has passed weighs and reaches as much as its count says. */
const WEIGHT = 7
const LENGTH = 10

class SideScene implements Scene {
  readonly code: Code
  readonly words: Words
  readonly dead = new Set<string>()
  readonly actors: Actor[] = []
  /** How many commits came back. */
  commits = 0
  readonly #buffer = new SharedArrayBuffer(WORDS * 4)

  constructor(code: Code) {
    this.code = code
    this.words = new Int32Array(this.#buffer)
    this.words[SLOTS + SLOT_WORDS + AT_COUNT] = -1
  }

  get buffers(): readonly ArrayBufferLike[] {
    return [this.#buffer]
  }

  add(me: number, play: (scene: SideScene, me: number) => Steps<void>, { mortal = false } = {}): this {
    this.actors.push({ name: nameOf(me), steps: play(this, me), mortal })
    return this
  }

  readonly isDead = (owner: number): boolean => this.dead.has(nameOf(owner))

  /** The position that counts is whole. */
  checkPosition(): void {
    const { words } = this
    const count = words[SIDE + COUNT] as number
    const slot = this.code.currentSlot(words, SIDE)
    const [at, offset, weight] = [AT_COUNT, AT_OFFSET, AT_WEIGHT].map(word => words[slot + word])
    if (at !== count || offset !== count * LENGTH || weight !== count * WEIGHT) {
      throw new Error(`At ${count} the slot says ${at}, ${offset}, ${weight}`)
    }
  }

  check(): void {
    this.checkPosition()
    const count = this.words[SIDE + COUNT] as number
    if (count < this.commits || count > this.commits + this.dead.size) throw new Error(`${this.commits} commits, and the count is ${count}`)
    const owner = this.words[SIDE + LOCK] as number
    if (owner !== 0 && !this.isDead(owner)) throw new Error(`${owner} has the lock at the end`)
  }
}

function nameOf(me: number): string {
  return `actor ${me}`
}

/** Has the lock for one step forward, whoever died with it before. */
function* step(scene: SideScene, me: number): Steps<void> {
  const { code, words } = scene
  for (;;) {
    const seen = yield* access<number>('load', words, BELL)
    if (yield* code.lockSide(words, SIDE, me)) break
    // Nobody need ring for a dead one: who waits looks from time to time.
    yield* until(() => words[BELL] !== seen || (scene.dead.size > 0 && !isBusy(scene)))
    yield* code.unlockForDead(words, SIDE, scene.isDead)
  }
  const owner = words[SIDE + LOCK]
  if (owner !== me) throw new Error(`${me} is at it, and ${owner} has the lock`)
  scene.checkPosition()
  const count = (words[SIDE + COUNT] as number) + 1
  yield* code.commit(words, SIDE, { count, chunk: 0, offset: count * LENGTH, weight: count * WEIGHT, left: 0, leftGeneration: 0 })
  scene.commits += 1
  if (words[SIDE + COUNT] !== count) throw new Error(`${me} went to ${count}, and it is at ${words[SIDE + COUNT]}`)
  if (yield* code.unlockSide(words, SIDE)) yield* access('add', words, BELL, 1)
  yield* outOfDanger()
}

function isBusy({ words, isDead }: SideScene): boolean {
  const owner = words[SIDE + LOCK] as number
  return owner !== 0 && !isDead(owner)
}

/** Sees a weight that there was while it looked. */
function* observe(scene: SideScene): Steps<void> {
  const { code, words } = scene
  const before = words[SIDE + COUNT] as number
  const weight = yield* code.weightPassed(words, SIDE)
  const after = words[SIDE + COUNT] as number
  if (weight % WEIGHT !== 0 || weight < before * WEIGHT || weight > after * WEIGHT) throw new Error(`It weighs ${weight}`)
  yield* outOfDanger()
}

export function sideModels(code: Code): Model[] {
  return [
    { name: 'two steps of a side', start: () => new SideScene(code).add(1, step).add(2, step) },
    { name: 'two steps, one of which may die', start: () => new SideScene(code).add(1, step, { mortal: true }).add(2, step) },
    {
      name: 'three steps, two of which may die',
      preemptions: 2,
      start: () => new SideScene(code).add(1, step, { mortal: true }).add(2, step, { mortal: true }).add(3, step),
    },
    {
      name: 'two steps, one of which may die, and one who looks',
      preemptions: 3,
      start: () => new SideScene(code).add(1, step, { mortal: true }).add(2, step).add(3, observe),
    },
  ]
}
