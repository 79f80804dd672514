/** The loops of `lock`. Each is a function of its own, so that the optimizer sees one way to take one kind of lock in it. */

/** @typedef {import('./clock-loops.mjs').Loop} Loop */

/** What is run with the lock held: Python's `pass`. */
const nothing = () => {}

/**
 * What the machine takes for the two steps that no lock does without: shared memory, nobody else there.
 * @returns {Loop}
 */
export function barePair() {
  const words = new Int32Array(new SharedArrayBuffer(4))
  return rounds => {
    for (let round = 0; round < rounds; round += 1) {
      Atomics.compareExchange(words, 0, 0, 1)
      Atomics.compareExchange(words, 0, 1, 0)
    }
  }
}

/** @returns {Loop} */
export function bareAwait() {
  const resolved = Promise.resolve(true)
  return async rounds => {
    for (let round = 0; round < rounds; round += 1) await resolved
  }
}

/** @param {any} lock @returns {Record<string, Loop>} */
export function lockLoops(lock) {
  return {
    'acquire-release': rounds => {
      for (let round = 0; round < rounds; round += 1) {
        lock.acquireSync()
        lock.release()
      }
    },
    'with-run': rounds => {
      for (let round = 0; round < rounds; round += 1) lock.runSync(nothing)
    },
    // What `using held = lock.holdSync()` does, which Node 20 cannot parse.
    'with-hold': rounds => {
      for (let round = 0; round < rounds; round += 1) {
        const held = lock.holdSync()
        try {
          nothing()
        } finally {
          held[Symbol.dispose]()
        }
      }
    },
    'await-acquire': async rounds => {
      for (let round = 0; round < rounds; round += 1) {
        await lock.acquire()
        lock.release()
      }
    },
    'await-run': async rounds => {
      for (let round = 0; round < rounds; round += 1) await lock.run(nothing)
    },
  }
}

/** An RLock has no acquire() in promise form. @param {any} lock @returns {Record<string, Loop>} */
export function rlockLoops(lock) {
  return {
    'rlock-acquire-release': rounds => {
      for (let round = 0; round < rounds; round += 1) {
        lock.acquireSync()
        lock.release()
      }
    },
    'rlock-with-run': rounds => {
      for (let round = 0; round < rounds; round += 1) lock.runSync(nothing)
    },
    'rlock-with-hold': rounds => {
      for (let round = 0; round < rounds; round += 1) {
        const held = lock.holdSync()
        try {
          nothing()
        } finally {
          held[Symbol.dispose]()
        }
      }
    },
    'rlock-await-run': async rounds => {
      for (let round = 0; round < rounds; round += 1) await lock.run(nothing)
    },
  }
}
