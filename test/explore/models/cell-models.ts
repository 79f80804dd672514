// Small blocks: processes contend for the two cells of one span, hand cells on, and one of them may die.
import type { Model } from '../explorer.ts'
import { forgetful, outOfDanger, pause, type Steps } from '../operations.ts'
import { allocateAndFree, expectBlocks, idOfSlot, MemoryScene, type Part, withChildren } from './memory-scene.ts'
import { type TinyArena, TinyWorld, type Variant } from './tiny-arena.ts'

const CELL = 128
const SENDER = 2
const RECEIVER = 3
/** The first granule of the first span that blocks may use: its first cell. */
const FIRST_CELL = 20

/** The rest of the segment belongs to the main process, so that there is no room but the cells of the first span. */
function withOneSpanOfCells(children: number): (arena: TinyArena, main: number) => Steps<void> {
  return function* prepare(arena, main) {
    yield* withChildren(children)(arena, main)
    const cell = yield* arena.allocator.allocate(CELL, main)
    if (cell !== FIRST_CELL) throw new Error(`The first cell is ${cell}`)
    yield* arena.allocator.allocate(700, main)
    yield* arena.allocator.free(cell, main, main)
  }
}

/** The first cell belongs to the sender. */
function withMessage(arena: TinyArena, main: number): Steps<void> {
  return (function* prepare() {
    yield* withOneSpanOfCells(3)(arena, main)
    const cell = yield* arena.allocator.allocate(CELL, idOfSlot(SENDER))
    if (cell !== FIRST_CELL) throw new Error(`The message is ${cell}`)
  })()
}

function* receive({ me, name, scene }: Part): Steps<void> {
  const arena = scene.world.arena()
  if (yield* forgetful(arena.allocator.entries.changeOwner(FIRST_CELL, idOfSlot(SENDER), me))) {
    scene.claims.take(name, FIRST_CELL, CELL)
    yield* pause()
    scene.claims.drop(name, FIRST_CELL)
    if (!(yield* forgetful(arena.allocator.free(FIRST_CELL, me, me)))) throw new Error('What was received could not be freed')
  }
  yield* outOfDanger()
  scene.end(name)
}

function* withdraw({ me, name, scene }: Part): Steps<void> {
  yield* forgetful(scene.world.arena().allocator.free(FIRST_CELL, me, me))
  yield* pause()
  yield* outOfDanger()
  scene.end(name)
}

/** Only the run that fills the segment is left. */
function onlyFiller(scene: MemoryScene): MemoryScene {
  return expectBlocks(scene, blocks => blocks === 1)
}

export async function cellModels(variant: Variant): Promise<Model[]> {
  const three = await TinyWorld.create(variant, withOneSpanOfCells(3))
  const fresh = await TinyWorld.create(variant, withChildren(2))
  return [
    {
      name: 'two processes, two cells, two blocks each',
      start: () => onlyFiller(new MemoryScene(three).add(2, allocateAndFree(CELL, CELL)).add(3, allocateAndFree(CELL, CELL))),
    },
    {
      name: 'three processes, two cells',
      preemptions: 3,
      start: () =>
        onlyFiller(new MemoryScene(three).add(2, allocateAndFree(CELL)).add(3, allocateAndFree(CELL)).add(4, allocateAndFree(CELL))),
    },
    {
      name: 'two processes, two cells, one dies and is reaped',
      start: () =>
        onlyFiller(new MemoryScene(three).add(2, allocateAndFree(CELL, CELL), { mortal: true }).add(3, allocateAndFree(CELL)).addReaper(2)),
    },
    {
      name: 'two processes cut the first span and take a run, one dies and is reaped',
      start: () =>
        expectBlocks(
          new MemoryScene(fresh).add(2, allocateAndFree(CELL), { mortal: true }).add(3, allocateAndFree(CELL)).addReaper(2),
          blocks => blocks === 0,
        ),
    },
  ]
}

export async function messageModels(variant: Variant): Promise<Model[]> {
  const world = await TinyWorld.create(variant, withMessage)
  return [
    {
      name: 'a message is received while its sender withdraws it or dies, and a third takes cells',
      start: () =>
        onlyFiller(
          new MemoryScene(world)
            .add(SENDER, withdraw, { mortal: true })
            .add(RECEIVER, receive)
            .add(4, allocateAndFree(CELL))
            .addReaper(SENDER),
        ),
    },
    {
      name: 'a message is received by somebody who dies of it',
      start: () => {
        const scene = new MemoryScene(world).add(RECEIVER, receive, { mortal: true }).add(4, allocateAndFree(CELL)).addReaper(RECEIVER)
        return expectBlocks(scene, blocks => blocks === 1 || (blocks === 2 && scene.dead.size > 0))
      },
    },
    {
      name: 'a block that the tree owns is taken by one of two and freed by the other',
      start: () => onlyFiller(new MemoryScene(world).add(SENDER, withdraw).add(RECEIVER, receive)),
    },
  ]
}
