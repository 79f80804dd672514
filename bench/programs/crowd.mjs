/** Many that put into one queue and many that get from it, all at the same time; `start` is a barrier. */

/** @typedef {{ queue: any, start: any, warmUp: number, count: number }} Crowd `warmUp` and `count` for each */

/** @param {string} _path @param {Crowd} crowd */
export function produce(_path, { queue, start, warmUp, count }) {
  for (const items of [warmUp, count]) {
    start.waitSync()
    for (let index = 0; index < items; index += 1) queue.putSync(index)
  }
  start.waitSync()
}

/** @param {string} path @param {Crowd & { append: (path: string, line: string) => void }} crowd */
export async function consume(path, { queue, start, warmUp, count }) {
  const { appendFileSync } = await import('node:fs')
  let [begin, sum] = [0, 0]
  for (const items of [warmUp, count]) {
    start.waitSync()
    begin = performance.now()
    sum = 0
    for (let index = 0; index < items; index += 1) sum += queue.getSync()
  }
  // Until the last of all has got its last.
  start.waitSync()
  appendFileSync(path, `${performance.now() - begin} ${sum}\n`)
}
