/** The two ends of a stream of items through a queue: who puts, and who gets and says when all have come. */

/** @typedef {{ count: number, batch: number, make: string }} Stream */

/** @type {Record<string, (index: number) => unknown>} */
const makers = {
  ints: index => index,
  objects: index => ({ id: index, name: 'item', done: false }),
}

/** @param {any} queue @param {Stream} stream */
export function putAllSync(queue, { count, make }) {
  const maker = makerOf(make)
  for (let index = 0; index < count; index += 1) queue.putSync(maker(index))
}

/** @param {any} queue @param {Stream} stream */
export async function putAll(queue, { count, make }) {
  const maker = makerOf(make)
  for (let index = 0; index < count; index += 1) await queue.put(maker(index))
}

/** @param {any} queue @param {Stream} stream */
export function putAllInBatchesSync(queue, { count, batch, make }) {
  for (let index = 0; index < count; index += batch) queue.putManySync(batchFrom(index, batch, makerOf(make)))
}

/** @param {any} queue @param {Stream} stream */
export async function putAllInBatches(queue, { count, batch, make }) {
  for (let index = 0; index < count; index += batch) await queue.putMany(batchFrom(index, batch, makerOf(make)))
}

/** Gets every stream in turn and answers each with the number of items. @param {any} queue @param {any} answers @param {Stream[]} streams */
export function getAllSync(queue, answers, streams) {
  for (const { count } of streams) {
    for (let got = 0; got < count; got += 1) queue.getSync()
    answers.putSync(count)
  }
}

/** @param {any} queue @param {any} answers @param {Stream[]} streams */
export async function getAll(queue, answers, streams) {
  for (const { count } of streams) {
    for (let got = 0; got < count; got += 1) await queue.get()
    await answers.put(count)
  }
}

/** @param {any} queue @param {any} answers @param {Stream[]} streams */
export function getAllInBatchesSync(queue, answers, streams) {
  for (const { count, batch } of streams) {
    for (let got = 0; got < count; ) got += queue.getManySync(batch).length
    answers.putSync(count)
  }
}

/** @param {any} queue @param {any} answers @param {Stream[]} streams */
export async function getAllInBatches(queue, answers, streams) {
  for (const { count, batch } of streams) {
    for (let got = 0; got < count; ) got += (await queue.getMany(batch)).length
    await answers.put(count)
  }
}

/** @param {string} make */
function makerOf(make) {
  const maker = makers[make]
  if (maker === undefined) throw new Error(`No items are called ${make}`)
  return maker
}

/**
 * @param {number} start
 * @param {number} count
 * @param {(index: number) => unknown} maker
 */
function batchFrom(start, count, maker) {
  return Array.from({ length: count }, (_, index) => maker(start + index))
}
