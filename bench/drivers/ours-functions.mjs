/** What our pools do with a function, step by step: `defineFunction` in the parent, `WorkerFunctions` in the worker. */

import { buildDefinitions } from '../programs/build-definitions.mjs'
import { buildLibrary } from '../support/build-library.mjs'
import { openLibrary } from '../support/open-library.mjs'

buildLibrary()
const { arena, defineFunction, encodeStored, Pool, storeMessage } = openLibrary()
// The memory of the tree is no part of a first capture: whoever has a pool has it.
arena()

/** @type {import('../harness/contracts.mjs').FunctionSending['define']} */
export const define = defineFunction

/** @type {import('../harness/contracts.mjs').FunctionSending['store']} */
export const store = value => arena().free(storeMessage(encodeStored(value, 'payload')))

/** @returns {import('../harness/contracts.mjs').CallingPool} */
export function openPool() {
  const pool = new Pool(1)
  return {
    call: (fn, args) => pool.apply(fn, args),
    build: places => pool.apply(buildDefinitions, [places]),
    close: () => {
      pool.close()
      return pool.join()
    },
  }
}
