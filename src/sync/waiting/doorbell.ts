// How this thread is told that something in shared memory has changed. One doorbell a thread, whatever the number of things it
// waits for: two words in its slot, a sequence that every ring counts up, and a mode that says how it sleeps.
//
//   mode     the thread is                          who rings, after counting the sequence up
//   AWAKE    looking, or will look before it sleeps does nothing more
//   BLOCKED  in futex on the sequence               wakes the futex
//   POLLING  in its event loop, or on the way there exchanges POLLING for AWAKE; who wins sends a datagram to its socket
//            (or blocked for descriptors, too)
//
// No ring is lost: a sleeper writes its mode and then reads the sequence once more, a ringer counts the sequence and then reads
// the mode (both sequentially consistent), so at least one of them sees the other. While somebody has won POLLING → AWAKE, no
// other ringer makes a system call: a burst of rings costs one datagram.
//
// A datagram to a socket in an abstract name, and not the helper thread with futex and uv_async of the first design: measured
// 48.7 µs against 54.3 µs for a round trip of two sleeping processes, and 9.3 against 15.8 µs of processor time on one core,
// because a ring wakes the event loop itself and not a thread that wakes it.
import { atFork } from '../../base/at-fork.ts'
import { InterruptedError } from '../../base/errors.ts'
import { type Deadline, timeLeft } from '../../base/deadline.ts'
import { type Arena, arena } from '../../memory/arena.ts'
import { add, load, store } from '../../memory/words.ts'
import type { Bell } from '../../native/binding.ts'
import { native } from '../../native/load.ts'
import { isReadyEntry, POLL_IN, WORDS_PER_ENTRY } from './descriptors.ts'
import { signalCame } from './signals.ts'

const AWAKE = 0
const BLOCKED = 1
const POLLING = 2

/** Called on the event loop after one or more rings; looks at what it waits for, and must not throw. */
export type RingListener = () => void

const NO_DESCRIPTORS = new Int32Array(0)
const FUTEX_INTERRUPTED = 2
/** A blocked thread comes up this often: to look for the dead (waits.ts) and for signals, and so that `worker.terminate()` can end it between two sleeps. */
export const LONGEST_SLEEP = 50
/** Looks in a row before the rest of the event loop has its turn. */
const LOOKS_PER_TURN = 8

class Doorbell {
  readonly #arena: Arena
  readonly #sequence: number
  readonly #mode: number
  readonly #bell: Bell
  readonly #listeners = new Set<RingListener>()
  #holds = 0
  #listening = false
  /** After a block the listeners are called, once for however many blocks. */
  #answerIsDue = false

  constructor(owner: Arena) {
    this.#arena = owner
    this.#sequence = owner.slots.bellOf(owner.slot)
    this.#mode = this.#sequence + 1
    announceArena()
    this.#bell = native().bellOpen(owner.id, owner.slot, owner.root, this.#sequence, () => this.#answer())
  }

  /** From now on `listener` is called after rings. Returns how to stop that. */
  listen(listener: RingListener): () => void {
    this.#listeners.add(listener)
    this.#listening = true
    // Once for what rang before; not within this call, whose caller may not be ready yet.
    queueMicrotask(() => this.#answer())
    return () => void this.#listeners.delete(listener)
  }

  /** Keeps the event loop running until the same number of `letGo`. */
  hold(): void {
    this.#holds += 1
    if (this.#holds === 1) this.#bell.ref()
  }

  letGo(): void {
    this.#holds -= 1
    if (this.#holds === 0) this.#bell.unref()
  }

  /**
   * Blocks this thread until `isReady()`, looking again after each ring, and when one of the `descriptors` (entries of `pollEntries`) is
   * ready. False: the deadline passed. @throws InterruptedError
   */
  block(isReady: () => boolean, deadline: Deadline, descriptors: Int32Array = NO_DESCRIPTORS): boolean {
    const { root } = this.#arena
    const entries = descriptors.length === 0 ? null : this.#withBell(descriptors)
    let interrupted = false
    try {
      for (;;) {
        const seen = load(root, this.#sequence)
        store(root, this.#mode, entries === null ? BLOCKED : POLLING)
        if (isReady()) return true
        const left = Math.min(timeLeft(deadline), LONGEST_SLEEP)
        if (left === 0) return false
        if (signalCame({ interrupted })) throw new InterruptedError()
        interrupted = entries === null ? this.#sleep(seen, left) : this.#sleepBeside(entries, seen, left)
      }
    } finally {
      store(root, this.#mode, AWAKE)
      // What rang for promises in the meantime was answered by nobody.
      if (this.#listening) this.#answerSoon()
    }
  }

  #answerSoon(): void {
    if (this.#answerIsDue) return
    this.#answerIsDue = true
    setImmediate(() => {
      this.#answerIsDue = false
      this.#answer()
    })
  }

  /** True: a signal's handler ran. What looked may have blocked itself: nobody rings for who is not said to sleep. */
  #sleep(seen: number, time: number): boolean {
    if (load(this.#arena.root, this.#mode) !== BLOCKED) return false
    return native().futexWait(this.#arena.root, this.#sequence, seen, time) === FUTEX_INTERRUPTED
  }

  /** The same in poll: a ringer that has seen POLLING sends a datagram, and one that came before it has changed the sequence. */
  #sleepBeside(entries: Int32Array, seen: number, time: number): boolean {
    if (load(this.#arena.root, this.#sequence) !== seen || load(this.#arena.root, this.#mode) !== POLLING) return false
    const ready = native().pollEntries(entries, time)
    // One at a time: should there be more, the next sleep is short.
    if (ready > 0 && isReadyEntry(entries, entries.length - WORDS_PER_ENTRY))
      native().readDescriptor(this.#bell.descriptor, new Uint8Array(1))
    return ready < 0
  }

  #withBell(descriptors: Int32Array): Int32Array {
    const entries = new Int32Array(descriptors.length + WORDS_PER_ENTRY)
    entries.set(descriptors)
    entries.set([this.#bell.descriptor, POLL_IN], descriptors.length)
    return entries
  }

  /** A listener that throws, which none should, is an uncaught exception; if the program survives that, its waits go on. */
  #callListeners(): void {
    let finished = false
    try {
      for (const listener of this.#listeners) listener()
      finished = true
    } finally {
      if (!finished) setImmediate(() => this.#answer())
    }
  }

  #answer(): void {
    const { root } = this.#arena
    for (let looks = 0; looks < LOOKS_PER_TURN; looks += 1) {
      store(root, this.#mode, AWAKE)
      const seen = load(root, this.#sequence)
      this.#callListeners()
      store(root, this.#mode, POLLING)
      if (load(root, this.#sequence) === seen) return
    }
    // It rings faster than we look. Everybody else in the event loop gets a turn, and ringers go on without system calls.
    store(root, this.#mode, AWAKE)
    setImmediate(() => this.#answer())
  }
}

let current: Doorbell | null = null

// In a forked child: who rang the parent's bell meant the parent, and this process has a slot of its own.
atFork({
  inChild() {
    current = null
    arenaAnnounced = false
  },
})

/** This thread's doorbell; its socket is opened at the first use. */
export function doorbell(): Doorbell {
  current ??= new Doorbell(arena())
  return current
}

/** Tells the thread in `slot` to look. Does not wait; ringing somebody who is gone does nothing. */
export function ring(slot: number): void {
  const { root, slots } = arena()
  const bell = slots.bellOf(slot)
  add(root, bell, 1)
  if (load(root, bell + 1) !== AWAKE) wake(slot, bell)
}

let arenaAnnounced = false

/** Who rings must have said in which arena, once a thread. */
function announceArena(): void {
  if (arenaAnnounced) return
  native().bellArena(arena().id)
  arenaAnnounced = true
}

function wake(slot: number, bell: number): void {
  announceArena()
  native().bellWake(slot, arena().root, bell)
}

/** Wakes the thread in `slot` whatever its mode says: one who died after taking its mode and before sending has left it asleep. */
export function ringByForce(slot: number): void {
  const { root, slots } = arena()
  announceArena()
  native().bellForce(slot, root, slots.bellOf(slot))
}
