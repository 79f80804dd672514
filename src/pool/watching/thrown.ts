// What was thrown, which may be anything: also something that throws when it is looked at.
import { show } from '../../base/validate.ts'

/**
 * What a listener of the user's throws is the program's matter, and not that of whoever called the listener: it becomes an
 * `uncaughtException`, as with an event target, and the caller goes on.
 */
export function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

/** With its stack if it has one. Never throws. */
export function stackOf(thrown: unknown): string {
  return describe(thrown, error => error.stack)
}

/** In a line or two. Never throws. */
export function textOf(thrown: unknown): string {
  return describe(thrown, error => `${error.name}: ${error.message}`)
}

function describe(thrown: unknown, ofError: (error: Error) => unknown): string {
  try {
    const text = thrown instanceof Error ? ofError(thrown) : undefined
    return typeof text === 'string' ? text : show(thrown)
  } catch {
    return 'something that cannot be shown'
  }
}
