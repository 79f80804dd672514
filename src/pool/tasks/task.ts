import type { CallSite } from '../../base/call-site.ts'
import type { Definition } from '../definitions.ts'
import type { Seat } from '../workforce/seat.ts'

/** Who hears how a task goes. Nothing is called in the call that submits it. */
export interface TaskOwner {
  /** It ended well, in so many ms. At most one of this and `fail` is called, once. */
  succeed(value: unknown, time: number): void
  /** It threw, its worker died, or the pool ended. */
  fail(error: unknown): void
  /** A worker has begun; called for ANNOUNCED tasks only. `moment`: when, on the wall clock; `place`: in its seat. */
  started?(seat: Seat, moment: number, place: number): void
  /** One of its items, in their order, before its end. */
  item?(value: unknown): void
  itemFailed?(error: unknown): void
  /** Where the pool was called; a failure's stack ends with it. */
  readonly callSite?: CallSite | undefined
}

/** What is to be done. */
export interface TaskOrder {
  /** One of protocol.ts's kinds with its bits. */
  readonly kind: number
  readonly definition: Definition
  readonly owner: TaskOwner
  /** How many items it has; 1: it is one call. */
  readonly items: number
  /** Higher comes first. */
  readonly priority: number
  /** 1: the first try. */
  readonly attempt: number
}

/** One try of a task, from its submission to its end. */
export interface Task extends TaskOrder {
  readonly id: number
  owner: TaskOwner
  /** Its message while it waits here; null once it is in the ring. */
  payload: Uint8Array | null
  readonly bytesOut: number
  bytesBack: number
  /** In the ring, if it is there. */
  cell: number
  /** Its end has arrived. */
  isOver: boolean
  /** What arrived of it, but waits for modules: what comes next waits for that. */
  late: Promise<void> | undefined
  /** One of protocol.ts's reasons, if it was called off when a worker had taken it; 0: it was not. */
  calledOff: number
  /** When a worker said that it began, on the wall clock; 0: none has said so. */
  started: number
  /** On the wall clock, ms. */
  readonly submitted: number
}

/** Of a task that nobody waits for any more. */
export const NOBODY: TaskOwner = {
  succeed() {},
  fail() {},
}
