// How far one map or stream has come: counted by the pool, shown from time to time.
import { throwLater } from '../watching/thrown.ts'
import { openDisplay, type ProgressDisplay } from './display.ts'
import type { Progress, ProgressSettings } from './progress-option.ts'
import { Rate } from './rate.ts'
import type { ShownProgress } from './words.ts'

/** What a pool does with the progress of a map or stream. None of it throws, and all of it does nothing after `end()`. */
export interface Meter {
  /** So many more items are done. Takes a few ns: nothing is shown by it. */
  done(count: number): void
  /** So many more items have failed. */
  failed(count: number): void
  /** So many workers there are now. */
  workers(count: number): void
  /** For whoever blocks this thread, whose timers stand still: shows what there is to show if it is time. */
  tick(): void
  /** It is over, or has been given up: what there is to show is shown once more. Twice is fine. */
  end(): void
}

const UPDATE_EVERY = 100

/** @param total how many items there are; undefined: not known */
export function openMeter(settings: ProgressSettings, total: number | undefined): Meter {
  return new ProgressMeter(settings, total)
}

class ProgressMeter implements Meter {
  readonly #total: number | undefined
  #display: ProgressDisplay | null
  readonly #interval: number
  readonly #timer: NodeJS.Timeout
  readonly #rate = new Rate()
  readonly #begun = performance.now()
  #onUpdate: ((progress: Progress) => void) | undefined
  #shownAt = this.#begun
  #done = 0
  #failed = 0
  #workers: number | undefined
  #over = false

  constructor({ label, output, interval, onUpdate }: ProgressSettings, total: number | undefined) {
    this.#total = total
    this.#onUpdate = onUpdate
    this.#display = output === undefined && onUpdate !== undefined ? null : openDisplay(output ?? process.stderr, label)
    this.#interval = interval ?? this.#display?.interval ?? UPDATE_EVERY
    this.#timer = setInterval(() => this.#show(), this.#interval).unref()
  }

  done(count: number): void {
    this.#done += count
  }

  failed(count: number): void {
    this.#failed += count
  }

  workers(count: number): void {
    this.#workers = count
  }

  tick(): void {
    if (!this.#over && performance.now() - this.#shownAt >= this.#interval) this.#show()
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#timer)
    this.#update({ isLast: true })
  }

  #show(): void {
    if (!this.#over) this.#update({ isLast: false })
  }

  #update({ isLast }: { readonly isLast: boolean }): void {
    this.#shownAt = performance.now()
    const progress = this.#progress(this.#shownAt - this.#begun)
    const shown = { ...progress, rate: this.#rate.perMillisecond, workers: this.#workers }
    this.#draw(shown, { isLast })
    this.#tell(progress)
  }

  #progress(elapsed: number): Progress {
    const total = this.#total
    this.#rate.update(this.#done + this.#failed, elapsed)
    const remaining = total === undefined ? undefined : this.#rate.remaining(total, elapsed)
    return { done: this.#done, failed: this.#failed, total, elapsed, remaining }
  }

  #draw(shown: ShownProgress, { isLast }: { readonly isLast: boolean }): void {
    const display = this.#display
    try {
      if (isLast) display?.end(shown)
      else display?.show(shown)
    } catch (error) {
      this.#display = null
      throwLater(error)
    }
  }

  #tell(progress: Progress): void {
    try {
      this.#onUpdate?.(progress)
    } catch (error) {
      this.#onUpdate = undefined
      throwLater(error)
    }
  }
}
