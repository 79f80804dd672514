/** A stream over Node's own channels, which take all messages at once and keep them in memory. */

/**
 * @typedef {object} Channel
 * @property {(message: unknown) => void} send
 * @property {() => Promise<unknown>} receive
 * @property {() => Promise<unknown>} close
 */

/** So many are sent before the event loop has a turn, or nothing would leave until the end. */
const inATurn = 1_000

/**
 * Items per second, the last one received.
 * @param {Channel} channel to programs/count-messages-main.mjs
 * @param {string} make
 * @param {{ warmUp: number, count: number }} counts
 */
export async function streamMessages(channel, make, { warmUp, count }) {
  await stream(channel, make, warmUp)
  const time = await stream(channel, make, count)
  await channel.close()
  return (count * 1_000) / time
}

/**
 * @param {Channel} channel
 * @param {string} make
 * @param {number} count
 */
async function stream(channel, make, count) {
  const start = performance.now()
  const answer = channel.receive()
  channel.send({ expect: count })
  for (let index = 0; index < count; index += 1) {
    channel.send(make === 'ints' ? index : { id: index, name: 'item', done: false })
    if (index % inATurn === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await answer
  return performance.now() - start
}
