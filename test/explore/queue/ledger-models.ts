// The books of a queue that is joined: whoever takes, reports, closes the books of a dead one or joins may be anywhere in it when another goes on
// or dies. A join that comes back has not missed anything that a living one has in hand, what is lost is told, and nobody waits for ever.
// Invariants of src/queue/ledger/README.md, for the code of that folder as it is.
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Words } from '../../../src/memory/words.ts'
import { type Book, DONE, ENTRY_WORDS, OWNER, type Place, TAKEN } from '../../../src/queue/ledger/entries.ts'
import type { Tell } from '../../../src/queue/ledger/losses.ts'
import { COUNT, DOUBTFUL, IN, LOCK, LOST, OUT, TAKERS, TAKING_COUNT, TAKING_ENTRY, TAKING_TOTAL } from '../../../src/queue/store/layout.ts'
import type { Model } from '../explorer.ts'
import { access, outOfDanger, pause, type Steps, until } from '../operations.ts'
import type { Actor, Scene } from '../run.ts'
import { type Patch, transform } from '../transform.ts'

/** What the models use of the rewritten functions. */
export interface Code {
  readonly lockSide: (words: Words, side: number, me: number) => Steps<boolean>
  readonly unlockSide: (words: Words, side: number) => Steps<boolean>
  readonly unlockForDead: (words: Words, side: number, isDead: (owner: number) => boolean) => Steps<boolean>
  readonly announce: (book: Book, index: number, count: number, total: number) => Steps<void>
  readonly enterTaken: (book: Book) => Steps<void>
  readonly finishOne: (entry: Place) => Steps<boolean>
  readonly reportForOther: (book: Book, pid: number) => Steps<boolean>
  readonly closeEntry: (book: Book, index: number, tell: Tell) => Steps<number>
  readonly finishLosing: (book: Book) => Steps<void>
  readonly isAllDone: (book: Book, told: number) => Steps<boolean>
}

const ENTRIES = 'queue/ledger/entries.js'
const LOSSES = 'queue/ledger/losses.js'
const JOINING = 'queue/ledger/joining.js'

const TELL = '    store(words, base + LOST, load(words, base + LOSING_TOTAL));\n'
const COUNT_DONE = 'raiseDone(entry, load(words, base + LOSING_DONE));\n'

export const PLANTED: readonly { title: string; name: string; patch: Patch }[] = [
  {
    title: 'a loss that counts as done before it is told',
    name: 'told-late',
    patch: {
      module: LOSSES,
      from: `${TELL}    const entry = book.entryAt(index);\n    ${COUNT_DONE}`,
      to: `    const entry = book.entryAt(index);\n    ${COUNT_DONE}${TELL}`,
    },
  },
  {
    title: 'a take that is entered though it did not happen',
    name: 'not-taken',
    patch: { module: ENTRIES, from: 'if (load(words, base + TAKING_COUNT) === load(words, base + OUT + COUNT))', to: 'if (true)' },
  },
  {
    title: 'what was put looked at before what is done',
    name: 'put-first',
    patch: {
      module: ENTRIES,
      from: 'const takers = load(words, base + TAKERS);\n    let done = 0;',
      to: 'const takers = load(words, base + TAKERS);\n    let done = -load(words, base + IN + COUNT);\n    for (let index = 0; index < takers; index += 1) {\n        const entry = book.entryAt(index);\n        done = (done + load(entry.words, entry.base + DONE)) | 0;\n    }\n    return -done | 0;',
    },
  },
  {
    title: 'a late report that is taken for another',
    name: 'late-report',
    patch: { module: ENTRIES, from: 'if (reportLate(book, index >= 0))', to: 'if (false)' },
  },
]

export async function loadLedger(name: string, patches: readonly Patch[] = []): Promise<Code> {
  const from = fileURLToPath(new URL('../../../each/', import.meta.url))
  const beside = fileURLToPath(new URL('../../../src/', import.meta.url))
  const to = fileURLToPath(new URL(`../../../explore/ledger-${name}/`, import.meta.url))
  mkdirSync(to, { recursive: true })
  const own = [ENTRIES, LOSSES, JOINING, 'queue/store/sides.js']
  const modules = ['memory/words.js', 'queue/store/layout.js', ...own]
  transform({ from, beside, to, modules, primitives: ['load', 'store', 'exchange', 'add', 'write'], patches })
  const loaded = await Promise.all(own.map(module => import(pathToFileURL(to + module).href)))
  return Object.assign({}, ...loaded) as Code
}

const FIRST_ENTRY = 64
const NOTES = 96
const WORDS = 96 + 64
/** Is dead from the beginning. */
const LONG_DEAD = 99
/** Has an entry, and works off what is left when somebody has died. */
const LAST = 3

interface Play {
  readonly put: number
  /** Entries that there are: whose, how much it has taken. */
  readonly entries: readonly (readonly [owner: number, taken: number])[]
  /** So many are lost at the end, at least. */
  readonly least?: number
}

class LedgerScene implements Scene, Book {
  readonly code: Code
  readonly words: Words
  readonly base = 0
  readonly notes: Place
  readonly dead = new Set<string>()
  readonly actors: Actor[] = []
  readonly #buffer = new SharedArrayBuffer(WORDS * 4)
  readonly #inHand = new Map<number, number>()
  readonly leastSeen = new Map<number, number>()
  readonly least: number

  constructor(code: Code, { put, entries, least = 0 }: Play) {
    this.code = code
    this.words = new Int32Array(this.#buffer)
    this.notes = { words: this.words, base: NOTES }
    this.words[IN + COUNT] = put
    this.words[TAKERS] = entries.length
    let taken = 0
    for (const [index, [owner, count]] of entries.entries()) {
      const { base } = this.entryAt(index)
      this.words[base + OWNER] = owner
      this.words[base + TAKEN] = count
      taken += count
      if (owner !== LONG_DEAD) this.#inHand.set(owner, count)
    }
    this.words[OUT + COUNT] = taken
    this.least = least
  }

  get buffers(): readonly ArrayBufferLike[] {
    return [this.#buffer]
  }

  entryAt(index: number): Place {
    return { words: this.words, base: FIRST_ENTRY + index * ENTRY_WORDS }
  }

  add(me: number, play: (scene: LedgerScene, me: number) => Steps<void>, { mortal = false } = {}): this {
    this.actors.push({ name: nameOf(me), steps: play(this, me), mortal })
    return this
  }

  readonly isDead = (owner: number): boolean => owner === LONG_DEAD || this.dead.has(nameOf(owner))

  get isLockedByLiving(): boolean {
    const owner = this.words[OUT + LOCK] as number
    return owner !== 0 && !this.isDead(owner)
  }

  get hasBooksOfDead(): boolean {
    for (let index = 0; index < (this.words[TAKERS] as number); index += 1) {
      const owner = this.words[this.entryAt(index).base + OWNER] as number
      if (owner !== 0 && this.isDead(owner)) return true
    }
    return false
  }

  /** What is in the queue, and what living ones have in hand. */
  get outstanding(): number {
    let sum = (this.words[IN + COUNT] as number) - (this.words[OUT + COUNT] as number)
    for (const [owner, count] of this.#inHand) if (!this.isDead(owner)) sum += count
    return sum
  }

  /** `by` more are in this one's hands, or fewer. */
  hand(owner: number, by: number): void {
    this.#inHand.set(owner, (this.#inHand.get(owner) ?? 0) + by)
    this.note()
  }

  /** For each who joins, the least that was outstanding during its look. */
  note(): void {
    for (const [me, least] of this.leastSeen) this.leastSeen.set(me, Math.min(least, this.outstanding))
  }

  get unfinished(): number {
    let sum = this.words[IN + COUNT] as number
    for (let index = 0; index < (this.words[TAKERS] as number); index += 1) sum -= this.words[this.entryAt(index).base + DONE] as number
    return sum
  }

  check(): void {
    if (this.unfinished < 0) throw new Error(`${this.unfinished} are unfinished`)
    if ((this.words[LOST] as number) < this.least) throw new Error(`Only ${this.words[LOST]} of ${this.least} are lost`)
  }
}

function nameOf(me: number): string {
  return `actor ${me}`
}

function* locked(scene: LedgerScene, me: number, body: () => Steps<void>): Steps<void> {
  const { code, words } = scene
  while (!(yield* code.lockSide(words, OUT, me))) {
    yield* until(() => !scene.isLockedByLiving)
    yield* code.unlockForDead(words, OUT, scene.isDead)
  }
  yield* code.enterTaken(scene)
  yield* code.finishLosing(scene)
  yield* body()
  yield* code.unlockSide(words, OUT)
}

/** False: there is none. */
function* takeOne(scene: LedgerScene, me: number, index: number): Steps<boolean> {
  const { code, words } = scene
  const entry = scene.entryAt(index)
  let isTaken = false
  yield* locked(scene, me, function* () {
    const count = (yield* access<number>('load', words, OUT + COUNT)) + 1
    if (count > (yield* access<number>('load', words, IN + COUNT))) return
    const total = (yield* access<number>('load', words, entry.base + TAKEN)) + 1
    yield* code.announce(scene, index, count, total)
    yield* access('store', words, OUT + COUNT, count)
    scene.hand(me, 1)
    isTaken = true
    yield* code.enterTaken(scene)
  })
  return isTaken
}

/** One that it has in hand is done: from now on nobody need wait for it. */
function* finish(scene: LedgerScene, me: number, index: number): Steps<void> {
  yield* pause()
  scene.hand(me, -1)
  if (!(yield* scene.code.finishOne(scene.entryAt(index)))) throw new Error(`${me} has taken one, and may not report it`)
}

/** Takes one and reports it; its entry has its number less one. */
function* work(scene: LedgerScene, me: number): Steps<void> {
  if (yield* takeOne(scene, me, me - 1)) yield* finish(scene, me, me - 1)
  yield* outOfDanger()
}

function* reportOwn(scene: LedgerScene, me: number): Steps<void> {
  yield* finish(scene, me, me - 1)
  yield* outOfDanger()
}

/** For `owner`, who may have been lost. */
function reportFor(owner: number): (scene: LedgerScene, me: number) => Steps<void> {
  return function* (scene) {
    yield* pause()
    if (owner !== LONG_DEAD) scene.hand(owner, -1)
    yield* scene.code.reportForOther(scene, 0)
    yield* outOfDanger()
  }
}

/** Puts one more, and then takes one. */
function* putAndWork(scene: LedgerScene, me: number): Steps<void> {
  yield* access('add', scene.words, IN + COUNT, 1)
  yield* work(scene, me)
}

function* closeDead(scene: LedgerScene, me: number): Steps<void> {
  yield* locked(scene, me, function* () {
    for (let index = 0; index < (scene.words[TAKERS] as number); index += 1) {
      const owner = yield* access<number>('load', scene.words, scene.entryAt(index).base + OWNER)
      if (owner !== 0 && scene.isDead(owner)) yield* scene.code.closeEntry(scene, index, () => {})
    }
  })
}

/** True: all is done with, or nobody can tell. */
function* look(scene: LedgerScene, me: number, told: number): Steps<boolean | number> {
  scene.leastSeen.set(me, scene.outstanding)
  try {
    if (!(yield* scene.code.isAllDone(scene, told))) return false
  } catch (error) {
    const { code, lost } = error as { code?: string; lost?: number }
    if (code === 'ERR_ITEMS_LOST') return told + (lost as number)
    if (code === 'ERR_ITEMS_IN_DOUBT') return true
    throw error
  }
  scene.note()
  if ((scene.leastSeen.get(me) as number) > 0) throw new Error(`All is done, and ${scene.outstanding} are outstanding`)
  return true
}

/** Until all is done with, or nobody can tell. What a dead one left in the queue is worked off. */
function* join(scene: LedgerScene, me: number): Steps<void> {
  const { words } = scene
  const mayClose = (): boolean => scene.hasBooksOfDead && !scene.isLockedByLiving
  for (let told = 0; ; ) {
    const seen = yield* look(scene, me, told)
    if (seen === true && told < scene.least) throw new Error(`It was told of ${told}, and ${scene.least} are lost`)
    if (seen === true) break
    if (seen !== false) {
      told = seen
      continue
    }
    const mayEnd = (): boolean => words[LOST] !== told || scene.unfinished <= (words[DOUBTFUL] as number)
    yield* until(() => mayClose() || mayEnd())
    if (mayEnd()) continue
    yield* closeDead(scene, me)
    if (me === LAST) yield* workOff(scene, me)
  }
  yield* outOfDanger()
}

function* workOff(scene: LedgerScene, me: number): Steps<void> {
  while (yield* takeOne(scene, me, me - 1)) yield* finish(scene, me, me - 1)
}

/** Entries 0, 1, 2; two are in the queue, or one has been taken by one who is dead and one by actor 2. */
const TWO: Play = {
  put: 2,
  entries: [
    [1, 0],
    [2, 0],
    [LAST, 0],
  ],
}
const ONE_DEAD: Play = {
  put: 2,
  entries: [
    [LONG_DEAD, 1],
    [2, 1],
  ],
}
const ONE_IN_HAND: Play = {
  put: 1,
  entries: [
    [1, 0],
    [2, 1],
  ],
}
const NOTHING_TAKEN: Play = {
  put: 1,
  entries: [
    [LONG_DEAD, 0],
    [2, 0],
  ],
}

export function ledgerModels(code: Code): Model[] {
  const scene = (play: Play): LedgerScene => new LedgerScene(code, play)
  return [
    {
      name: 'two who take and report, one of which may die, and one who joins',
      preemptions: 2,
      start: () => scene(TWO).add(1, work, { mortal: true }).add(2, work).add(LAST, join),
    },
    {
      name: 'one who joins may die while it closes the books of a dead one, and another joins',
      preemptions: 2,
      start: () =>
        scene({ ...ONE_DEAD, least: 1 })
          .add(2, reportOwn)
          .add(4, join, { mortal: true })
          .add(5, join),
    },
    {
      name: 'a report for one who is dead, before its books are closed or later',
      preemptions: 3,
      start: () => scene(ONE_DEAD).add(2, reportOwn).add(4, reportFor(LONG_DEAD)).add(5, join),
    },
    {
      name: 'a report for one who lives, while another is dead',
      preemptions: 3,
      start: () => scene(ONE_DEAD).add(4, reportFor(2)).add(5, join),
    },
    {
      name: 'one is put and done while another is in hand',
      preemptions: 3,
      start: () => scene(ONE_IN_HAND).add(1, putAndWork).add(2, reportOwn).add(4, join),
    },
    {
      name: 'a take that was announced and did not happen',
      start: () => announced(scene(NOTHING_TAKEN)).add(2, work).add(4, join),
    },
  ]
}

/** Its first taker has died before it committed. */
function announced(scene: LedgerScene): LedgerScene {
  const announcement = [TAKING_COUNT, TAKING_TOTAL, TAKING_ENTRY]
  for (const word of announcement) scene.words[word] = 1
  return scene
}
