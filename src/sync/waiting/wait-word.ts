// A 32-bit word that threads of any process wait on until it changes: what futex is for blocking threads, for promises too.
// The block (64 bytes): the value, a flag, and the names of up to 14 waiting threads. A thread enters itself once however many
// waits it has on the word; whoever changes the value rings those who are entered.
//
// No change is missed: a waiter enters its name and then reads the value once more, a waker changes the value and then reads the
// names. A name whose bearer died harms nobody (ringing it does nothing) and is overwritten by the next who needs the place.
// When all places are taken by the living, the flag is set for good, and a waker rings every slot of the tree.
import { atFork } from '../../base/at-fork.ts'
import { atDeadline, type Deadline } from '../../base/deadline.ts'
import { arena } from '../../memory/arena.ts'
import { slotOf } from '../../memory/identity.ts'
import { SLOT_ALIVE } from '../../memory/process-table.ts'
import { granuleOf, type Reference, segmentOf } from '../../memory/segments.ts'
import { add, exchange, load, store, type Words } from '../../memory/words.ts'
import { doorbell, ring } from './doorbell.ts'

const BLOCK_BYTES = 64
const WORDS_PER_GRANULE = 16
const VALUE = 0
const CROWDED = 1
const FIRST_NAME = 2
const LAST_NAME = 15
/** So many promises are settled before the rest of the event loop has its turn. */
const SETTLED_PER_TURN = 1000

interface PendingWait {
  readonly word: WaitWord
  readonly expected: number
  readonly settle: (changed: boolean) => void
}

/** The promises of this thread that wait, by word: a word's name in shared memory stands for all of them. */
const pendingOn = new Map<Reference, Set<PendingWait>>()
let listening = false

// In a forked child: its parent waits, and listens at its own bell.
atFork({
  inChild() {
    if (pendingOn.size > 0) pendingOn.clear()
    listening = false
  },
})

export class WaitWord {
  readonly reference: Reference
  readonly #words: Words
  readonly #base: number

  /** The word in a block that is there; see `create`. Several objects for one word are as good as one. */
  constructor(reference: Reference) {
    this.reference = reference
    this.#words = arena().segments.words(segmentOf(reference))
    this.#base = granuleOf(reference) * WORDS_PER_GRANULE
  }

  /** A new word with the value 0 that belongs to the tree. */
  static create(): WaitWord {
    const reference = arena().allocate(BLOCK_BYTES)
    const word = new WaitWord(reference)
    for (let index = 0; index <= LAST_NAME; index += 1) store(word.#words, word.#base + index, 0)
    arena().shareBlock(reference)
    return word
  }

  get value(): number {
    return load(this.#words, this.#base + VALUE)
  }

  /** Sets the value and wakes all who wait for a change. */
  set(value: number): void {
    store(this.#words, this.#base + VALUE, value)
    this.#wakeAll()
  }

  /** Adds to the value, wakes all who wait, and returns the value before. */
  add(amount: number): number {
    const before = add(this.#words, this.#base + VALUE, amount)
    this.#wakeAll()
    return before
  }

  /** Settles once the value is not `expected`; false: the deadline passed first. Holds the event loop open until then. */
  wait(expected: number, deadline: Deadline = Infinity): Promise<boolean> {
    if (this.value !== expected) return Promise.resolve(true)
    return new Promise(resolve => this.#addPending(expected, deadline, resolve))
  }

  /** Blocks the thread until the value is not `expected`; false: the deadline passed first. @throws InterruptedError */
  waitSync(expected: number, deadline: Deadline = Infinity): boolean {
    if (this.value !== expected) return true
    this.#enter()
    try {
      return doorbell().block(() => this.value !== expected, deadline)
    } finally {
      if (!pendingOn.has(this.reference)) this.#leave()
    }
  }

  /** Frees the word for the whole tree. Nobody may wait on it any more. */
  free(): void {
    arena().freeShared(this.reference)
  }

  #addPending(expected: number, deadline: Deadline, resolve: (changed: boolean) => void): void {
    let callOff = (): void => {}
    const pending: PendingWait = {
      word: this,
      expected,
      settle: changed => {
        callOff()
        this.#removePending(pending)
        resolve(changed)
      },
    }
    callOff = atDeadline(deadline, () => pending.settle(this.value !== expected))
    const others = pendingOn.get(this.reference)
    if (others === undefined) pendingOn.set(this.reference, new Set([pending]))
    else others.add(pending)
    doorbell().hold()
    listen()
    if (others === undefined) this.#enter()
    if (this.value !== expected) pending.settle(true)
  }

  #removePending(pending: PendingWait): void {
    const all = pendingOn.get(this.reference)
    if (all?.delete(pending) !== true) return
    doorbell().letGo()
    if (all.size > 0) return
    pendingOn.delete(this.reference)
    this.#leave()
  }

  #wakeAll(): void {
    for (let place = FIRST_NAME; place <= LAST_NAME; place += 1) {
      const name = load(this.#words, this.#base + place)
      if (name !== 0) ring(slotOf(name))
    }
    if (load(this.#words, this.#base + CROWDED) !== 0) ringEverybody()
  }

  #enter(): void {
    const { me, slots } = arena()
    for (let place = FIRST_NAME; place <= LAST_NAME; place += 1) {
      const name = load(this.#words, this.#base + place)
      if (name === me) return
      const vacant = name === 0 || !slots.isCurrent(name)
      if (vacant && exchange(this.#words, this.#base + place, name, me)) return
    }
    store(this.#words, this.#base + CROWDED, 1)
  }

  #leave(): void {
    const { me } = arena()
    for (let place = FIRST_NAME; place <= LAST_NAME; place += 1) {
      // Should the name stand twice, the other one costs a ring for nothing, until somebody needs its place.
      if (load(this.#words, this.#base + place) === me && exchange(this.#words, this.#base + place, me, 0)) return
    }
  }
}

function listen(): void {
  if (listening) return
  listening = true
  doorbell().listen(lookAtAll)
}

/** One listener for all promises: what changed is found by looking, since a ring does not say who is meant. */
function lookAtAll(): void {
  let settled = 0
  for (const all of pendingOn.values()) {
    const value = (all.values().next().value as PendingWait).word.value
    for (const pending of all) {
      if (pending.expected === value) continue
      pending.settle(true)
      settled += 1
    }
    if (settled >= SETTLED_PER_TURN) {
      setImmediate(lookAtAll)
      return
    }
  }
}

function ringEverybody(): void {
  const { slots } = arena()
  for (let slot = 1; slot < slots.limit; slot += 1) if (slots.stateAt(slot) === SLOT_ALIVE) ring(slot)
}
