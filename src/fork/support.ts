import { forkAddon } from './addon.ts'

export interface ForkSupport {
  readonly available: boolean
  /** Why not, and what works instead; null when it is available. */
  readonly reason: string | null
}

/** Whether this process can be forked. */
export function forkSupport(): ForkSupport {
  const found = forkAddon()
  return typeof found === 'string' ? { available: false, reason: found } : { available: true, reason: null }
}
