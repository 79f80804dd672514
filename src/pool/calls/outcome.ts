/** How something ended. */
export type Outcome<R> = { readonly value: R } | { readonly error: unknown }

/** Its own property: somebody may have put an `error` on Object.prototype. */
export function isFailure<R>(outcome: Outcome<R>): outcome is { readonly error: unknown } {
  return Object.hasOwn(outcome, 'error')
}

/** @throws what it ended with */
export function unwrap<R>(outcome: Outcome<R>): R {
  if (isFailure(outcome)) throw outcome.error
  return outcome.value
}
