// Bugs of the kind that exploring is for: each needs one order of events among thousands. Those marked so were in the code once.
import type { Model } from '../explorer.ts'
import type { Patch } from '../transform.ts'
import { cellModels, messageModels } from './cell-models.ts'
import { growthModels, runModels } from './run-models.ts'
import { slotModels } from './slot-models.ts'
import type { Variant } from './tiny-arena.ts'

export interface PlantedBug {
  readonly title: string
  readonly variant: Variant
  readonly models: (variant: Variant) => Promise<Model[]>
}

function bug(name: string, title: string, models: PlantedBug['models'], module: string, from: string, to: string): PlantedBug {
  const patch: Patch = { module, from, to }
  return { title, variant: { name, patches: [patch] }, models }
}

/** Bugs that need a death need not be looked for where nobody dies. */
function withDeath(models: PlantedBug['models']): PlantedBug['models'] {
  return async variant => (await models(variant)).filter(model => model.name.includes('dies'))
}

const RELEASE_BODIES = `for (let unit = head + this.heldLength(head) - 1; unit > head; unit -= 1)
            exchange(this.#words, this.#base + unit, body, free);
        store(this.#words, this.#base + head, free);`
const RELEASE_HEAD_FIRST = `const last = head + this.heldLength(head) - 1;
        store(this.#words, this.#base + head, free);
        for (let unit = last; unit > head; unit -= 1)
            exchange(this.#words, this.#base + unit, body, free);`

const runBugs: PlantedBug[] = [
  bug(
    'head-first',
    'the head of a run freed before its bodies',
    withDeath(runModels),
    'blocks/run-table.js',
    RELEASE_BODIES,
    RELEASE_HEAD_FIRST,
  ),
  bug(
    'plain-store',
    'a unit taken by a plain store instead of an exchange',
    runModels,
    'blocks/run-table.js',
    'if (stateOf(word) !== STATE_FREE || !exchange(this.#words, this.#base + unit, word, to))\n            return false;',
    'if (stateOf(word) !== STATE_FREE)\n            return false;\n        store(this.#words, this.#base + unit, to);',
  ),
  bug(
    'commit-first',
    'a run committed before its block has an owner',
    withDeath(runModels),
    'blocks/large-blocks.js',
    'this.#entries.setOwner(reference, owner);\n        this.spanTable(taken.segment).commit(taken.head, length);',
    'this.spanTable(taken.segment).commit(taken.head, length);\n        this.#entries.setOwner(reference, owner);',
  ),
  bug(
    'late-limit',
    'the limit of segments raised after a segment was taken (it once was)',
    withDeath(growthModels),
    'blocks/run-table.js',
    `if (this.#limitWord !== null)
            raise(this.#words, this.#limitWord, head + length);
        if (!this.#exchangeFree(head, stateWord(STATE_HELD, owner)))
            return false;`,
    `if (!this.#exchangeFree(head, stateWord(STATE_HELD, owner)))
            return false;
        if (this.#limitWord !== null)
            raise(this.#words, this.#limitWord, head + length);`,
  ),
]

const blockBugs: PlantedBug[] = [
  bug(
    'reclaim-store',
    'a dead sender’s block reclaimed by a store while it is being received (it once was)',
    messageModels,
    'reaper.js',
    'return this.#allocator.free(reference, dead, me);',
    'this.#allocator.finishFreeing(reference, me);\n        if (owner === dead)\n            return true;',
  ),
  bug(
    'free-unmarked',
    'a block freed by its owner without a mark while it is being received (it once was)',
    messageModels,
    'blocks/allocator.js',
    'changeOwner(reference, owner, freeingBy(me))',
    'changeOwner(reference, owner, me)',
  ),
  bug(
    'take-unlooked',
    'a cell taken without an exchange',
    cellModels,
    'blocks/block-entries.js',
    'return exchange(this.#wordsOf(reference), this.#indexOf(reference), from, to);',
    'if (this.ownerOf(reference) !== from)\n            return false;\n        this.setOwner(reference, to);\n        return true;',
  ),
]

const slotBugs: PlantedBug[] = [
  bug(
    'late-slot-limit',
    'the limit of slots raised after a slot was taken (it once was)',
    slotModels,
    'process-table.js',
    `raise(this.#words, SLOT_LIMIT_WORD, slot + 1);
            if (!exchange(this.#words, base(slot), free, slotWord(SLOT_STARTING, generation, parent)))
                continue;`,
    `if (!exchange(this.#words, base(slot), free, slotWord(SLOT_STARTING, generation, parent)))
                continue;
            raise(this.#words, SLOT_LIMIT_WORD, slot + 1);`,
  ),
  bug(
    'attach-by-slot',
    'a child that attaches to its slot whoever may have it by now (it once did)',
    slotModels,
    'process-table.js',
    'if (stateOf(word) !== SLOT_STARTING || !isUseOf(word, id))',
    'if (stateOf(word) !== SLOT_STARTING)',
  ),
  bug(
    'second-reaper',
    'a second reaper that takes the work from one who lives (it once did)',
    slotModels,
    'process-table.js',
    '(stateOf(word) !== SLOT_STARTING && stateOf(word) !== SLOT_ALIVE) || !isUseOf(word, dead)',
    'stateOf(word) === SLOT_FREE || !isUseOf(word, dead)',
  ),
  bug(
    'reap-attached',
    'a child reaped with its parent although it has attached in between (it once was)',
    slotModels,
    'process-table.js',
    '(stateOf(word) !== SLOT_STARTING && stateOf(word) !== SLOT_REAPING) || slotOf',
    'stateOf(word) === SLOT_FREE || slotOf',
  ),
]

export const PLANTED_BUGS: readonly PlantedBug[] = [...runBugs, ...blockBugs, ...slotBugs]
