/** The worker of workerpool: it is told by name what to run. */

import workerpool from 'workerpool'
import { burn, changeArray, squareAll, whoAmI } from '../support/tasks.mjs'

workerpool.worker({ whoAmI, squareAll, burn, changeArray })
