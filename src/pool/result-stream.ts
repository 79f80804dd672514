// The results of imap and imapUnordered, one by one. The input is read only as far as `maxPending` allows: that many items may be
// taken from it and not yet from the result, so an endless input and a slow reader cost no memory.
import { addCallSite, type CallSite } from '../base/call-site.ts'
import { atDeadline, deadlineAfter } from '../base/deadline.ts'
import { TimeoutError } from '../base/errors.ts'
import { Fifo } from '../base/fifo.ts'
import { checkTimeout, readOptions } from '../base/validate.ts'
import { rebuildThrown } from '../wire/remote-error.ts'
import { isAsync, type Items } from './chunks.ts'
import { type ChunkOutcome, RESULT_CHUNK } from './protocol.ts'
import type { TaskOwner } from './dispatcher.ts'

export type Outcome<R> = { readonly value: R } | { readonly error: unknown }

export interface StreamSettings {
  readonly chunkSize: number
  readonly maxPending: number
  readonly ordered: boolean
  /** Sends a chunk; `owner` hears of its end. Throws when it cannot be sent. Returns how to forget it. */
  readonly submit: (chunk: readonly unknown[], owner: TaskOwner) => () => void
  /** Where the stream was asked for. */
  readonly callSite: CallSite
  /** Called once: nothing more will be submitted. */
  readonly onInputEnd: () => void
}

interface Chunk<R> {
  readonly size: number
  outcomes: Outcome<R>[] | null
  forget: () => void
}

interface Reader<R> {
  readonly resolve: (result: IteratorResult<R, undefined>) => void
  readonly reject: (error: unknown) => void
}

export class ResultStream<R> implements AsyncIterableIterator<R, undefined> {
  readonly #settings: StreamSettings
  readonly #input: Iterator<unknown> | AsyncIterator<unknown>
  readonly #inputIsAsync: boolean
  readonly #chunks = new Set<Chunk<R>>()
  readonly #readers: Reader<R>[] = []
  readonly #ready = new Fifo<Outcome<R>>()
  #taken = 0
  #reading = false
  #inputEnded = false

  constructor(items: Items<unknown>, settings: StreamSettings) {
    this.#settings = settings
    this.#inputIsAsync = isAsync(items)
    this.#input = isAsync(items) ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
    this.#readSoon()
  }

  /** The next result. Rejects with what its call threw, and can be called again for the one after it. @throws TimeoutError after `timeout` ms; the result is not lost */
  async next(options?: { timeout?: number }): Promise<IteratorResult<R, undefined>> {
    const { timeout } = readOptions<{ timeout?: number }>(options, ['timeout'])
    const deadline = deadlineAfter(checkTimeout(timeout))
    const outcome = this.#takeReady()
    if (outcome !== null) return unwrap(outcome)
    if (this.#isFinished()) return { value: undefined, done: true }
    return this.#waitForNext(deadline)
  }

  /** Ends the stream: nothing more is read from the input, and what is under way is forgotten. */
  async return(): Promise<IteratorResult<R, undefined>> {
    const wasOpen = !this.#inputEnded
    this.#inputEnded = true
    for (const chunk of this.#chunks) chunk.forget()
    this.#chunks.clear()
    this.#ready.clear()
    this.#serveReaders()
    if (!wasOpen) return { value: undefined, done: true }
    this.#settings.onInputEnd()
    await this.#input.return?.()
    return { value: undefined, done: true }
  }

  /** The pool is over: what is under way has failed already, and an input that does not answer is no longer waited for. */
  end(error: unknown): void {
    if (this.#inputEnded) return
    this.#inputFailed([], error)
    // What it says to that concerns nobody any more.
    Promise.resolve(this.#input.return?.()).catch(() => {})
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #waitForNext(deadline: number): Promise<IteratorResult<R, undefined>> {
    return new Promise((resolve, reject) => {
      let callOff = (): void => {}
      const reader: Reader<R> = {
        resolve: result => {
          callOff()
          resolve(result)
        },
        reject: error => {
          callOff()
          reject(error)
        },
      }
      this.#readers.push(reader)
      callOff = atDeadline(deadline, () => {
        this.#readers.splice(this.#readers.indexOf(reader), 1)
        reject(new TimeoutError('No result came in time; it is not lost, next() can be called again'))
      })
    })
  }

  #takeReady(): Outcome<R> | null {
    const outcome = this.#ready.shift()
    if (outcome === undefined) return null
    this.#taken -= 1
    this.#readSoon()
    return outcome
  }

  #isFinished(): boolean {
    return this.#inputEnded && this.#chunks.size === 0 && this.#ready.length === 0
  }

  #serveReaders(): void {
    while (this.#readers.length > 0) {
      const outcome = this.#takeReady()
      if (outcome === null && !this.#isFinished()) return
      const reader = this.#readers.shift() as Reader<R>
      if (outcome === null) reader.resolve({ value: undefined, done: true })
      else if (isFailure(outcome)) reader.reject(outcome.error)
      else reader.resolve({ value: outcome.value, done: false })
    }
  }

  /**
   * Reads the input and sends chunks, as far as `maxPending` allows. One call at a time, and never within another: the input is
   * the user's code, and results are being handed out from the middle of a worker's ring.
   */
  #readSoon(): void {
    if (this.#reading || this.#inputEnded || !this.#hasRoom) return
    this.#reading = true
    queueMicrotask(() => this.#readChunk([]))
  }

  /** For a whole chunk: reading one item for each one that is taken would make chunks of one. */
  get #hasRoom(): boolean {
    return this.#taken + this.#settings.chunkSize <= this.#settings.maxPending
  }

  #readChunk(chunk: unknown[]): void {
    try {
      while (!this.#inputEnded && (chunk.length > 0 || this.#hasRoom)) {
        const result = this.#input.next()
        if (this.#inputIsAsync) {
          Promise.resolve(result)
            .then(arrived => this.#goOn(chunk, arrived))
            .catch(error => this.#inputFailed(chunk, error))
          return
        }
        if (!this.#accept(chunk, result as IteratorResult<unknown>)) return
      }
      this.#pauseReading(chunk)
    } catch (error) {
      this.#inputFailed(chunk, error)
    }
  }

  #goOn(chunk: unknown[], result: IteratorResult<unknown>): void {
    if (this.#inputEnded) return
    if (!this.#accept(chunk, result)) return
    if (chunk.length > 0 || this.#hasRoom) this.#readChunk(chunk)
    else this.#pauseReading(chunk)
  }

  /** False: the input has ended. */
  #accept(chunk: unknown[], result: IteratorResult<unknown>): boolean {
    if (result.done === true) {
      this.#inputEnded = true
      this.#pauseReading(chunk)
      this.#settings.onInputEnd()
      this.#serveReaders()
      return false
    }
    chunk.push(result.value)
    this.#taken += 1
    if (chunk.length >= this.#settings.chunkSize) this.#send(chunk.splice(0))
    return true
  }

  #pauseReading(chunk: unknown[]): void {
    this.#reading = false
    if (chunk.length > 0) this.#send(chunk.splice(0))
  }

  /** The failure takes its turn behind the items that came before it. */
  #inputFailed(chunk: unknown[], error: unknown): void {
    if (this.#inputEnded) return
    this.#inputEnded = true
    this.#pauseReading(chunk)
    this.#taken += 1
    const failure: Chunk<R> = { size: 1, outcomes: null, forget: () => {} }
    this.#chunks.add(failure)
    this.#settings.onInputEnd()
    this.#ended(failure, [{ error }])
  }

  #send(items: readonly unknown[]): void {
    const chunk: Chunk<R> = { size: items.length, outcomes: null, forget: () => {} }
    this.#chunks.add(chunk)
    const owner: TaskOwner = {
      succeed: (kind, payload) => this.#ended(chunk, outcomesOf<R>(kind, payload, this.#settings.callSite)),
      fail: error => this.#ended(chunk, new Array(chunk.size).fill({ error })),
      callSite: this.#settings.callSite,
    }
    try {
      chunk.forget = this.#settings.submit(items, owner)
    } catch (error) {
      queueMicrotask(() => owner.fail(error))
    }
  }

  #ended(chunk: Chunk<R>, outcomes: Outcome<R>[]): void {
    if (!this.#chunks.has(chunk)) return
    chunk.outcomes = outcomes
    if (!this.#settings.ordered) {
      this.#chunks.delete(chunk)
      this.#deliver(outcomes)
      return
    }
    // In order: what is at the front and has ended.
    for (const first of this.#chunks) {
      if (first.outcomes === null) return
      this.#chunks.delete(first)
      this.#deliver(first.outcomes)
    }
  }

  #deliver(outcomes: Outcome<R>[]): void {
    for (const outcome of outcomes) this.#ready.push(outcome)
    this.#serveReaders()
  }
}

function outcomesOf<R>(kind: number, payload: unknown, callSite: CallSite): Outcome<R>[] {
  if (kind !== RESULT_CHUNK) return (payload as R[]).map(value => ({ value }))
  const { values, failures } = payload as ChunkOutcome
  const outcomes: Outcome<R>[] = values.map(value => ({ value: value as R }))
  for (const { index, thrown } of failures) {
    const error = rebuildThrown(thrown, 'a worker of the pool')
    addCallSite(error, callSite)
    outcomes[index] = { error }
  }
  return outcomes
}

/** Its own property: somebody may have put an `error` on Object.prototype. */
function isFailure<R>(outcome: Outcome<R>): outcome is { readonly error: unknown } {
  return Object.hasOwn(outcome, 'error')
}

function unwrap<R>(outcome: Outcome<R>): IteratorResult<R, undefined> {
  if (isFailure(outcome)) throw outcome.error
  return { value: outcome.value, done: false }
}
