// One run of a model along one schedule: its actors, each stopped before its next operation, and a digest of all that can make a
// difference to what comes: the shared words, who is dead, and what each actor has seen so far. Actors are deterministic, so two
// runs with the same digest have the same future.
import type { Conflicts } from './conflicts.ts'
import { execute, isAccess, isEnabled, isResultUsed, isWrite, type Operation, type Steps } from './operations.ts'

export interface Actor {
  readonly name: string
  readonly steps: Steps<void>
  /** Whether it may be killed before any of its writes and pauses. */
  readonly mortal?: boolean
}

/** A model started anew. */
export interface Scene {
  readonly actors: readonly Actor[]
  /** Where the shared words lie. */
  readonly buffers: readonly ArrayBufferLike[]
  /** Words that are hints by design, numbered as `wordNumber` does: schedules that differ in them only are not told apart. */
  readonly hints?: readonly number[]
  /** The dead, by name; the run fills it. */
  readonly dead: Set<string>
  /** Throws when something is wrong after everybody has ended. */
  check(): void
}

/** An actor's next operation, or its death: actor × 2 + (1 for the death). */
export type Action = number

export class Run {
  readonly #scene: Scene
  readonly #conflicts: Conflicts
  readonly #pending: (Operation | null)[]
  readonly #mortal: boolean[]
  /** What each actor has seen, and for each forgetful call it is in, what it had seen before. */
  readonly #seen: Hash[]
  readonly #before: Hash[][]
  readonly #memory: Hash = [0, 0]
  readonly #events: Event[] = []

  constructor(scene: Scene, conflicts: Conflicts) {
    this.#scene = scene
    this.#conflicts = conflicts
    this.#mortal = scene.actors.map(actor => actor.mortal === true)
    this.#seen = scene.actors.map((_, index) => [index, ~index])
    this.#before = scene.actors.map(() => [])
    this.#pending = scene.actors.map((_, actor) => this.#advance(actor, undefined))
  }

  /** All that may happen next; but an operation that commutes with whatever others do need not be tried at another time. */
  actions(): Action[] {
    const actions: Action[] = []
    for (const [actor, operation] of this.#pending.entries()) {
      if (operation === null || !isEnabled(operation)) continue
      const mayDie = this.#mayDie(actor, operation)
      if (!mayDie && isAccess(operation) && !this.#matters(actor, operation)) return [actor * 2]
      actions.push(actor * 2)
      if (mayDie) actions.push(actor * 2 + 1)
    }
    return actions
  }

  perform(action: Action): void {
    const actor = action >> 1
    const { name } = this.#scene.actors[actor] as Actor
    const operation = this.#pending[actor] as Operation
    if (action % 2 === 1) {
      this.#events.push({ name, operation, result: 'dead' })
      this.#scene.dead.add(name)
      this.#pending[actor] = null
      stir(this.#seen[actor] as Hash, 1, 1)
      return
    }
    const result = this.#execute(actor, operation)
    if (operation[0] === 'depart') this.#mortal[actor] = false
    this.#events.push({ name, operation, result })
    stir(this.#seen[actor] as Hash, 2, isResultUsed(operation) ? Number(result) : 0)
    this.#pending[actor] = this.#advance(actor, result)
  }

  get length(): number {
    return this.#events.length
  }

  /** What happened, a line an operation. */
  trace(): string[] {
    return this.#events.map(({ name, operation, result }) => `${name}: ${describe(operation)} → ${result}`)
  }

  /** Those who can never go on. */
  stuck(): string[] {
    return this.#scene.actors.filter((_, index) => this.#pending[index] !== null).map(actor => actor.name)
  }

  check(): void {
    this.#scene.check()
  }

  /** 53 bits: among a million states the chance that any two are confused is below one in ten thousand. */
  digest(): number {
    const all: Hash = [...this.#memory]
    for (const seen of this.#seen) stir(all, seen[0], seen[1])
    return (all[0] >>> 0) * 2 ** 21 + (all[1] >>> 11)
  }

  /** Whether it makes a difference when this access happens. */
  #matters(actor: number, operation: Operation): boolean {
    let others = 0
    for (const [index, pending] of this.#pending.entries()) if (pending !== null && index !== actor) others |= 1 << index
    return this.#conflicts.has(this.#wordOf(operation), others, { write: isWrite(operation) })
  }

  /** One death a run is enough, and dying before a read differs in nothing from dying before the write that follows it. */
  #mayDie(actor: number, operation: Operation): boolean {
    return this.#mortal[actor] === true && this.#scene.dead.size === 0 && (isWrite(operation) || operation[0] === 'pause')
  }

  /** On to the next operation; entering and leaving calls is none. */
  #advance(actor: number, result: unknown): Operation | null {
    const { steps } = this.#scene.actors[actor] as Actor
    let state = steps.next(result)
    while (!state.done && (state.value[0] === 'enter' || state.value[0] === 'leave')) {
      const before = this.#before[actor] as Hash[]
      if (state.value[0] === 'enter') before.push([...(this.#seen[actor] as Hash)])
      else this.#recall(actor, before.pop() as Hash, state.value[2] as string)
      state = steps.next()
    }
    return state.done ? null : state.value
  }

  #recall(actor: number, before: Hash, result: string): void {
    for (let index = 0; index < result.length; index += 1) stir(before, 3, result.charCodeAt(index))
    stir(before, 4, 0)
    this.#seen[actor] = before
  }

  #execute(actor: number, operation: Operation): number | boolean | undefined {
    if (!isAccess(operation)) return undefined
    const [words, index] = operation.slice(2) as [Int32Array, number]
    const word = this.#wordOf(operation)
    this.#conflicts.note(word, actor, { write: isWrite(operation) })
    const before = words[index] as number
    const result = execute(operation)
    const after = words[index] as number
    if (before !== after) {
      toggle(this.#memory, word, before)
      toggle(this.#memory, word, after)
    }
    return result
  }

  #wordOf(operation: Operation): number {
    const [words, index] = operation.slice(2) as [Int32Array, number]
    const buffer = this.#scene.buffers.indexOf(words.buffer)
    if (buffer === -1) throw new Error('A shared word lies in none of the buffers of the scene')
    return wordNumber(buffer, words.byteOffset / 4 + index)
  }
}

export function wordNumber(buffer: number, index: number): number {
  return buffer * 2 ** 24 + index
}

interface Event {
  readonly name: string
  readonly operation: Operation
  readonly result: unknown
}

type Hash = [number, number]

/** Order matters: what an actor saw, one after the other. */
function stir(hash: Hash, a: number, b: number): void {
  hash[0] = scramble(Math.imul(hash[0], 31) + Math.imul(a, 0x9e3779b1) + b)
  hash[1] = scramble(Math.imul(hash[1], 37) + Math.imul(b, 0x85ebca6b) + a + 0x27d4eb2f)
}

/** Order does not matter, and twice is never: what a word holds goes in and out. */
function toggle(hash: Hash, word: number, value: number): void {
  hash[0] ^= scramble(scramble(word + 0x51ed270b) ^ Math.imul(value, 0x9e3779b1))
  hash[1] ^= scramble(scramble(word ^ 0x2545f491) + Math.imul(value, 0x85ebca6b))
}

function scramble(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return mixed ^ (mixed >>> 16)
}

function describe([name, place, , ...operands]: Operation): string {
  return `${name} ${place}${operands.length > 0 ? ` [${operands.join(', ')}]` : ''}`
}
