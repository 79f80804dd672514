/** msgpackr as it is by default: objects of the same keys are records. Each message says its records itself, so any process can read it. */

import { Packr } from 'msgpackr'
import { keepMessages } from '../support/keep-messages.mjs'

const packr = new Packr()

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openCodec: keepMessages(
    value => packr.pack(value),
    message => packr.unpack(message),
    { lossy: true },
  ),
}
