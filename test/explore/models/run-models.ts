// Large blocks: processes take and give back runs in a table of four units, one of them may die, and the main process reaps it.
import type { Model } from '../explorer.ts'
import { allocateAndFree, expectBlocks, MemoryScene, withChildren } from './memory-scene.ts'
import { TinyWorld, type Variant } from './tiny-arena.ts'

const ONE_SPAN = 200
const TWO_SPANS = 500
const THREE_SPANS = 700
/** A block of its own segment: larger than a segment's seven spans. */
const RANGE = 2000

function nothingLeft(scene: MemoryScene): MemoryScene {
  return expectBlocks(scene, blocks => blocks === 0)
}

export async function runModels(variant: Variant): Promise<Model[]> {
  const two = await TinyWorld.create(variant, withChildren(2))
  const three = await TinyWorld.create(variant, withChildren(3))
  return [
    {
      name: 'two processes, a run each',
      start: () => nothingLeft(new MemoryScene(two).add(2, allocateAndFree(TWO_SPANS)).add(3, allocateAndFree(THREE_SPANS))),
    },
    {
      name: 'two processes, two runs and one',
      start: () => nothingLeft(new MemoryScene(two).add(2, allocateAndFree(TWO_SPANS, ONE_SPAN)).add(3, allocateAndFree(THREE_SPANS))),
    },
    {
      name: 'three processes, a run each',
      preemptions: 2,
      start: () =>
        nothingLeft(
          new MemoryScene(three).add(2, allocateAndFree(TWO_SPANS)).add(3, allocateAndFree(TWO_SPANS)).add(4, allocateAndFree(ONE_SPAN)),
        ),
    },
    {
      name: 'two processes, one dies and is reaped while the other goes on',
      start: () =>
        nothingLeft(
          new MemoryScene(two).add(2, allocateAndFree(THREE_SPANS), { mortal: true }).add(3, allocateAndFree(TWO_SPANS)).addReaper(2),
        ),
    },
  ]
}

export async function growthModels(variant: Variant): Promise<Model[]> {
  const two = await TinyWorld.create({ ...variant, segments: 3 }, withChildren(2))
  return [
    {
      name: 'two processes, a range each, where there is room for two',
      start: () => nothingLeft(new MemoryScene(two).add(2, allocateAndFree(RANGE)).add(3, allocateAndFree(RANGE))),
    },
    {
      name: 'two processes, a range each, one dies and is reaped',
      start: () =>
        nothingLeft(new MemoryScene(two).add(2, allocateAndFree(RANGE), { mortal: true }).add(3, allocateAndFree(RANGE)).addReaper(2)),
    },
  ]
}
