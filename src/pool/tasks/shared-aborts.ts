// One listener for each signal, however many tasks have it: a signal looks through all its listeners for each that comes or goes.

const callbacks = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `callback` once the signal is aborted; not, if it is already. Returns how to call it off. */
export function onSharedAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = callbacks.get(signal)
  const ofSignal = known ?? new Set()
  if (known === undefined) {
    callbacks.set(signal, ofSignal)
    signal.addEventListener('abort', runAll, { once: true })
  }
  ofSignal.add(callback)
  return () => {
    if (!ofSignal.delete(callback) || ofSignal.size > 0) return
    callbacks.delete(signal)
    signal.removeEventListener('abort', runAll)
  }
}

function runAll(this: AbortSignal): void {
  const ofSignal = callbacks.get(this)
  callbacks.delete(this)
  // What is called off by one of them is not called any more; what comes anew is too late.
  for (const callback of ofSignal ?? []) if (ofSignal?.delete(callback) === true) callback()
}
