/** A member of `barrier`: passes it so many times, together with all the others. */

import { appendFileSync } from 'node:fs'

/** @typedef {{ barrier: any, warmUp: number, passes: number }} Course */

/**
 * @param {string} path
 * @param {Course} course
 */
export function passSync(path, { barrier, warmUp, passes }) {
  for (let pass = 0; pass < warmUp; pass += 1) barrier.waitSync()
  const begin = performance.now()
  for (let pass = 0; pass < passes; pass += 1) barrier.waitSync()
  appendFileSync(path, `${performance.now() - begin}\n`)
}

/**
 * @param {string} path
 * @param {Course} course
 */
export async function pass(path, { barrier, warmUp, passes }) {
  for (let pass = 0; pass < warmUp; pass += 1) await barrier.wait()
  const begin = performance.now()
  for (let pass = 0; pass < passes; pass += 1) await barrier.wait()
  appendFileSync(path, `${performance.now() - begin}\n`)
}
