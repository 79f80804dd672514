// Functions as workers get to know them: for each a block in the arena that holds it as a message, written once by the parent and
// read by each worker that meets it. A task names the block.
//
// Closures are new objects at each call of the code that makes them, so they are known by what they are and not by which they are:
// equal messages are one definition. The definitions used last are kept; one that has to make room goes when its last task ends.
import { atFork } from '../base/at-fork.ts'
import { loadValue, encodeStored, holdsMessage, storeMessage } from '../channel/stored-value.ts'
import { NotSerializableError } from '../base/errors.ts'
import { RecentMap } from '../base/recent-map.ts'
import { arena, type Handle } from '../memory/arena.ts'
import type { Reference } from '../memory/segments.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import { isUnchanging } from '../wire/functions/unchanging.ts'

/** How many definitions are kept, and how many bytes of them, beside those that are in use. */
const KEPT = 500
const KEPT_BYTES = 64 * 1024 * 1024

export class Definition implements Handle {
  readonly reference: Reference
  readonly generation: number
  readonly byteLength: number
  readonly hash: number
  /** How the function is called. */
  readonly name: string
  #holders = 0
  #isKept = true

  constructor(message: Uint8Array, hash: number, name: string) {
    this.name = name
    this.reference = storeMessage(message)
    this.generation = arena().allocator.entries.generationOf(this.reference)
    this.byteLength = message.length
    this.hash = hash
  }

  /** False: its block may be gone. */
  get isKept(): boolean {
    return this.#isKept
  }

  /** Whoever holds it calls `letGo` once. */
  hold(): this {
    this.#holders += 1
    return this
  }

  letGo(): void {
    this.#holders -= 1
    if (this.#holders === 0 && !this.#isKept) arena().free(this.reference)
  }

  /** It makes room. */
  forget(): void {
    this.#isKept = false
    if (this.#holders === 0) arena().free(this.reference)
  }
}

let keptBytes = 0
let byHash = new RecentMap<number, Definition>(KEPT, forget)
/** Of functions whose message is the same at any time. */
let byFunction = new WeakMap<AnyFunction, Definition>()

// In a forked child: the blocks are its parent's, which frees them when it likes.
atFork({
  inChild() {
    if (keptBytes === 0) return
    keptBytes = 0
    byHash = new RecentMap<number, Definition>(KEPT, forget)
    byFunction = new WeakMap()
  },
})

/**
 * The definition of `fn` as it is now, held for the caller: its captured variables are copied here.
 * @throws NotSerializableError
 */
export function defineFunction(fn: AnyFunction): Definition {
  const known = byFunction.get(fn)
  if (known?.isKept) return known.hold()
  const message = encodeStored(fn, fn.name || 'fn')
  const definition = find(message, fn.name || 'anonymous')
  if (isUnchanging(fn)) byFunction.set(fn, definition)
  return definition.hold()
}

/**
 * The same for a function that the user gave to the function `below`: what cannot be sent is the caller's mistake, so the stack begins
 * there, and not in the depths of the encoder.
 */
// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
export function defineAt(fn: AnyFunction, below: Function): Definition {
  try {
    return defineFunction(fn)
  } catch (error) {
    throw pointAt(error, below)
  }
}

// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
export function pointAt(error: unknown, below: Function): unknown {
  if (error instanceof NotSerializableError) Error.captureStackTrace(error, below)
  return error
}

/** The function in a definition's block, in a worker; a promise for it if modules have to be imported first. */
export function readDefinition(reference: Reference): AnyFunction | Promise<AnyFunction> {
  return loadValue(reference) as AnyFunction | Promise<AnyFunction>
}

function find(message: Uint8Array, name: string): Definition {
  const hash = hashOf(message)
  const known = byHash.get(hash)
  if (known !== undefined && holdsMessage(known.reference, message)) return known
  if (known !== undefined) forget(known)
  const definition = new Definition(message, hash, name)
  keptBytes += definition.byteLength
  byHash.set(hash, definition)
  for (const oldest of byHash.values()) {
    if (keptBytes <= KEPT_BYTES || oldest === definition) break
    byHash.delete(oldest.hash)
    forget(oldest)
  }
  return definition
}

function forget(definition: Definition): void {
  keptBytes -= definition.byteLength
  definition.forget()
}

/** FNV-1a (Fowler, Noll, Vo) over words of four bytes. Equal hashes are not taken for equal messages. */
function hashOf(message: Uint8Array): number {
  const words = message.length >> 2
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  let hash = 0x811c9dc5
  for (let word = 0; word < words; word += 1) hash = Math.imul(hash ^ view.getInt32(word * 4, true), 0x01000193)
  for (let index = words * 4; index < message.length; index += 1) hash = Math.imul(hash ^ (message[index] as number), 0x01000193)
  return hash ^ message.length
}
