import type { CallSite } from '../../base/call-site.ts'
import type { Definition } from '../definitions.ts'
import type { Seat } from '../workforce/seat.ts'

/** Who hears how a task goes. Nothing is called in the call that submits it. */
export interface TaskOwner {
  /** It ended well, in so many ms. At most one of this and `fail` is called, once. */
  succeed(value: unknown, time: number): void
  /** It threw, its worker died, or the pool ended. */
  fail(error: unknown): void
  /** A worker has begun; called for ANNOUNCED tasks only. `moment`: when, on the wall clock. */
  started?(seat: Seat, moment: number, at: TaskPlace): void
  /** One of its items, in their order, before its end. */
  item?(value: unknown): void
  itemFailed?(error: unknown): void
  /** What it returned, or an item, has arrived, but refers to modules that the event loop has to import first. */
  late?(): void
  /** Where the pool was called; a failure's stack ends with it. */
  readonly callSite?: CallSite | undefined
}

/** Where a try of a task runs. */
export interface TaskPlace {
  readonly id: number
  /** In its worker's seat. */
  readonly place: number
}

/** What is to be done. */
export interface TaskOrder {
  /** One of protocol.ts's kinds with its bits. */
  readonly kind: number
  readonly definition: Definition
  readonly owner: TaskOwner
  /** How many items it has; 1: it is one call. */
  readonly items: number
}

/** Where in the order of tries and tasks it stands. */
export interface TaskRank {
  /** Higher comes first. */
  readonly priority: number
  /** 1: the first try. */
  readonly attempt: number
}

export const FIRST_TRY: TaskRank = { priority: 0, attempt: 1 }

/** One try of a task, from its submission to its end. There may be very many: each field is worth its memory. */
export class Task {
  readonly id: number
  readonly kind: number
  readonly definition: Definition
  owner: TaskOwner
  readonly items: number
  readonly rank: TaskRank
  /** On the wall clock, ms. */
  readonly submitted: number
  /** What its message is in while it waits here, `bytesOut` from `payloadAt` on; null once it is in the ring. */
  payload: Uint8Array | null = null
  payloadAt = 0
  readonly bytesOut: number
  bytesBack = 0
  /** In the ring, if it is there. */
  cell = -1
  /** Its end has arrived. */
  isOver = false
  /** What arrived of it, but waits for modules: what comes next waits for that. */
  late: Promise<void> | undefined = undefined
  /** One of protocol.ts's reasons, if it was called off when a worker had taken it; 0: it was not. */
  calledOff = 0
  /** When a worker said that it began, on the wall clock; 0: none has said so. */
  started = 0

  constructor(id: number, kind: number, { definition, owner, items }: TaskOrder, rank: TaskRank, bytesOut: number, submitted: number) {
    this.id = id
    this.kind = kind
    this.definition = definition
    this.owner = owner
    this.items = items
    this.rank = rank
    this.bytesOut = bytesOut
    this.submitted = submitted
  }

  get priority(): number {
    return this.rank.priority
  }

  get attempt(): number {
    return this.rank.attempt
  }
}

/** Of a task that nobody waits for any more. */
export const NOBODY: TaskOwner = {
  succeed() {},
  fail() {},
}
