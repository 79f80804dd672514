/** msgpackr, plain MessagePack: the keys of every object are written out. */

import { Packr } from 'msgpackr'
import { keepMessages } from '../support/keep-messages.mjs'

const packr = new Packr({ useRecords: false })

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openCodec: keepMessages(
    value => packr.pack(value),
    message => packr.unpack(message),
    { lossy: true },
  ),
}
