// The code of src/sync/state as it is, stopped before each access, on one object in a few words; beside it a bell for each actor.
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Words } from '../../../src/memory/words.ts'
import { access, type Steps, until } from '../operations.ts'
import type { Actor, Scene } from '../run.ts'
import { type Patch, transform } from '../transform.ts'

export interface TinyObject {
  readonly words: Words
  readonly base: number
}

export interface TinyRepair {
  readonly me: number
  isDead(owner: number): boolean
}

/** What the models use of the rewritten functions; their sources have the real types. */
export interface Code {
  readonly take: (object: TinyObject, me: number, form: number) => Steps<boolean>
  readonly release: (object: TinyObject, me: number) => Steps<boolean>
  readonly isFree: (object: TinyObject) => Steps<boolean>
  readonly reserve: (object: TinyObject, me: number) => Steps<void>
  readonly renounce: (object: TinyObject, me: number) => Steps<void>
  readonly heirOf: (object: TinyObject) => Steps<number>
  readonly repairLock: (object: TinyObject, repair: TinyRepair) => Steps<boolean>
  readonly enter: (object: TinyObject, me: number) => Steps<number>
  readonly leave: (object: TinyObject, place: number, me: number) => Steps<void>
  readonly longestWaiting: (object: TinyObject) => Steps<number>
  readonly allNames: (object: TinyObject) => Steps<number[]>
  readonly strikeOut: (object: TinyObject, repair: TinyRepair) => Steps<boolean>
  readonly claimHolder: (object: TinyObject, me: number) => Steps<number>
  readonly holdPermit: (object: TinyObject, place: number) => Steps<boolean>
  readonly returnPermit: (object: TinyObject, place: number) => Steps<boolean>
  readonly vacateHolder: (object: TinyObject, place: number, me: number) => Steps<void>
  readonly takePermit: (object: TinyObject) => Steps<boolean>
  readonly givePermits: (object: TinyObject, permits: number, most: number) => Steps<boolean>
  readonly repairSemaphore: (object: TinyObject, repair: TinyRepair) => Steps<boolean>
  readonly enterBarrier: (object: TinyObject, me: number) => Steps<number>
  readonly leaveBarrier: (object: TinyObject, place: number, me: number) => Steps<void>
  readonly arrive: (object: TinyObject, place: number) => Steps<{ generation: number; index: number; acts: boolean } | string | null>
  readonly pass: (object: TinyObject, generation: number) => Steps<boolean>
  readonly outcomeOf: (object: TinyObject, generation: number) => Steps<'passed' | 'broken' | null>
  readonly breakBarrier: (object: TinyObject, generation: number) => Steps<boolean>
  readonly resetBarrier: (object: TinyObject) => Steps<void>
  readonly repairBarrier: (object: TinyObject, repair: TinyRepair) => Steps<boolean>
  readonly notArrived: (object: TinyObject) => Steps<number[]>
  readonly enterCondition: (object: TinyObject, me: number) => Steps<number>
  readonly isNotified: (object: TinyObject, place: number) => Steps<boolean>
  readonly leaveCondition: (object: TinyObject, place: number, me: number) => Steps<boolean>
  readonly notifyOldest: (object: TinyObject, count: number, isDead: (owner: number) => boolean) => Steps<number[]>
  readonly repairCondition: (object: TinyObject, repair: TinyRepair) => Steps<boolean>
}

const STATE_FOLDER = ['object-layout', 'places', 'waiting-list', 'lock-state', 'semaphore-state', 'barrier-state', 'condition-state']
const MODULES = ['memory/words.js', ...STATE_FOLDER.map(name => `sync/state/${name}.js`)]

/** Holders of a semaphore stand behind the object's block, and are three. */
const HOLDERS_NEAR_BY: Patch[] = [
  { module: 'sync/state/semaphore-state.js', from: 'return extensionWords(extensionAt(object, HOLDERS))', to: 'return object.words' },
  {
    module: 'sync/state/semaphore-state.js',
    from: 'return extensionStart(extensionAt(object, HOLDERS)) +',
    to: 'return object.base + 14 +',
  },
  {
    module: 'sync/state/semaphore-state.js',
    from: 'if (extensionAt(object, HOLDERS) === 0)\n        makeExtension',
    to: 'if (false)\n        makeExtension',
  },
  {
    module: 'sync/state/semaphore-state.js',
    from: 'if (extensionAt(object, HOLDERS) === 0)\n        return false',
    to: 'if (false)\n        return false',
  },
  { module: 'sync/state/semaphore-state.js', from: 'adoptExtension(object, HOLDERS, repair.isDead)', to: '0' },
  { module: 'sync/state/semaphore-state.js', from: 'const MAX_HOLDERS = PLACE', to: 'const MAX_HOLDERS = 3' },
  { module: 'sync/state/semaphore-state.js', from: 'const PATIENCE = 50', to: 'const PATIENCE = 0' },
]

export async function loadCode(name: string, patches: readonly Patch[] = []): Promise<Code> {
  const from = fileURLToPath(new URL('../../../each/', import.meta.url))
  const beside = fileURLToPath(new URL('../../../src/', import.meta.url))
  const to = fileURLToPath(new URL(`../../../explore/sync-${name}/`, import.meta.url))
  mkdirSync(to, { recursive: true })
  transform({
    from,
    beside,
    to,
    modules: MODULES,
    primitives: ['load', 'store', 'exchange', 'add'],
    patches: [...HOLDERS_NEAR_BY, ...patches],
  })
  const loaded = await Promise.all(
    STATE_FOLDER.map(module => import(pathToFileURL(`${to}sync/state/${module}.js`).href) as Promise<object>),
  )
  return Object.assign({}, ...loaded) as Code
}

const OBJECT_WORDS = 24
const WORDS = 32
/** Owner's ids begin here: actor 1 is 4097. */
const FIRST_ID = 4096

/** One object, and actors that are known by small numbers. */
export class ObjectScene implements Scene {
  readonly code: Code
  readonly object: TinyObject
  readonly dead = new Set<string>()
  readonly actors: Actor[] = []
  readonly #ends: (() => void)[] = []
  readonly #buffer = new SharedArrayBuffer(WORDS * 4)

  constructor(code: Code, prepare: (words: Words) => void = () => {}) {
    this.code = code
    this.object = { words: new Int32Array(this.#buffer), base: 0 }
    prepare(this.object.words)
  }

  get buffers(): readonly ArrayBufferLike[] {
    return [this.#buffer]
  }

  /** Actor `number`, 1 and on. */
  add(number: number, play: (actor: ObjectActor) => Steps<void>, { mortal = false } = {}): this {
    const actor = new ObjectActor(this, number)
    this.actors.push({ name: actor.name, steps: play(actor), mortal })
    return this
  }

  atEnd(check: () => void): this {
    this.#ends.push(check)
    return this
  }

  isDead(owner: number): boolean {
    return this.dead.has(nameOf(owner - FIRST_ID))
  }

  check(): void {
    for (const end of this.#ends) end()
  }
}

function nameOf(number: number): string {
  return `actor ${number}`
}

export class ObjectActor {
  readonly scene: ObjectScene
  readonly name: string
  readonly me: number
  readonly repair: TinyRepair
  #hasRescued = false

  constructor(scene: ObjectScene, number: number) {
    this.scene = scene
    this.name = nameOf(number)
    this.me = FIRST_ID + number
    this.repair = { me: this.me, isDead: owner => scene.isDead(owner) }
  }

  get object(): TinyObject {
    return this.scene.object
  }

  get code(): Code {
    return this.scene.code
  }

  *ring(owner: number): Steps<void> {
    yield* access('add', this.object.words, bellOf(owner), 1)
  }

  *ringAll(owners: readonly number[]): Steps<void> {
    for (const owner of owners) yield* this.ring(owner)
  }

  /** Attempts after every ring, and once more when somebody has died, after `rescue`. What `waiting/waits.ts` and the doorbell do. */
  *wait(attempt: () => Steps<boolean>, rescue: () => Steps<void>): Steps<void> {
    const { words } = this.object
    const bell = bellOf(this.me)
    for (;;) {
      const seen = yield* access<number>('load', words, bell)
      if (yield* attempt()) return
      const mayRescue = (): boolean => this.scene.dead.size > 0 && !this.#hasRescued
      yield* until(() => words[bell] !== seen || mayRescue())
      if (!mayRescue()) continue
      this.#hasRescued = true
      yield* rescue()
    }
  }
}

function bellOf(owner: number): number {
  return OBJECT_WORDS + (owner - FIRST_ID)
}
