/** JSON, as text: what a pipe would add to make bytes of it is not counted. */

import { keepMessages } from '../support/keep-messages.mjs'

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = { openCodec: keepMessages(JSON.stringify, JSON.parse, { lossy: true }) }
