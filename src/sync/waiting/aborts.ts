// One listener a signal, however many waits it may end: a program has one signal for its end, and thousands of waits that heed it.

const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back when the signal is aborted, once. Returns how to call that off. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {}
  const callbacks = callbacksOf.get(signal) ?? listenTo(signal)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size > 0 || callbacksOf.get(signal) !== callbacks) return
    callbacksOf.delete(signal)
    signal.removeEventListener('abort', callAll)
  }
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  callbacksOf.set(signal, callbacks)
  signal.addEventListener('abort', callAll)
  return callbacks
}

function callAll(this: AbortSignal): void {
  const callbacks = callbacksOf.get(this)
  callbacksOf.delete(this)
  this.removeEventListener('abort', callAll)
  for (const callback of callbacks ?? []) callback()
}
