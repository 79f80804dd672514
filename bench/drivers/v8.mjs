/** V8's own: the bytes of structured clone, as `child_process` sends them with `serialization: 'advanced'`. */

import { deserialize, serialize } from 'node:v8'
import { keepMessages } from '../support/keep-messages.mjs'

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = { openCodec: keepMessages(serialize, deserialize, { lossy: false }) }
