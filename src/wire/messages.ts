// Messages that may refer to modules: those are loaded first, since a value is read in one go.
import type { Capability } from './values/capability.ts'
import { decode, modulesOf } from './values/decoder.ts'
import { loadModules } from './modules/modules.ts'

/**
 * The value of a message: at once, or a promise for it when modules have to be imported first. (No value is a promise itself.)
 * The bytes are not looked at any more when this returns. @throws MultiprocessingError `ERR_BAD_MESSAGE`
 */
export function decodeMessage(from: Uint8Array, offset: number, length: number, capability: Capability | null): unknown {
  const keys = capability === null ? [] : modulesOf(from, offset, length)
  // Nearly always.
  if (keys.length === 0) return decode(from, offset, length, capability)
  const missing = keys.filter(key => capability?.loadedModule(key) === undefined)
  if (missing.length === 0) return decode(from, offset, length, capability)
  const kept = new Uint8Array(from.subarray(offset, offset + length))
  return loadModules(missing).then(() => decode(kept, 0, length, capability))
}
