// What comes out of a stream, one by one: of `imap` and `imapUnordered` the results, of `stream` what a generator yields. Where it comes
// from is the source's affair; here it waits for its reader, or its reader for it.
import { atDeadline, type Deadline, deadlineAfter } from '../../base/deadline.ts'
import { TimeoutError } from '../../base/errors.ts'
import { Fifo } from '../../base/fifo.ts'
import { checkTimeout, readOptions } from '../../base/validate.ts'
import { isFailure, type Outcome, unwrap } from '../calls/outcome.ts'

/** Where results come from. */
export interface StreamSource {
  /** The reader has taken one. */
  onTaken(): void
  /** The reader wants no more: what is under way is called off. Not called after the end. A promise that comes back is awaited. */
  stop(): unknown
}

interface Reader<R> {
  readonly resolve: (result: IteratorResult<R, undefined>) => void
  readonly reject: (error: unknown) => void
}

/** Reads its input only as fast as it is read. `return()`, `break` and disposal call off what is pending. */
export class ResultStream<R> implements AsyncIterableIterator<R, undefined> {
  readonly #readers: Reader<R>[] = []
  readonly #ready = new Fifo<Outcome<R>>()
  #source: StreamSource | null
  #isComplete = false

  private constructor(open: (inlet: StreamInlet<R>) => StreamSource) {
    this.#source = null
    this.#source = open({
      deliver: outcome => this.#deliver(outcome),
      complete: () => this.#complete(),
    })
  }

  /** For this library: `open` gets the other end, into which results are put, and makes the source. */
  static from<R>(open: (inlet: StreamInlet<R>) => StreamSource): ResultStream<R> {
    return new ResultStream(open)
  }

  /** The next result. Rejects with what its call threw, and can be called again for the one after it. @throws TimeoutError after `timeout` ms; the result is not lost */
  async next(options?: { timeout?: number }): Promise<IteratorResult<R, undefined>> {
    const { timeout } = readOptions<{ timeout?: number }>(options, ['timeout'])
    const deadline = deadlineAfter(checkTimeout(timeout))
    const outcome = this.#takeReady()
    if (outcome !== null) return { value: unwrap(outcome), done: false }
    if (this.#isComplete) return { value: undefined, done: true }
    return this.#waitForNext(deadline)
  }

  /** Ends the stream: nothing more is read from the input, and what is under way is called off. */
  async return(): Promise<IteratorResult<R, undefined>> {
    const source = this.#isComplete ? null : this.#source
    this.#ready.clear()
    this.#complete()
    await source?.stop()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #deliver(outcome: Outcome<R>): void {
    if (this.#isComplete) return
    this.#ready.push(outcome)
    this.#serveReaders()
  }

  #complete(): void {
    this.#isComplete = true
    this.#serveReaders()
  }

  #waitForNext(deadline: Deadline): Promise<IteratorResult<R, undefined>> {
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
    this.#source?.onTaken()
    return outcome
  }

  #serveReaders(): void {
    while (this.#readers.length > 0) {
      const outcome = this.#takeReady()
      if (outcome === null && !this.#isComplete) return
      const reader = this.#readers.shift() as Reader<R>
      if (outcome === null) reader.resolve({ value: undefined, done: true })
      else if (isFailure(outcome)) reader.reject(outcome.error)
      else reader.resolve({ value: outcome.value, done: false })
    }
  }
}

/** Where a source puts what it has. */
export interface StreamInlet<R> {
  deliver(outcome: Outcome<R>): void
  /** Nothing more comes. */
  complete(): void
  /** A result refers to modules that the event loop has to import first. */
  late?(): void
}
