/** The sending side of `function-send`: what happens in the process that calls. */

import { largeObject, makeConstant, makeWithNumber, makeWithObject, smallObject } from './closures.mjs'
import { importGeneratedModules } from './generated-modules.mjs'
import { clockDefinition, clockEach, functionsOf, medianDefinition, medianOfBatches } from './sending-clock.mjs'
import { square } from './tasks.mjs'

/** @typedef {import('../harness/contracts.mjs').FunctionSending} FunctionSending */
/** @typedef {import('../harness/contracts.mjs').AnyFunction} AnyFunction */
/** @typedef {import('../trials/function-send.mjs').Sizes} Sizes */

const warmUp = 20
const microseconds = 1_000

/** @param {FunctionSending} _sending @param {Sizes} sizes */
export async function awaitsBefore(_sending, { awaits }) {
  await clockAwaits(awaits / 4) // So that the loop is compiled.
  return { 'awaits-before': await clockAwaits(awaits) }
}

/** @param {FunctionSending} _sending @param {Sizes} sizes */
export async function awaitsAfter(_sending, { awaits }) {
  return { 'awaits-after': await clockAwaits(awaits) }
}

/** The best of three: whatever else happens makes it slower only. @param {number} count */
async function clockAwaits(count) {
  let best = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 3; turn += 1) {
    const start = performance.now()
    for (let round = 0; round < count; round += 1) await round
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** Loads whatever captures need: a parser, the inspector. @param {FunctionSending} sending */
export function firstCapture(sending) {
  return clockEach({ 'first-capture': () => clockDefinition(sending, makeWithNumber(1)) })
}

/** Functions that were sent before. @param {FunctionSending} sending @param {Sizes} sizes */
export function knownFunctions(sending, sizes) {
  return clockEach({
    'known-reference': () => clockKnown(sending, square, sizes),
    'known-closure': () => clockKnown(sending, makeConstant(), sizes),
  })
}

/**
 * @param {FunctionSending} sending
 * @param {AnyFunction} fn
 * @param {Sizes} sizes
 */
function clockKnown(sending, fn, sizes) {
  const define = () => sending.define(fn).letGo()
  medianOfBatches(define, sizes)
  return microseconds * medianOfBatches(define, sizes)
}

/** Functions made anew at a place in the code that is known. @param {FunctionSending} sending @param {Sizes} sizes */
export function knownSites(sending, { sites, batch, batches }) {
  const clock = (/** @type {(index: number) => AnyFunction} */ make) => {
    const functions = functionsOf(warmUp + sites, make)
    medianDefinition(sending, functions.slice(0, warmUp))
    return microseconds * medianDefinition(sending, functions.slice(warmUp))
  }
  const clockPayload = (/** @type {object} */ value) =>
    microseconds * medianOfBatches(() => sending.store(value), { batch: Math.ceil(batch / 10), batches })
  return clockEach({
    'same-captures': () => clock(makeConstant),
    'other-number': () => clock(makeWithNumber),
    'other-object': () => clock(index => makeWithObject(smallObject(index))),
    'other-10kb': () => clock(index => makeWithObject(largeObject(index))),
    'payload-object': () => clockPayload(smallObject(1)),
    'payload-10kb': () => clockPayload(largeObject(1)),
  })
}

/** Functions at places that are met for the first time. @param {FunctionSending} sending @param {Sizes} sizes */
export async function newSites(sending, { modules, longModules }) {
  const short = await importGeneratedModules({ count: modules, lines: 100 })
  const long = await importGeneratedModules({ count: longModules, lines: 2_000 })
  // The first of a file pays for reading all of it.
  const firsts = (/** @type {AnyFunction[][]} */ files) => files.flatMap(functions => functions.slice(0, 1))
  const others = (/** @type {AnyFunction[][]} */ files) => files.flatMap(functions => functions.slice(1))
  return clockEach({
    'new-site': () => medianDefinition(sending, firsts(short)),
    'new-site-same-file': () => medianDefinition(sending, others(short)),
    'new-site-long-file-first': () => medianDefinition(sending, firsts(long)),
    'new-site-long-file': () => medianDefinition(sending, others(long)),
  })
}
