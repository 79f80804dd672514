/** The parent of one part of `process-start`: does what the command line says, and prints the measurement. */

import { clockStarts } from '../support/process-start-clock.mjs'
import { weighIdleChildren, weighReadingChildren } from '../support/process-start-memory.mjs'
import { compareSpeed } from '../support/process-start-speed.mjs'

const kinds = { starts: clockStarts, private: weighIdleChildren, read: weighReadingChildren, speed: compareSpeed }

/** @type {import('../support/process-start-plan.mjs').Part} */
const part = JSON.parse(process.argv[2] ?? '')
process.stdout.write(JSON.stringify(await kinds[part.kind](part)))
