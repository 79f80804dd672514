/** Before the clock starts: every worker has run tasks, and both sides' code has been compiled. */

const leastTasks = 500
const tasksAtOnce = 100
const patience = 30_000

/**
 * @param {Pick<import('../harness/contracts.mjs').BenchPool, 'whoAmI'>} pool
 * @param {number} workers
 */
export async function warmUp(pool, workers) {
  const seen = new Set()
  const deadline = performance.now() + patience
  for (let done = 0; done < leastTasks || seen.size < workers; done += tasksAtOnce) {
    if (performance.now() > deadline) throw new Error(`only ${seen.size} of ${workers} workers took part`)
    const identities = await Promise.all(Array.from({ length: tasksAtOnce }, () => pool.whoAmI()))
    for (const identity of identities) seen.add(identity)
  }
}

/**
 * Fails unless all results came from workers of the right kind, and from every one of them.
 * @param {Set<number>} seen who ran the tasks
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {number} workers
 */
export function checkElsewhere(seen, pool, workers) {
  for (const identity of seen) checkWorker(identity, pool)
  if (seen.size !== workers) throw new Error(`Expected ${workers} workers to take part, got ${seen.size}`)
}

/**
 * @param {number} identity
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 */
export function checkWorker(identity, { workersAre }) {
  if (identity === process.pid) throw new Error('a task ran in the process that submitted it')
  const kind = identity > 0 ? 'process' : 'thread'
  if (kind !== workersAre) throw new Error(`Expected the workers to be of kind ${workersAre}, got ${kind}`)
}
