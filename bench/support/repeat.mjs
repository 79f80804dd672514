/** Repeats a piece of work until enough of it has been clocked. */

/**
 * Every driver does the same piece of work; a fast one does it more often, so that no figure rests on a few milliseconds.
 * @param {{ leastTimes: number, leastTime: number }} enough `leastTime` in milliseconds
 * @param {() => Promise<number>} work returns how many milliseconds of it count
 * @returns {Promise<{ times: number, time: number }>}
 */
export async function repeat({ leastTimes, leastTime }, work) {
  let times = 0
  let time = 0
  for (; times < leastTimes || time < leastTime; times += 1) time += await work()
  return { times, time }
}
