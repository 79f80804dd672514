// The traces of this thread that nobody has stopped: when it ends, they are completed. The listeners are on the process while
// there are such traces, once for all of them.

/** What a thread's end needs of a trace. None of them may throw. */
export interface OpenTrace {
  flush(): void
  finish(): void
  tellFailure(): void
}

const open = new Set<OpenTrace>()

export function rememberTrace(trace: OpenTrace): void {
  open.add(trace)
  if (open.size > 1) return
  process.on('exit', finishAll)
  process.on('beforeExit', flushAll)
}

export function forgetTrace(trace: OpenTrace): void {
  if (!open.delete(trace) || open.size > 0) return
  process.off('exit', finishAll)
  process.off('beforeExit', flushAll)
}

function finishAll(): void {
  for (const trace of [...open]) trace.finish()
  tellFailures()
}

/** At the exit itself a warning is not printed any more: what goes wrong is better learned now. */
function flushAll(): void {
  for (const trace of [...open]) trace.flush()
  tellFailures()
}

function tellFailures(): void {
  for (const trace of [...open]) trace.tellFailure()
}
