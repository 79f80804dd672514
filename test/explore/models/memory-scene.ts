// What all models of src/memory share: processes that allocate and free, one that reaps whoever died, and what must be true at the
// end, whatever the schedule was.
import { forgetful, outOfDanger, pause, type Steps, until } from '../operations.ts'
import type { Actor, Scene } from '../run.ts'
import { Claims } from './claims.ts'
import type { TinyArena, TinyWorld } from './tiny-arena.ts'

/** Ids of the first generation, by slot. */
export const FIRST_GENERATION = 4096
export const MAIN = FIRST_GENERATION + 1

export function idOfSlot(slot: number): number {
  return FIRST_GENERATION + slot
}

/** Makes slots 2, 3, … ALIVE, children of the main process. */
export function withChildren(count: number): (arena: TinyArena, main: number) => Steps<void> {
  return function* prepare(arena, main) {
    for (let child = 0; child < count; child += 1) {
      const slot = yield* arena.slots.claim(main)
      yield* arena.slots.attach(yield* arena.slots.idOf(slot), 100 + slot, slot)
    }
  }
}

export interface Part {
  readonly scene: MemoryScene
  readonly arena: TinyArena
  readonly me: number
  readonly name: string
}

interface ActorOptions {
  readonly mortal?: boolean
  /** One that has been used before; otherwise it is new. */
  readonly arena?: TinyArena
}

export class MemoryScene implements Scene {
  readonly world: TinyWorld
  readonly claims = new Claims()
  readonly dead = new Set<string>()
  readonly actors: Actor[] = []
  readonly #ended = new Set<string>()
  readonly #expectations: (() => void)[] = []
  #mustBeSound = true

  constructor(world: TinyWorld) {
    world.reset()
    this.world = world
  }

  get buffers(): readonly ArrayBufferLike[] {
    return this.world.buffers
  }

  get hints(): readonly number[] {
    return this.world.hints
  }

  /** An actor in slot `slot`, with an arena of its own over the shared words. */
  add(slot: number, play: (part: Part) => Steps<void>, options: ActorOptions = {}): this {
    return this.#push(`process ${slot}`, idOfSlot(slot), play, options)
  }

  /** Somebody who has no slot yet. */
  addAs(name: string, play: (part: Part) => Steps<void>): this {
    return this.#push(name, 0, play, {})
  }

  /** The main process, which reaps the one who died, if anybody did. */
  addReaper(...slots: number[]): this {
    const { dead } = this
    const names = slots.map(slot => `process ${slot}`)
    return this.add(1, function* reap({ arena, me, scene }) {
      yield* until(() => dead.size > 0 || scene.othersEnded(1))
      for (const [index, name] of names.entries()) {
        if (!dead.has(name)) continue
        scene.claims.forget(name)
        yield* arena.reaper.reap(idOfSlot(slots[index] as number), me)
      }
    })
  }

  end(name: string): void {
    this.#ended.add(name)
  }

  hasEnded(name: string): boolean {
    return this.#ended.has(name)
  }

  /** How many of those who had a slot from the beginning are not dead; `slots` of them are. */
  livingOf(slots: number): number {
    return slots - this.dead.size
  }

  othersEnded(slot: number): boolean {
    return this.actors.every(({ name }) => name === `process ${slot}` || this.#ended.has(name) || this.dead.has(name))
  }

  expect(expectation: () => void): this {
    this.#expectations.push(expectation)
    return this
  }

  /** For scenes that end in the middle of something, where the arena cannot be at rest. */
  expectUnsound(expectation: () => void): this {
    this.#mustBeSound = false
    return this.expect(expectation)
  }

  #push(name: string, me: number, play: (part: Part) => Steps<void>, options: ActorOptions): this {
    const arena = options.arena ?? this.world.arena()
    this.actors.push({ name, steps: play({ scene: this, arena, me, name }), mortal: options.mortal ?? false })
    return this
  }

  check(): void {
    const { problems } = this.world.report()
    if (this.#mustBeSound && problems.length > 0) throw new Error(problems.join('; '))
    for (const expectation of this.#expectations) expectation()
  }
}

/** Allocates, uses, and frees a block of each size, one after the other, each time with an arena that has not met any block yet. */
export function allocateAndFree(...sizes: number[]): (part: Part) => Steps<void> {
  return function* play({ me, name, scene }) {
    for (const size of sizes) {
      const reference = yield* forgetful(allocateIfRoom(scene.world.arena(), size, me))
      if (reference === 0) continue
      scene.claims.take(name, reference, size)
      yield* pause()
      scene.claims.drop(name, reference)
      if (!(yield* forgetful(scene.world.arena().allocator.free(reference, me, me)))) throw new Error(`${name} could not free what it owns`)
    }
    yield* pause()
    yield* outOfDanger()
    scene.end(name)
  }
}

/** 0 where there is no room: others may have all of it, or hold it for a moment. */
export function* allocateIfRoom(arena: TinyArena, size: number, me: number): Steps<number> {
  try {
    return yield* arena.allocator.allocate(size, me)
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_OUT_OF_MEMORY') return 0
    throw error
  }
}

/** Fails unless so many blocks have an owner at the end. */
export function expectBlocks(scene: MemoryScene, allowed: (blocks: number) => boolean): MemoryScene {
  return scene.expect(() => {
    const { blocks } = scene.world.report()
    if (!allowed(blocks)) throw new Error(`${blocks} blocks have an owner at the end`)
  })
}
