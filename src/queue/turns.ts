// A promise that is settled at once does not let the event loop turn: in `for await` over a queue that is never empty no timer would fire, no
// signal be handled and no socket be read. So of many such promises in one turn some are settled in the next.
import { atFork } from '../base/at-fork.ts'

const MOST_IN_A_TURN = 1000
let inThisTurn = 0

// In a forked child what the parent was to do in its next turn is not done.
atFork({
  inChild() {
    inThisTurn = 0
  },
})

/** The promise for what is there already. */
export function atHand<T>(value: T): Promise<T> {
  return isTurnOver() ? new Promise(resolve => setImmediate(resolve, value)) : Promise.resolve(value)
}

/** Counts one more that is settled at once. True: the rest of the event loop is to have its turn first. */
function isTurnOver(): boolean {
  if (inThisTurn === 0) {
    setImmediate(() => {
      inThisTurn = 0
    }).unref()
  }
  inThisTurn += 1
  return inThisTurn > MOST_IN_A_TURN
}
