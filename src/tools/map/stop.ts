import { constants } from 'node:os'

/** Why the command ends before its input does. */
export type StopCause =
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'closed-output' }
  | { readonly kind: 'error'; readonly error: unknown }

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The one place where the command learns that it has to end early. The first cause counts. */
export class Stop {
  readonly #controller = new AbortController()
  #cause: StopCause | undefined

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get cause(): StopCause | undefined {
    return this.#cause
  }

  request(cause: StopCause): void {
    if (this.#cause !== undefined) return
    this.#cause = cause
    this.#controller.abort()
  }

  /** From now on a signal requests the stop, and a second one ends the program on the spot. Returns what undoes this. */
  listenForSignals(): () => void {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (this.#cause?.kind === 'signal') process.exit(statusOfSignal(signal))
      this.request({ kind: 'signal', signal })
    }
    for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
    return () => {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
    }
  }
}

/** What a shell reports of a program that the signal has ended. */
export function statusOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}
