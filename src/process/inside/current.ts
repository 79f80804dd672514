// What this process is, as its parent told it. Names are given in order and nested as Python's are: Process-1, Process-1:2.
import { atFork, calledInChild } from '../../base/at-fork.ts'
import { arena, hasArena } from '../../memory/arena.ts'
import type { OwnerId } from '../../memory/identity.ts'

export interface ParentDescription {
  readonly name: string
  readonly pid: number
  readonly daemon: boolean
  /** Of the process, also if one of its threads is the parent. */
  readonly slot: number
  /** Locked in the arena as long as the process lives. */
  readonly lockId: OwnerId
}

export interface Description {
  readonly name: string
  readonly daemon: boolean
  /** Python's daemons have none, so that nothing outlives them; workers of a pool may. */
  readonly mayHaveChildren: boolean
  readonly parent: ParentDescription | null
}

const MAIN: Description = { name: 'MainProcess', daemon: false, mayHaveChildren: true, parent: null }
let current = MAIN
let name = MAIN.name
let mainHasRun = true
const counts = new Map<string, number>()

/** In a child, at its start. */
export function describeCurrent(description: Description): void {
  current = description
  name = description.name
}

/** In a child that has not the memory of the program: its main module has not run here. */
export function mainHasNotRun(): void {
  mainHasRun = false
}

export function describedCurrent(): Description {
  return current
}

export function currentName(): string {
  return name
}

/** For people; the names of children are made of the one that was given at the start. */
export function renameCurrent(to: string): void {
  name = to
  if (hasArena()) arena().slots.setName(arena().slot, to)
}

/** False in a child of this library's. */
export function isMainProcess(): boolean {
  return current === MAIN
}

/** Whether the program's main module has run in the memory that this process has: in the main process, and in those forked off it. */
export function hasMainRun(): boolean {
  return mainHasRun
}

/** The next free name of a kind: `Process-3`, in a child `Process-1:3`. */
export function nextName(kind: string): string {
  const count = (counts.get(kind) ?? 0) + 1
  counts.set(kind, count)
  const parent = current === MAIN ? '' : `${current.name.replace(/^\D*-/, '')}:`
  return `${kind}-${parent}${count}`
}

atFork({
  inChild() {
    if (counts.size > 0) counts.clear()
  },
})

calledInChild(describeCurrent)
