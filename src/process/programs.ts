// The programs that children run: each a file of its own, which a fresh `node` or thread gets as its main module and a forked child
// loads. Paths are seen from this folder, in the bundle as in the tests' build.
import { join } from 'node:path'

/** `folder/file` of a `*-main` module. */
export type Program = 'programs/child-main' | 'programs/template-main' | 'programs/worker-main'

export function fileOf(program: Program): string {
  return join(import.meta.dirname, '..', `${program}.js`)
}
