/** One measurement, in a process that does nothing else: `measure-main.mjs <trial> <driver> <options as JSON>`. */

import { loadDriver, loadTrial } from './harness/registry.mjs'

const [trialName = '', driverName = '', options = '{}'] = process.argv.slice(2)
const trial = await loadTrial(trialName)
const driver = await loadDriver(driverName)
const measurement = await trial.measure(driver, JSON.parse(options))
process.stdout.write(`\n${JSON.stringify(measurement)}\n`)
// Some libraries keep a handle open after they were closed; what they leave running is noticed by the caller.
process.exit()
