/** Where a function was called, for the stack of an error that comes back from elsewhere. Its text is made only when it is asked for. */
export interface CallSite {
  readonly stack?: string
}

/** The frames above the caller of `below`, which is the public function that the user called. Costs a few microseconds. */
// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
export function captureCallSite(below: Function): CallSite {
  const site = {}
  Error.captureStackTrace(site, below)
  return site
}

/** Adds the frames to what the error's stack says already. An error may be frozen, or have a stack of its own making. */
export function addCallSite(error: unknown, site: CallSite | undefined): void {
  if (!(error instanceof Error) || typeof error.stack !== 'string' || site?.stack === undefined) return
  const frames = site.stack.indexOf('\n    at ')
  if (frames !== -1) setStack(error, error.stack + site.stack.slice(frames))
}

export function setStack(error: Error, stack: string): void {
  Reflect.defineProperty(error, 'stack', { value: stack, writable: true, enumerable: false, configurable: true })
}
