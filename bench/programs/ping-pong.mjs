/** The other side of `condition`: answers each signal with one of its own, so many times. */

/**
 * @typedef {object} Court
 * @property {any} there an event that says that the ball is here
 * @property {any} back
 * @property {any} condition
 * @property {number} rounds
 */

/** @param {Court} court */
export function echoEventSync({ there, back, rounds }) {
  for (let round = 0; round < rounds; round += 1) {
    there.waitSync()
    there.clear()
    back.set()
  }
}

/** @param {Court} court */
export async function echoEvent({ there, back, rounds }) {
  for (let round = 0; round < rounds; round += 1) {
    await there.wait()
    there.clear()
    back.set()
  }
}

/**
 * The lock is only ever given up by waiting, so each notification meets the other side waiting: no state is needed beside the condition.
 * The event says that this side is about to wait: who then gets the lock knows that it does.
 * @param {Court} court
 */
export function echoConditionSync({ back, condition, rounds }) {
  condition.acquireSync()
  back.set()
  for (let round = 0; round < rounds; round += 1) {
    condition.waitSync()
    condition.notify()
  }
  condition.release()
}

/** @param {Court} court */
export async function echoCondition({ back, condition, rounds }) {
  await condition.acquire()
  back.set()
  for (let round = 0; round < rounds; round += 1) {
    await condition.wait()
    condition.notify()
  }
  condition.release()
}
