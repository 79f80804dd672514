/** Gets large arrays and answers each with something that is in it. */

/** @param {any} queue @param {any} answers @param {number} count */
export function takeLargeSync(queue, answers, count) {
  for (let got = 0; got < count; got += 1) {
    const array = queue.getSync()
    answers.putSync(array[0] + array[array.length - 1])
  }
}

/** @param {any} queue @param {any} answers @param {number} count */
export async function takeLarge(queue, answers, count) {
  for (let got = 0; got < count; got += 1) {
    const array = await queue.get()
    await answers.put(array[0] + array[array.length - 1])
  }
}
