// A worker's seat: words in shared memory by which pool and worker see what the other is at, without asking.
//
//   the seat's       written by   says
//   READY            worker       it has come up, its initializer included
//   IDLE             both         it found no task and sleeps; who exchanges it for 0 has to wake it
//   LEAVING          worker       it takes no more tasks, and ends with what it has
//   RETIRE           pool         not 0: it is to take no more. Counted up each time that is said
//   ANSWER           worker       the last RETIRE it has seen: its event loop turns
//
//   a place's        (one for each task that a worker may have at once; all but CREDIT and REASON name a task by its id)
//   HELD             both         the task it has in hand; 0: none. Less than 0: the worker is being stopped for this task
//   LISTENS          worker       that task has asked for its signal: it may heed it
//   CANCEL, REASON   pool         that task is to stop. REASON first
//   GIVEN_UP         pool         nobody waits any longer for that task to stop: the worker may end without it
//   CREDIT_OF        pool         whose items CREDIT counts. CREDIT is 0 first
//   CREDIT           pool         how many of its items were taken
//
// A worker may die between any two writes: what it names then as held is lost, and what it does not name has not begun.
import { arena } from '../../memory/arena.ts'
import { type Reference, segmentOf, wordOf } from '../../memory/segments.ts'
import { exchange, load, store, type Words } from '../../memory/words.ts'
import { WORD_BYTES } from '../../memory/layout.ts'

const HEADER_WORDS = 16
const READY = 0
const IDLE = 1
const LEAVING = 2
const RETIRE = 3
const ANSWER = 4
const PLACES = 5
const TAIL_LENGTH = 6

const PLACE_WORDS = 16
const HELD = 0
const LISTENS = 1
const CANCEL = 2
const REASON = 3
const GIVEN_UP = 4
const CREDIT_OF = 5
const CREDIT = 6

/** The last bytes that the worker wrote to its stderr. */
const TAIL_BYTES = 2048

export class SeatWords {
  readonly reference: Reference
  readonly places: number
  readonly #words: Words
  readonly #bytes: Uint8Array
  readonly #base: number

  constructor(reference: Reference) {
    const { segments } = arena()
    this.reference = reference
    this.#words = segments.words(segmentOf(reference))
    this.#bytes = segments.bytes(segmentOf(reference))
    this.#base = wordOf(reference)
    this.places = load(this.#words, this.#base + PLACES)
  }

  static create(places: number): SeatWords {
    const size = HEADER_WORDS + places * PLACE_WORDS
    const reference = arena().allocate(size * WORD_BYTES + TAIL_BYTES)
    const words = arena().segments.words(segmentOf(reference))
    const base = wordOf(reference)
    for (let word = 0; word < size; word += 1) store(words, base + word, 0)
    store(words, base + PLACES, places)
    return new SeatWords(reference)
  }

  /** The worker has come up: what ends it from now on is not its start. */
  setReady(): void {
    store(this.#words, this.#base + READY, 1)
  }

  get ready(): boolean {
    return load(this.#words, this.#base + READY) !== 0
  }

  /** The worker found no task. It looks once more after this, so that a task put in between is seen by one of the two. */
  setIdle(): void {
    store(this.#words, this.#base + IDLE, 1)
  }

  clearIdle(): void {
    if (load(this.#words, this.#base + IDLE) !== 0) store(this.#words, this.#base + IDLE, 0)
  }

  get idle(): boolean {
    return load(this.#words, this.#base + IDLE) !== 0
  }

  /** The pool's: true for the one who may wake the worker. */
  claimIdle(): boolean {
    return load(this.#words, this.#base + IDLE) !== 0 && exchange(this.#words, this.#base + IDLE, 1, 0)
  }

  setLeaving(): void {
    store(this.#words, this.#base + LEAVING, 1)
  }

  get leaving(): boolean {
    return load(this.#words, this.#base + LEAVING) !== 0 || this.retiring
  }

  /** The pool's: the worker is to take no more tasks. For `hasAnswered`. */
  retire(): number {
    const times = load(this.#words, this.#base + RETIRE) + 1
    store(this.#words, this.#base + RETIRE, times)
    return times
  }

  get retiring(): boolean {
    return load(this.#words, this.#base + RETIRE) !== 0
  }

  /** The worker's: it has seen that. */
  answer(): void {
    store(this.#words, this.#base + ANSWER, load(this.#words, this.#base + RETIRE))
  }

  hasAnswered(retired: number): boolean {
    return load(this.#words, this.#base + ANSWER) >= retired
  }

  /** The task in a place. Noted before its cell is released, so that at every moment one of the two names it. */
  hold(place: number, taskId: number): void {
    store(this.#words, this.#place(place) + HELD, taskId)
  }

  /** The task has ended. False: the worker is being stopped for it, and has to take no other. Pairs with the exchange in `doom`. */
  letGo(place: number, taskId: number): boolean {
    return exchange(this.#words, this.#place(place) + HELD, taskId, 0)
  }

  /** The pool's, before it stops the worker for this task: no other comes into its hands. False: the task has ended. */
  doom(place: number, taskId: number): boolean {
    return exchange(this.#words, this.#place(place) + HELD, taskId, -taskId)
  }

  /** The task in a place; null: none. */
  held(place: number): number | null {
    const held = load(this.#words, this.#place(place) + HELD)
    return held === 0 ? null : Math.abs(held)
  }

  /** Null: no place has it. */
  placeOf(taskId: number): number | null {
    for (let place = 0; place < this.places; place += 1) if (this.held(place) === taskId) return place
    return null
  }

  get running(): number {
    let running = 0
    for (let place = 0; place < this.places; place += 1) if (this.held(place) !== null) running += 1
    return running
  }

  /** The worker's: the task in this place has its signal. */
  setListens(place: number, taskId: number): void {
    store(this.#words, this.#place(place) + LISTENS, taskId)
  }

  listens(place: number, taskId: number): boolean {
    return load(this.#words, this.#place(place) + LISTENS) === taskId
  }

  /** The pool's: should the place still have this task, it is to stop. */
  cancel(place: number, taskId: number, reason: number): void {
    store(this.#words, this.#place(place) + REASON, reason)
    store(this.#words, this.#place(place) + CANCEL, taskId)
  }

  /** The worker's: why the task is to stop; 0: it is not. */
  cancelReason(place: number, taskId: number): number {
    const at = this.#place(place)
    return load(this.#words, at + CANCEL) === taskId ? load(this.#words, at + REASON) : 0
  }

  /** The pool's: the worker need not wait for this task before it ends. */
  giveUp(place: number, taskId: number): void {
    store(this.#words, this.#place(place) + GIVEN_UP, taskId)
  }

  isGivenUp(place: number, taskId: number): boolean {
    return load(this.#words, this.#place(place) + GIVEN_UP) === taskId
  }

  /** The pool's: it has heard that this task has begun there, and so of the end of the one before it. */
  openCredit(place: number, taskId: number): void {
    store(this.#words, this.#place(place) + CREDIT, 0)
    store(this.#words, this.#place(place) + CREDIT_OF, taskId)
  }

  /** The pool's: the reader has taken so many in all. Nothing, if the pool has heard of another task there since. */
  setCredit(place: number, taskId: number, taken: number): void {
    const at = this.#place(place)
    if (load(this.#words, at + CREDIT_OF) === taskId) store(this.#words, at + CREDIT, taken | 0)
  }

  /** The worker's. Counts past 2 ** 31 go on from below. */
  credit(place: number, taskId: number): number {
    const at = this.#place(place)
    return load(this.#words, at + CREDIT_OF) === taskId ? load(this.#words, at + CREDIT) : 0
  }

  /** The worker's: it has written this to its stderr. Two writers may mix what they write; it is for people to read. */
  noteOutput(bytes: Uint8Array): void {
    const last = bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES))
    const written = load(this.#words, this.#base + TAIL_LENGTH) >>> 0
    const start = this.#tailStart
    const at = written % TAIL_BYTES
    const head = last.subarray(0, TAIL_BYTES - at)
    this.#bytes.set(head, start + at)
    this.#bytes.set(last.subarray(head.length), start)
    // Never back to a count that says the ring was never full.
    store(this.#words, this.#base + TAIL_LENGTH, written + last.length >= 2 ** 31 ? at + last.length + TAIL_BYTES : written + last.length)
  }

  /** What is left of it. */
  get outputTail(): string {
    const written = load(this.#words, this.#base + TAIL_LENGTH) >>> 0
    const start = this.#tailStart
    const ring = this.#bytes.slice(start, start + TAIL_BYTES)
    if (written <= TAIL_BYTES) return Buffer.from(ring.subarray(0, written)).toString()
    const at = written % TAIL_BYTES
    return Buffer.concat([ring.subarray(at), ring.subarray(0, at)]).toString()
  }

  get #tailStart(): number {
    return (this.#base + HEADER_WORDS + this.places * PLACE_WORDS) * WORD_BYTES
  }

  #place(place: number): number {
    return this.#base + HEADER_WORDS + place * PLACE_WORDS
  }
}
