import { arena } from '../../memory/arena.ts'
import { ownAuthKey } from '../auth-key.ts'
import { type LogState, logState } from '../log.ts'
import type { StartMethod } from '../start-method.ts'
import { currentName, describedCurrent, type Description, type ParentDescription } from './current.ts'

/** What every child is told, whatever its program; the rest is the program's own. */
export interface ChildArgument extends Description {
  readonly argv: readonly string[]
  readonly parent: ParentDescription
  readonly startMethod: StartMethod
  /** Null: the tree's. */
  readonly authKey: Uint8Array | null
  readonly log: LogState
}

export interface Told {
  readonly name: string
  readonly daemon: boolean
  readonly mayHaveChildren: boolean
  readonly startMethod: StartMethod
  readonly authKey?: Uint8Array | null
}

export function childArgument({ name, daemon, mayHaveChildren, startMethod, authKey = ownAuthKey() }: Told): ChildArgument {
  return { name, daemon, mayHaveChildren, startMethod, authKey, argv: process.argv, parent: describeSelf(), log: logState() }
}

/** How this process is described to its children. */
function describeSelf(): ParentDescription {
  const { slots, slot } = arena()
  const processSlot = slots.processSlotOf(slot)
  const { daemon } = describedCurrent()
  return { name: currentName(), pid: process.pid, daemon, slot: processSlot, lockId: slots.idOf(processSlot) }
}
