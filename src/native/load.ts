import { dirname, join } from 'node:path'
import { atFork } from '../base/at-fork.ts'
import { NotSupportedError } from '../base/errors.ts'
import type { Native } from './binding.ts'

declare const ADDON_FROM_BUNDLE: string | undefined

const platform = 'linux-x64'
/** The addon's file, whether it is there or not: seen from the bundle's folder, or from this file's in the tests' build. */
export const addonPath = join(
  import.meta.dirname,
  typeof ADDON_FROM_BUNDLE === 'undefined' ? '../../../dist/native/linux-x64/polyprocess.node' : ADDON_FROM_BUNDLE,
)

/** The program that unlinks named memory after its tree (`native/tracker`). */
export const trackerPath = join(dirname(addonPath), 'polyprocess-names')

let loaded: Native | undefined

/**
 * The addon, loaded at the first call.
 * @throws NotSupportedError when it cannot be: another platform, a checkout that is not built, a process that may not load addons.
 */
export function native(): Native {
  loaded ??= load()
  return loaded
}

function load(): Native {
  const here = `${process.platform}-${process.arch}`
  if (here !== platform) {
    throw new NotSupportedError(`polyprocess needs its native addon, which exists for ${platform} only; this is ${here}`)
  }
  try {
    const module: { exports: unknown } = { exports: {} }
    process.dlopen(module, addonPath)
    const addon = module.exports as Native
    atFork({ before: addon.forkPrepare, inParent: addon.forkInParent, inChild: addon.forkInChild })
    return addon
  } catch (error) {
    throw new NotSupportedError(explain(error), { cause: error })
  }
}

/** What is missing, what works, and what to do about it. */
function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // Under --permission a file that may not be read looks as if it were not there.
  const missing = !process.getBuiltinModule('node:fs').existsSync(addonPath)
  if (code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED' || (missing && process.permission)) {
    return (
      'The polyprocess native addon may not be loaded, because Node.js runs with --permission or --no-addons. Under --permission it ' +
      'needs --allow-addons, --allow-child-process for processes, --allow-worker for threads, and --allow-fs-read for the modules ' +
      'involved'
    )
  }
  if (missing) {
    return (
      'The polyprocess native addon dist/native/linux-x64/polyprocess.node is missing. In a checkout, `npm run build:native` builds it; ' +
      'an installed package has it, so install the package anew'
    )
  }
  const reason = error instanceof Error ? error.message : String(error)
  return `The polyprocess native addon could not be loaded; it needs Linux on x64 with glibc 2.28 or later, not musl: ${reason}`
}
