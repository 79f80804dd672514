// The collector at a test's command. What finalizers do they do in a later turn of the event loop.
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { until } from './conditions.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Collects, and lets the event loop turn, until `condition` holds. @throws AssertionError, with `what`, when it does not */
export async function collectUntil(condition: () => boolean, what: string): Promise<void> {
  await collectNow()
  await until(() => {
    if (condition()) return true
    collect()
    return false
  }, what)
}

/** Collects whatever nobody has any more, and lets its finalizers run. */
export async function collectNow(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    collect()
    await setImmediate()
  }
}
