// What `console.log` shows of a shared object: its state, in a line, and nothing of what it is made of.
import { arena } from '../../memory/arena.ts'
import { type OwnerId, slotOf } from '../../memory/identity.ts'
import { isAbandoned, ownerOf } from '../state/lock-state.ts'
import { allNames } from '../state/places.ts'
import type { SharedBlock } from '../state/shared-block.ts'

/** The name of the method that Node's inspection calls. */
export const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never

/** `name { parts }`, or that it is closed. `parts` is not asked about a closed object. */
export function describe(name: string, block: SharedBlock, parts: () => (string | null)[]): string {
  if (!block.isOpen) return `${name} { closed }`
  return `${name} { ${parts().filter(Boolean).join(', ')} }`
}

/** `Lock { held by 4711 'worker-2', waiting 3 }`. */
export function describeLock(name: string, block: SharedBlock, depth = 1): string {
  return describe(name, block, () => {
    const owner = ownerOf(block)
    const held = owner === 0 ? 'free' : `held by ${nameOwner(owner)}${depth > 1 ? ` ${depth} times` : ''}`
    return [held, isAbandoned(block) ? 'abandoned' : null, describeWaiting(block)]
  })
}

/** Null: nobody waits. */
export function describeWaiting(block: SharedBlock): string | null {
  const waiting = allNames(block).length
  return waiting === 0 ? null : `waiting ${waiting}`
}

/** The main process has it from the beginning, and does not say what it is called. */
const MAIN_SLOT = 1

/** `4711 'worker-2'`: its pid, and the name of its process. */
function nameOwner(owner: OwnerId): string {
  const { slots } = arena()
  const slot = slotOf(owner)
  const name = slots.nameOf(slot) || (slot === MAIN_SLOT ? 'MainProcess' : '')
  return `${slots.pidOf(slot)}${name === '' ? '' : ` '${name}'`}`
}
