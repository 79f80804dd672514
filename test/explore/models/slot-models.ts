// The process table: slots are claimed, attached, reaped and used again, and whoever does it may die.
import type { Model } from '../explorer.ts'
import { forgetful, outOfDanger, pause, runAlone, type Steps, until } from '../operations.ts'
import { allocateAndFree, idOfSlot, MAIN, MemoryScene, type Part, withChildren } from './memory-scene.ts'
import { TinyWorld, type Variant } from './tiny-arena.ts'

/** Claims a slot and says which, as a parent does in its child's command line; the child is a process of its own. */
function starter(told: { id: number }): (part: Part) => Steps<void> {
  return function* play({ arena, me, name, scene }) {
    const slot = yield* arena.slots.claim(me)
    told.id = yield* forgetful(arena.slots.idOf(slot))
    yield* pause()
    yield* outOfDanger()
    scene.end(name)
  }
}

function child(told: { id: number }, pid: number, lives: Set<number>, parent: string): (part: Part) => Steps<void> {
  return function* play({ arena, name, scene }) {
    yield* until(() => told.id !== 0 || scene.dead.has(parent) || scene.hasEnded(parent))
    if (told.id !== 0 && (yield* arena.slots.attach(told.id, pid, told.id % 4096))) {
      lives.add(told.id)
      yield* pause()
      if (!(yield* forgetful(arena.slots.isCurrent(told.id)))) throw new Error(`${name} lives, and its slot was taken from it`)
    }
    scene.end(name)
  }
}

/** Everybody who attached is ALIVE, with the pid that it gave, and nobody else but those who were there before. */
function expectLives(scene: MemoryScene, lives: Set<number>, others: () => number): MemoryScene {
  return scene.expect(() => {
    const { slotsInUse } = scene.world.report()
    const living = lives.size + others()
    if (slotsInUse !== living) throw new Error(`${slotsInUse} slots are in use for ${living} who live`)
    for (const id of lives) if (scene.world.pidAt(id % 4096) === 0) throw new Error(`The pid of ${id} was lost`)
  })
}

function orphanModel(world: TinyWorld): Model {
  return {
    name: 'a parent dies while its child attaches, and its slot goes to another child',
    start: () => {
      const [first, second, lives] = [{ id: 0 }, { id: 0 }, new Set<number>()]
      const scene = new MemoryScene(world).add(2, starter(first), { mortal: true })
      const main = world.arena()
      // It goes on behind the slot that it claimed last, so that it comes to that of the first child before its parent's.
      runAlone(withChildren(1)(main, MAIN))
      scene.addAs('first child', child(first, 77, lives, 'process 2'))
      const reapAndStart = function* play({ arena, me, name }: Part): Steps<void> {
        yield* until(() => scene.dead.size > 0 || scene.hasEnded('process 2'))
        if (scene.dead.size > 0) yield* arena.reaper.reap(idOfSlot(2), me)
        yield* starter(second)({ arena, me, name, scene })
      }
      scene.add(1, reapAndStart, { arena: main })
      scene.addAs('second child', child(second, 88, lives, 'process 1'))
      scene.expect(() => {
        if (!lives.has(second.id)) throw new Error('The second child has lost its slot')
      })
      return expectLives(scene, lives, () => scene.livingOf(3))
    },
  }
}

function rivalReapers(world: TinyWorld): Model {
  return {
    name: 'two reap the same dead process, and its slot is claimed anew',
    start: () => {
      const reaped: string[] = []
      const told = { id: 0 }
      const lives = new Set<number>()
      const reap = function* play({ arena, me, name, scene }: Part): Steps<void> {
        if (yield* arena.reaper.reap(idOfSlot(4), me)) reaped.push(name)
        scene.end(name)
      }
      const scene = new MemoryScene(world).add(2, reap).add(3, reap).add(1, starter(told))
      scene.addAs('child', child(told, 77, lives, 'process 1'))
      scene.expect(() => {
        if (reaped.length !== 1) throw new Error(`${reaped.length} have reaped the one`)
      })
      return expectLives(scene, lives, () => 3)
    },
  }
}

function reaperOfReaper(world: TinyWorld): Model {
  return {
    name: 'a reaper dies, and its own reaper finishes its work',
    start: () => {
      const scene = new MemoryScene(world).add(
        2,
        function* reap({ arena, me, name, scene: stage }) {
          yield* arena.reaper.reap(idOfSlot(3), me)
          yield* outOfDanger()
          stage.end(name)
        },
        { mortal: true },
      )
      scene.addReaper(2).add(4, allocateAndFree(200))
      return scene.expect(() => {
        const { slotsInUse, blocks } = scene.world.report()
        // The reaper may have died before it began: then nothing of what it was to reap has changed.
        const before = scene.dead.size > 0 && scene.world.pidAt(3) !== 0
        const [slots, left] = before ? [3, 2] : [scene.dead.size > 0 ? 2 : 3, 0]
        if (slotsInUse !== slots || blocks !== left) throw new Error(`${slotsInUse} slots and ${blocks} blocks are in use at the end`)
      })
    },
  }
}

export async function slotModels(variant: Variant): Promise<Model[]> {
  const one = await TinyWorld.create(variant, withChildren(1))
  const two = await TinyWorld.create(variant, withChildren(2))
  const three = await TinyWorld.create(variant, withChildren(3))
  const withBlocks = await TinyWorld.create(variant, function* prepare(arena, main) {
    yield* withChildren(3)(arena, main)
    for (const size of [100, 200]) yield* arena.allocator.allocate(size, idOfSlot(3))
  })
  return [
    orphanModel(one),
    rivalReapers(three),
    reaperOfReaper(withBlocks),
    {
      name: 'three claim slots at once',
      start: () => {
        const told = [{ id: 0 }, { id: 0 }, { id: 0 }] as const
        const scene = new MemoryScene(two).add(1, starter(told[0])).add(2, starter(told[1])).addAs('process 3', claimForMain(told[2]))
        return scene.expectUnsound(() => {
          if (new Set(told.map(({ id }) => id)).size !== 3) throw new Error('Two were given the same slot')
        })
      },
    },
  ]
}

function claimForMain(told: { id: number }): (part: Part) => Steps<void> {
  return function* play({ arena, name, scene }) {
    told.id = yield* arena.slots.idOf(yield* arena.slots.claim(MAIN))
    scene.end(name)
  }
}
