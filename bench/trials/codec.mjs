/** Values to bytes and back, in one process: what a message costs beside its way. */

import { setImmediate as turn } from 'node:timers/promises'
import { codecDrivers } from '../harness/registry.mjs'
import { median } from '../harness/statistics.mjs'
import { judgeCodecs, tabulateCodecs } from '../support/codec-report.mjs'
import { cameBack, shapes, valuesOf } from '../support/shapes.mjs'

export const title = 'a value encoded and decoded; every shape is used by the same process before one is clocked'

export const drivers = codecDrivers

/** `int`: there and back, one after the other; `int-encode` and `int-decode`: many of one, then many of the other. */
export const metrics = Object.fromEntries(
  Object.keys(shapes).flatMap(shape =>
    ['', '-encode', '-decode'].map(part => [`${shape}${part}`, { unit: 'µs', better: /** @type {const} */ ('lower') }]),
  ),
)

export const headlines = Object.keys(shapes)

export const toTable = tabulateCodecs

export const judge = judgeCodecs

/**
 * @typedef {object} Clocked
 * @property {import('../harness/contracts.mjs').Codec} codec
 * @property {unknown[]} values one for each slot
 */

/**
 * Messages come by the event loop, and in it the memory of large ones and of Node's buffers is given back: that is clocked, too. Every
 * millisecond, so that a turn in which nothing is to do costs no value anything.
 */
const turnEvery = 1

/** Keeps what was decoded last, so that nothing is optimized away. @type {unknown} */
let sink

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  if (!driver.openCodec) return { values: {}, unavailable: { codec: 'makes no bytes of values' } }
  const sizes = quick ? { warmUp: 100, samples: 3, sample: 4 } : { warmUp: 2_000, samples: 9, sample: 20 }
  const codec = await driver.openCodec(256)
  /** @type {Record<string, string>} */
  const unavailable = {}
  /** @type {Record<string, Clocked>} */
  const able = {}
  for (const [name, shape] of Object.entries(shapes)) {
    const values = valuesOf(shape)
    const reason = whyNot(codec, shape, values)
    if (reason === undefined) able[name] = { codec, values }
    else unavailable[name] = reason
  }
  await mix(Object.values(able), sizes.warmUp)
  /** @type {Record<string, number>} */
  const values = {}
  for (const [name, clocked] of Object.entries(able)) {
    Object.assign(values, await clockShape(name, clocked, sizes))
  }
  for (const [name, { values: sent }] of Object.entries(able)) {
    if (whyNot(codec, shapes[name], sent) !== undefined) throw new Error(`After the measurement ${name} did not come back any more`)
  }
  return { values, unavailable }
}

/**
 * Why the codec cannot do the shape, if it cannot. Only of a lossy one is it no failure that something else comes back.
 * @param {import('../harness/contracts.mjs').Codec} codec
 * @param {any} shape
 * @param {unknown[]} values
 */
function whyNot(codec, shape, values) {
  for (const [slot, value] of values.entries()) {
    try {
      codec.encode(value, slot)
    } catch (error) {
      return `refused: ${error instanceof Error ? error.message : error}`
    }
    if (cameBack(shape, value, codec.decode(slot))) continue
    if (codec.lossy) return 'what comes back is not equal'
    throw new Error(`What came back is not equal to what was sent: ${String(value).slice(0, 100)}`)
  }
  return undefined
}

/**
 * A process sends all kinds of values. A codec that has met one shape only is faster than it ever is in a program.
 * @param {Clocked[]} all
 * @param {number} least milliseconds
 */
async function mix(all, least) {
  const start = performance.now()
  while (performance.now() - start < least) for (const clocked of all) await clockBoth(clocked, 0)
}

/**
 * @param {string} name
 * @param {Clocked} clocked
 * @param {{ samples: number, sample: number }} sizes
 */
async function clockShape(name, clocked, { samples, sample }) {
  const both = []
  const encode = []
  const decode = []
  await clockBoth(clocked, sample) // What the shape before has left to be collected is not this one's.
  for (let count = 0; count < samples; count += 1) {
    both.push(await clockBoth(clocked, sample))
    const halves = await clockHalves(clocked, sample)
    encode.push(halves.encode)
    decode.push(halves.decode)
  }
  return { [name]: median(both), [`${name}-encode`]: median(encode), [`${name}-decode`]: median(decode) }
}

/**
 * @param {Clocked} clocked
 * @param {number} least milliseconds
 * @returns {Promise<number>} microseconds of a value
 */
async function clockBoth({ codec, values }, least) {
  let count = 0
  const start = performance.now()
  let lastTurn = start
  let now = start
  do {
    for (let slot = 0; slot < values.length; slot += 1) {
      codec.encode(values[slot], slot)
      sink = codec.decode(slot)
    }
    count += values.length
    now = performance.now()
    if (now - lastTurn > turnEvery) {
      await turn()
      now = lastTurn = performance.now()
    }
  } while (now - start < least)
  return ((now - start) * 1000) / count
}

/**
 * @param {Clocked} clocked
 * @param {number} least milliseconds
 */
async function clockHalves({ codec, values }, least) {
  let count = 0
  let encode = 0
  let decode = 0
  let lastTurn = performance.now()
  do {
    const start = performance.now()
    for (let slot = 0; slot < values.length; slot += 1) codec.encode(values[slot], slot)
    const middle = performance.now()
    for (let slot = 0; slot < values.length; slot += 1) sink = codec.decode(slot)
    if (performance.now() - lastTurn > turnEvery) {
      await turn()
      lastTurn = performance.now()
    }
    encode += middle - start
    decode += performance.now() - middle
    count += values.length
  } while (encode + decode < least)
  return { encode: (encode * 1000) / count, decode: (decode * 1000) / count }
}

/** Read by nobody, which the optimizer cannot know. */
export const lastDecoded = () => sink
