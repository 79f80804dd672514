/** The values of `codec`: for each shape several values, so that no codec is measured by what it remembers of one. */

import { isDeepStrictEqual } from 'node:util'

/**
 * @typedef {object} Shape
 * @property {(variant: number) => unknown} make
 * @property {number} slots messages that exist at the same time
 * @property {(sent: any, got: any) => boolean} [same] default: deep equality, prototypes and types included
 */

const few = 4
const many = 256

/** @type {Record<string, Shape>} */
export const shapes = {
  int: { make: variant => 100_000 + variant * 7, slots: many },
  string: { make: variant => `an ordinary text of forty characters ${1000 + variant}`, slots: many },
  'string-unicode': { make: variant => `Größe, размер, 大きさ, μέγεθος, حجم, 🐘 ${1000 + variant}`, slots: many },
  object: { make: variant => ({ id: 1000 + variant, name: `resize-${variant}`, args: [1, 2, 'x'], ok: true }), slots: many },
  'integers-100': { make: variant => Array.from({ length: 100 }, (_, index) => (index * 7919 + variant) % 1_000_000), slots: many },
  'doubles-100': { make: variant => Array.from({ length: 100 }, (_, index) => (index + variant) * 1.1 + 0.25), slots: many },
  nested: { make: makeNested, slots: many },
  'objects-10000': { make: variant => Array.from({ length: 10_000 }, (_, index) => makeRow(index + variant)), slots: few },
  'float64-1mb': { make: variant => Float64Array.from({ length: 131_072 }, (_, index) => index / (variant + 3)), slots: few },
  error: { make: makeError, slots: many, same: isSameError },
}

/** @param {number} variant */
function makeNested(variant) {
  const owner = { name: `owner-${variant}`, born: new Date(1_000_000_000_000 + variant), tags: new Set(['red', 'green', variant]) }
  return {
    owner,
    settings: new Map([
      ['retries', { limit: 3, wait: 0.5 }],
      ['paths', { limit: variant, wait: 1.5 }],
    ]),
    children: [
      { depth: 1, children: [{ depth: 2, children: [] }] },
      { depth: 1, children: [] },
    ],
    changed: new Date(1_500_000_000_000 + variant),
  }
}

/** @param {number} index */
function makeRow(index) {
  return { id: index, name: `row ${index % 100}`, price: index * 1.25 + 0.1, active: index % 3 === 0, parent: null }
}

/** @param {number} variant */
function makeError(variant) {
  return new RangeError(`Expected a size of at most ${variant}, got ${variant + 1}`)
}

/** Not every codec brings the stack along; what does not is measured all the same, in its favour. @param {any} sent @param {any} got */
function isSameError(sent, got) {
  return got instanceof RangeError && got.message === sent.message && got.name === sent.name
}

/** The values of a shape, one for each slot; those of large shapes are all different, of small ones every sixteenth. @param {Shape} shape */
export function valuesOf({ make, slots }) {
  const variants = Array.from({ length: Math.min(slots, 16) }, (_, variant) => make(variant))
  return Array.from({ length: slots }, (_, slot) => variants[slot % variants.length])
}

/**
 * @param {Shape} shape
 * @param {unknown} sent
 * @param {unknown} got
 */
export function cameBack({ same = isDeepStrictEqual }, sent, got) {
  return same(sent, got)
}
