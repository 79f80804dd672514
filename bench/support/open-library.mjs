/** The bundle of `build-library.mjs`, which somebody has built: for the process that measures and for its workers. */

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export const libraryPath = fileURLToPath(new URL('../../build/bench/process/library.js', import.meta.url))

/** The workers' programs require the same file, so in a worker this is the library that runs it. */
export function openLibrary() {
  return createRequire(import.meta.url)(libraryPath)
}
