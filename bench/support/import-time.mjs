/** What importing a library costs a program that does nothing else, beside one that imports nothing. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from '../harness/statistics.mjs'

const timer = fileURLToPath(new URL('../programs/import-timer-main.mjs', import.meta.url))
const nothing = new URL('../programs/empty.mjs', import.meta.url).href

/**
 * Both programs take turns.
 * @param {string} library a module's URL
 * @param {number} turns
 */
export function importTimes(library, turns) {
  const samples = Array.from({ length: turns }, () => ({ empty: run(nothing), full: run(library) }))
  const importing = samples.map(({ full }) => full.importing)
  const importingNothing = samples.map(({ empty }) => empty.importing)
  const added = samples.map(({ empty, full }) => full.whole - empty.whole)
  return {
    import: median(importing),
    'import-nothing': median(importingNothing),
    'import-added': median(added),
  }
}

/**
 * `importing` is what the program itself sees; `whole` is from before its start until after its end.
 * @param {string} module
 */
function run(module) {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [timer, module], { encoding: 'utf8' })
  const whole = performance.now() - start
  if (status !== 0) throw new Error(`importing ${module} failed: ${stderr}`)
  return { importing: Number(stdout), whole }
}
