// What this machine offers, for the doctor and for bug reports. Never throws.
import { forkSupport } from '../fork/support.ts'
import { addonPath, native } from '../native/load.ts'
import { isCodeFromParent } from './methods/shared-code.ts'

export interface Diagnostics {
  readonly addon: { readonly loaded: boolean; readonly path: string | null; readonly error: string | null }
  /** Whether this process, a child, has the library as its parent compiled it. */
  readonly codeFromParent: boolean
  readonly kernel: Readonly<Record<string, boolean>>
  readonly startMethods: Readonly<
    Record<'spawn' | 'fork' | 'forkserver' | 'thread', { readonly available: boolean; readonly reason: string | null }>
  >
}

export function diagnostics(): Diagnostics {
  let error: string | null = null
  let kernel: Record<string, boolean> = {}
  try {
    kernel = { ...native().features() }
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown)
  }
  const loaded = error === null
  const method = { available: loaded, reason: error }
  return {
    addon: { loaded, path: loaded ? addonPath : null, error },
    codeFromParent: isCodeFromParent(),
    kernel,
    startMethods: { spawn: method, forkserver: method, thread: method, fork: loaded ? forkSupport() : method },
  }
}
