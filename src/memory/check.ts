// Proves the invariants of README.md for an arena in which nobody is working. For tests and the doctor.
import type { Arena } from './arena.ts'
import { NOBODY } from './blocks/block-entries.ts'
import { type OwnerId, QUEUE, SHARED_OBJECT, slotOf, THE_TREE } from './identity.ts'
import { GRANULES_PER_SPAN, SIZE_CLASSES, SLOT_COUNT, SPANS_PER_SEGMENT } from './layout.ts'
import { SLOT_ALIVE, SLOT_FREE } from './process-table.ts'
import type { RunTable } from './blocks/run-table.ts'
import { type Reference, referenceTo } from './segments.ts'
import { cellReference, cellsPerSpan } from './blocks/small-blocks.ts'

/** Owners that are no process and no thread. */
const NO_PROCESS: readonly OwnerId[] = [THE_TREE, SHARED_OBJECT, QUEUE]

export interface ArenaReport {
  /** What must not be; empty for a sound arena. */
  readonly problems: readonly string[]
  readonly segments: number
  /** Owned blocks, small and large, and their bytes. */
  readonly blocks: number
  readonly bytes: number
  readonly slotsInUse: number
}

export function checkArena(arena: Arena): ArenaReport {
  const check = new ArenaCheck(arena)
  return check.run()
}

class ArenaCheck {
  readonly #arena: Arena
  readonly #problems: string[] = []
  #blocks = 0
  #bytes = 0

  constructor(arena: Arena) {
    this.#arena = arena
  }

  run(): ArenaReport {
    const { large } = this.#arena.allocator
    const { segmentTable } = large
    this.#checkTable('segment table', segmentTable, head => referenceTo(head, 0))
    const segments = large.segmentLimit
    for (let segment = 0; segment < segments; segment += 1) {
      if (!large.hasSpans(segment)) continue
      const table = large.spanTable(segment)
      this.#checkTable(`segment ${segment}`, table, head => referenceTo(segment, head * GRANULES_PER_SPAN))
      this.#checkCells(segment, table)
    }
    this.#checkLimits()
    const slotsInUse = this.#checkSlots()
    return { problems: this.#problems, segments, blocks: this.#blocks, bytes: this.#bytes, slotsInUse }
  }

  #checkTable(name: string, table: RunTable, referenceAt: (head: number) => Reference): void {
    let runEnd = 0
    let runHead = -1
    for (let unit = table.first; unit < table.count; unit += 1) {
      const entry = table.entryAt(unit)
      const inRun = unit < runEnd
      if (inRun && !(entry.kind === 'body' && entry.head === runHead))
        this.#problem(`${name}: unit ${unit} is ${entry.kind} inside the run of ${runHead}`)
      if (!inRun && entry.kind === 'body') this.#problem(`${name}: unit ${unit} is a body of ${entry.head}, which has no such run`)
      if (entry.kind === 'held') this.#problem(`${name}: unit ${unit} is held by ${this.#nameOf(entry.owner)} while nobody works`)
      if (entry.kind !== 'run') continue
      runHead = unit
      runEnd = unit + entry.length
      this.#checkOwner(`${name}: run ${unit}`, referenceAt(unit), { required: true })
    }
  }

  #checkCells(segment: number, table: RunTable): void {
    for (let span = table.first; span < table.count; span += 1) {
      const sizeClass = table.sizeClassAt(span)
      if (sizeClass < 0) continue
      if (sizeClass >= SIZE_CLASSES.length) {
        this.#problem(`segment ${segment}: span ${span} has size class ${sizeClass}`)
        continue
      }
      for (let cell = 0; cell < cellsPerSpan(sizeClass); cell += 1) {
        const reference = cellReference(segment * SPANS_PER_SEGMENT + span, sizeClass, cell)
        this.#checkOwner(`segment ${segment}: cell ${cell} of span ${span}`, reference, { required: false })
      }
    }
  }

  /** The heads of walks: what lies behind them would never be found. */
  #checkLimits(): void {
    const { large } = this.#arena.allocator
    const { segmentTable } = large
    for (let segment = large.segmentLimit; segment < segmentTable.count; segment += 1) {
      if (segmentTable.entryAt(segment).kind !== 'free') this.#problem(`segment ${segment} is in use behind the limit of segments`)
    }
    for (let slot = this.#arena.slots.limit; slot < SLOT_COUNT; slot += 1) {
      if (this.#arena.slots.stateAt(slot) !== SLOT_FREE) this.#problem(`slot ${slot} is in use behind the limit of slots`)
    }
  }

  #checkOwner(name: string, reference: Reference, { required }: { required: boolean }): void {
    const owner = this.#arena.allocator.entries.ownerOf(reference)
    if (owner === NOBODY) {
      if (required) this.#problem(`${name} has no owner`)
      return
    }
    this.#blocks += 1
    this.#bytes += this.#arena.allocator.capacityOf(reference)
    if (!NO_PROCESS.includes(owner) && !this.#arena.slots.isCurrent(owner))
      this.#problem(`${name} belongs to ${this.#nameOf(owner)}, which was reaped`)
  }

  #checkSlots(): number {
    let inUse = 0
    for (let slot = 1; slot < this.#arena.slots.limit; slot += 1) {
      const state = this.#arena.slots.stateAt(slot)
      if (state === SLOT_FREE) continue
      inUse += 1
      if (state !== SLOT_ALIVE) this.#problem(`slot ${slot} is in state ${state} while nobody works`)
    }
    return inUse
  }

  #nameOf(owner: OwnerId): string {
    return `owner ${owner} (slot ${slotOf(owner)})`
  }

  #problem(text: string): void {
    this.#problems.push(text)
  }
}
