// How a child of the template ended. That it ended its pidfd says; the status the system tells the template alone. So it is the
// template's word in the child's slot; if the template is gone, the child's own word, which it leaves on its way out; else what a new
// kernel tells of a pidfd; else 255, as in CPython.
import { arena } from '../../memory/arena.ts'
import type { Body } from '../methods/launch.ts'

export interface Status {
  readonly exitCode: number
  readonly signal: number
}

/** The template reaps within a ms or so, unless it is stopped. */
const LONGEST_WAIT = 1000
/** Nobody has said. */
export const UNKNOWN: Status = { exitCode: 255, signal: 0 }

const endedSince = new WeakMap<Body, number>()

/** Null: nobody has said yet; ask again. */
export function statusOf(slot: number, body: Body): Status | null {
  const { slots } = arena()
  const told = slots.statusOf(slot)
  if (told !== null) return told
  const since = endedSince.get(body) ?? performance.now()
  endedSince.set(body, since)
  if (body.isParentGone?.() === false && performance.now() - since < LONGEST_WAIT) return null
  const lastWord = slots.lastWordOf(slot)
  return lastWord === null ? UNKNOWN : { exitCode: lastWord, signal: 0 }
}
