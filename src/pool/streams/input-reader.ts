// Reads the input of a stream, one call at a time, and cuts it into chunks. The input is the user's code: it is never called within the
// call of another, for results are being handed out from the middle of a worker's ring.
//
// Where the size of chunks is ours to choose, no item waits for the others of its chunk: what is there is sent when the next does not
// come at once.
import { isAsync, type Items } from '../calls/items.ts'
import type { Jobs } from '../tasks/jobs.ts'

/** ms that reading may take before what was read is sent, and others have their turn. */
const LONGEST_READ = 1

export interface InputUse {
  /** How many more items may be read; a chunk has at least one. */
  room(): number
  /** With room for fewer it is not begun to read on. */
  worthwhile(): number
  /** Of the next chunk. */
  chunkSize(): number
  /** Whether all chunks but the last have to be full. */
  readonly isWhole: boolean
  /** A chunk; must not throw. */
  chunk(items: unknown[]): void
  /** Nothing more comes; `failure`: the input threw. */
  end(failure?: { readonly error: unknown }): void
}

export class InputReader {
  readonly #use: InputUse
  readonly #jobs: Jobs
  readonly #input: Iterator<unknown> | AsyncIterator<unknown>
  readonly #isAsync: boolean
  #chunk: unknown[] = []
  /** Of the chunk that is being read, and when it is sent even if it is not full. */
  #size = 1
  #sendBy = 0
  #isReading = false
  #isOver = false
  #isFlushing = false

  constructor(items: Items<unknown>, jobs: Jobs, use: InputUse) {
    this.#use = use
    this.#jobs = jobs
    this.#isAsync = isAsync(items)
    this.#input = isAsync(items) ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  }

  /** Reads as far as there is room, soon. */
  wake(): void {
    if (this.#isReading || this.#isOver || !this.#hasRoom || this.#use.room() < this.#use.worthwhile()) return
    this.#isReading = true
    this.#jobs.add(() => this.#read())
  }

  /** Reads no more. The input is told; whatever it says to that. */
  stop(): PromiseLike<unknown> | undefined {
    if (this.#isOver) return undefined
    this.#isOver = true
    this.#chunk = []
    const returned: unknown = this.#input.return?.()
    return this.#isAsync ? Promise.resolve(returned) : undefined
  }

  /** For a whole chunk: reading one item for each one that is taken would make chunks of one. */
  get #hasRoom(): boolean {
    return this.#chunk.length > 0 || this.#use.room() >= this.#use.chunkSize()
  }

  #read(): void {
    const until = performance.now() + LONGEST_READ
    try {
      while (!this.#isOver && this.#hasRoom) {
        if (this.#chunk.length === 0) this.#begin()
        const result = this.#input.next()
        if (this.#isAsync) {
          this.#await(result as Promise<IteratorResult<unknown>>)
          return
        }
        this.#accept(result as IteratorResult<unknown>)
        if (!this.#use.isWhole && this.#chunk.length > 0 && performance.now() > this.#sendBy) this.#send()
        if (this.#chunk.length === 0 && performance.now() > until && !this.#isOver) {
          this.#jobs.addForTurn(() => this.#read())
          return
        }
      }
    } catch (error) {
      this.#end({ error })
    }
    this.#isReading = false
  }

  #begin(): void {
    this.#size = Math.min(this.#use.chunkSize(), this.#use.room())
    this.#sendBy = performance.now() + LONGEST_READ
  }

  #await(result: PromiseLike<IteratorResult<unknown>>): void {
    if (this.#chunk.length > 0 && !this.#use.isWhole) this.#flushSoon()
    Promise.resolve(result)
      .then(arrived => {
        if (this.#isOver) return
        this.#accept(arrived)
        this.#read()
      })
      .catch(error => this.#end({ error }))
  }

  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => {
      this.#isFlushing = false
      if (!this.#isOver && this.#chunk.length > 0) this.#send()
    })
  }

  #accept(result: IteratorResult<unknown>): void {
    if (result.done === true) {
      this.#end()
      return
    }
    this.#chunk.push(result.value)
    if (this.#chunk.length >= this.#size) this.#send()
  }

  #send(): void {
    const chunk = this.#chunk
    this.#chunk = []
    this.#use.chunk(chunk)
  }

  /** What came before it takes its turn before it. */
  #end(failure?: { readonly error: unknown }): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#chunk.length > 0) this.#send()
    this.#use.end(failure)
  }
}
