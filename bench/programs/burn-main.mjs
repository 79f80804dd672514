/** `burn-main.mjs <loops> <calls>`: says when it is warm, and when it is told to go, how many ms the calls take. */

import { burn } from '../support/tasks.mjs'

const [loops = 0, calls = 0] = process.argv.slice(2).map(Number)
burnAll(Math.ceil(calls / 10))
process.once('message', () => {
  const start = performance.now()
  burnAll(calls)
  process.send?.(performance.now() - start, () => process.disconnect())
})
process.send?.('warm')

/** @param {number} count */
function burnAll(count) {
  for (let call = 0; call < count; call += 1) burn(loops)
}
