/** The other side of `drivers/ours-wait.mjs`: throws every ball back until it is told to stop. */

const { WaitWord } = await import(new URL('../../build/src/sync/waiting/wait-word.js', import.meta.url).href)

/**
 * @param {number} there
 * @param {number} back
 * @param {number} stop
 */
export function echoSync(there, back, stop) {
  const [arriving, leaving] = [new WaitWord(there), new WaitWord(back)]
  for (let ball = leaving.value; ; leaving.set(ball)) {
    arriving.waitSync(ball)
    ball = arriving.value
    if (ball === stop) return
  }
}

/**
 * @param {number} there
 * @param {number} back
 * @param {number} stop
 */
export async function echo(there, back, stop) {
  const [arriving, leaving] = [new WaitWord(there), new WaitWord(back)]
  for (let ball = leaving.value; ; leaving.set(ball)) {
    await arriving.wait(ball)
    ball = arriving.value
    if (ball === stop) return
  }
}

/** @param {number[]} references */
export function setAll(references) {
  for (const reference of references) new WaitWord(reference).set(1)
}
