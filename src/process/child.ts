// A child process as its parent sees it: started, signalled, and ended exactly once. One reaper a child: the helper thread waits
// for it, this thread hears of it by its doorbell, lets the owner of the child save what can be saved, and then reaps its slot.
import { constants as osConstants } from 'node:os'
import { arena, arenaDescriptor } from '../memory/arena.ts'
import { type OwnerId, slotOf } from '../memory/identity.ts'
import { SLOT_ALIVE } from '../memory/process-table.ts'
import type { SpawnOptions } from '../native/binding.ts'
import { native } from '../native/load.ts'
import { doorbell, ringByForce } from '../sync/doorbell.ts'
import { freeArgument, writeArgument } from './argument.ts'
import { checkBootstrapping } from './bootstrapping.ts'
import { childArguments, childEnvironment } from './command-line.ts'
import { endFamilyOf, POLL_IN, reapOrphans } from './orphans.ts'

export interface ChildEnd {
  /** Null: ended by a signal. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

export type OutputMode = 'inherit' | 'ignore'

export interface ChildOptions {
  /** The program: the file of a `*-main` module of this library. */
  readonly entry: string
  readonly env?: Record<string, string | undefined> | undefined
  readonly execArgv?: readonly string[] | undefined
  readonly stdout?: OutputMode | undefined
  readonly stderr?: OutputMode | undefined
  /** Called once, before what the child owned is taken back: the last moment to read what it sent. */
  readonly onEnd: (end: ChildEnd) => void
}

/** The descriptor under which a child finds the arena. */
export const ARENA_FD = 3

export class Child {
  readonly pid: number
  readonly slot: number
  readonly id: OwnerId
  readonly #pidfd: number
  readonly #onEnd: (end: ChildEnd) => void
  #end: ChildEnd | null = null

  private constructor(id: OwnerId, process: { pid: number; pidfd: number }, onEnd: (end: ChildEnd) => void) {
    this.slot = slotOf(id)
    this.id = id
    this.pid = process.pid
    this.#pidfd = process.pidfd
    this.#onEnd = onEnd
  }

  /**
   * Starts a fresh `node`, which waits to be told what to do: what is left to prepare is prepared while it comes up.
   * Waiting: until the program is executed, about a millisecond. @throws the system's error; see `checkBootstrapping`
   */
  static spawn(options: ChildOptions): Child {
    checkBootstrapping()
    const { slots, me, reaper, root, slot: mySlot } = arena()
    if (reapOrphans(isChild) > 0) wakeOthers(mySlot)
    const slot = slots.claim(me)
    const id = slots.idOf(slot)
    let started: { pid: number; pidfd: number } | null = null
    try {
      // What somebody put on Object.prototype is no option of ours.
      const plan: SpawnOptions = Object.assign(Object.create(null), {
        file: process.execPath,
        args: childArguments(options.entry, id, options.execArgv),
        env: childEnvironment(options.env),
        fds: [-1, outputDescriptor(options.stdout, 1), outputDescriptor(options.stderr, 2), arenaDescriptor()],
      })
      started = native().spawn(plan)
      const child = new Child(id, started, options.onEnd)
      listenForEnds()
      native().watchChild(started.pidfd, slot, root, slots.bellOf(mySlot), mySlot)
      children.set(slot, child)
      return child
    } catch (error) {
      if (started !== null) endUnwatched(started.pidfd)
      reaper.reap(id, me)
      throw error
    }
  }

  /** Tells the child what to do, once. `argument`: any value that can be encoded. If it cannot, the child is ended. @throws NotSerializableError */
  tell(argument: unknown): void {
    try {
      writeArgument(this.slot, argument)
    } catch (error) {
      this.signal('SIGKILL')
      throw error
    }
  }

  /** Null while it runs, as far as this thread has heard. */
  get end(): ChildEnd | null {
    return this.#end
  }

  /** False: it has ended. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#end === null && native().pidfdSignal(this.#pidfd, osConstants.signals[signal])
  }

  static finish(child: Child, exitCode: number, signal: number): void {
    child.#end = { exitCode: exitCode < 0 ? null : exitCode, signal: signalName(signal) }
    try {
      child.#onEnd(child.#end)
    } finally {
      native().close(child.#pidfd)
      freeArgument(child.slot)
      endFamilyOf(child.id)
      arena().reaper.reap(child.id, arena().me)
      children.delete(child.slot)
      reapOrphans(isChild)
      wakeOthers(child.slot)
    }
  }
}

/** A child that nobody watches would stay a zombie for ever. */
function endUnwatched(pidfd: number): void {
  native().pidfdSignal(pidfd, osConstants.signals.SIGKILL)
  while (native().waitPid(pidfd) === null) native().pollDescriptor(pidfd, POLL_IN, Infinity)
  native().close(pidfd)
}

/** The children of this thread that run, by slot. */
const children = new Map<number, Child>()
let listening = false

function listenForEnds(): void {
  if (listening) return
  listening = true
  doorbell().listen(hearOfEnds)
}

function isChild(slot: number): boolean {
  return children.has(slot)
}

function hearOfEnds(): void {
  const exits = native().takeExits()
  for (let index = 0; index < exits.length; index += 3) {
    const child = children.get(exits[index] as number)
    if (child !== undefined) Child.finish(child, exits[index + 1] as number, exits[index + 2] as number)
  }
}

/** Asks whether children have ended, without waiting for the event loop. */
export function lookForEnds(): void {
  if (children.size > 0) hearOfEnds()
}

/** The dead one may have been about to wake somebody: everybody is rung once. */
function wakeOthers(dead: number): void {
  const { slots, slot: mySlot } = arena()
  for (let slot = 1; slot < slots.limit; slot += 1) {
    if (slot !== dead && slot !== mySlot && slots.stateAt(slot) === SLOT_ALIVE) ringByForce(slot)
  }
}

function outputDescriptor(mode: OutputMode | undefined, fd: number): number {
  return mode === 'ignore' ? -1 : fd
}

function signalName(signal: number): NodeJS.Signals | null {
  if (signal <= 0) return null
  for (const [name, number] of Object.entries(osConstants.signals)) if (number === signal) return name as NodeJS.Signals
  return null
}

// When this process ends in the ordinary way its children go at once; if it is killed they learn of it by its pidfd.
process.on('exit', () => {
  for (const child of children.values()) child.signal('SIGTERM')
})
