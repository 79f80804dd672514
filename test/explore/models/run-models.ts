// Large blocks: two and three processes take and give back runs in a table of four units, and one of them may die.
import type { Model } from '../explorer.ts'
import { allocateAndFree, expectBlocks, MemoryScene, withChildren } from './memory-scene.ts'
import { TinyWorld, type Variant } from './tiny-arena.ts'

const ONE_SPAN = 200
const TWO_SPANS = 500
const THREE_SPANS = 700

function nothingLeft(scene: MemoryScene): MemoryScene {
  return expectBlocks(scene, blocks => blocks === 0)
}

export async function runModels(variant: Variant): Promise<Model[]> {
  const two = await TinyWorld.create(variant, withChildren(2))
  const three = await TinyWorld.create(variant, withChildren(3))
  return [
    {
      name: 'two processes, two runs each, nobody dies',
      start: () => nothingLeft(new MemoryScene(two).add(2, allocateAndFree(TWO_SPANS, THREE_SPANS)).add(3, allocateAndFree(THREE_SPANS, ONE_SPAN))),
    },
    {
      name: 'three processes, a run each, nobody dies',
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
