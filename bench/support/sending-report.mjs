/** The figures of `function-send` as one list, and what they are to reach. */

import { align, format } from '../harness/report.mjs'

/** @typedef {import('../harness/figures.mjs').Figure} Figure */
/** @typedef {import('../harness/contracts.mjs').Verdict} Verdict */

/** @param {Figure[]} figures */
export function tabulateSending(figures) {
  const rows = figures.map(({ driver, metric, unit, summary: { median, min, max, deviation } }) => [
    `    ${metric}`,
    ...[median, min, max, deviation].map(format),
    driver === 'ours' ? unit : `${unit} (${driver})`,
  ])
  return align([['  ', 'median', 'min', 'max', 'deviation', ''], ...rows])
}

/** @param {Figure[]} figures */
export function judgeSending(figures) {
  const value = (/** @type {string} */ name) => figures.find(({ driver, metric }) => driver === 'ours' && metric === name)?.summary.median
  const beside = (/** @type {string} */ whole, /** @type {string} */ payload) => (value(whole) ?? Number.NaN) - (value(payload) ?? 0)
  return [
    judge('a known function whose captures are imports and constant primitives: below 5 µs', 5, 'µs', {
      'known-closure': value('known-closure'),
    }),
    judge('a known place in the code with other captures: below 500 µs plus what the captured values alone cost', 500, 'µs', {
      'same-captures': value('same-captures'),
      'other-number': value('other-number'),
      'other-object': beside('other-object', 'payload-object'),
      'other-10kb': beside('other-10kb', 'payload-10kb'),
    }),
    judge('a new place in the code: below 5 ms', 5, 'ms', {
      'new-site': value('new-site'),
      'new-site-same-file': value('new-site-same-file'),
      'new-site-long-file': value('new-site-long-file'),
    }),
    judge('the first function of a file of 2,000 lines, all of which is read for it: below 5 ms', 5, 'ms', {
      'new-site-long-file-first': value('new-site-long-file-first'),
    }),
  ]
}

/**
 * @param {string} bar
 * @param {number} limit
 * @param {string} unit
 * @param {Record<string, number | undefined>} values
 * @returns {Verdict}
 */
function judge(bar, limit, unit, values) {
  const entries = Object.entries(values)
  const detail = entries.map(([name, value]) => `${name} ${value === undefined || Number.isNaN(value) ? 'n/a' : format(value)}`).join(', ')
  const measured = entries.every(([, value]) => value !== undefined && !Number.isNaN(value))
  return { bar, met: measured ? entries.every(([, value]) => (value ?? limit) < limit) : undefined, detail: `${detail} ${unit}` }
}
