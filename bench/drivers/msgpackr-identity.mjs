/** msgpackr with the types of structured clone, cycles and shared references: what comes nearest to ours. */

import { Packr } from 'msgpackr'
import { keepMessages } from '../support/keep-messages.mjs'

/** `structuredClone` implies `moreTypes`. */
const packr = new Packr({ structuredClone: true })

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openCodec: keepMessages(
    value => packr.pack(value),
    message => packr.unpack(message),
    { lossy: true },
  ),
}
