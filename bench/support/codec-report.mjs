/** The figures of `codec` as a row for each shape, and what they are to reach. */

import { align } from '../harness/report.mjs'
import { shapes } from './shapes.mjs'

/** @typedef {import('../harness/figures.mjs').Figure} Figure */

const parts = [
  { suffix: '', heading: 'encode and decode, µs' },
  { suffix: '-encode', heading: 'encode alone, µs' },
  { suffix: '-decode', heading: 'decode alone, µs' },
]

/** Those that ours must not be behind; the last columns compare with them. */
const compared = ['v8', 'msgpackr-identity']

/** @param {Figure[]} figures */
export function tabulateCodecs(figures) {
  const drivers = [...new Set(figures.map(({ driver }) => driver))]
  return parts.map(part => align([headingOf(part.heading, drivers), ...rowsOf(part.suffix, figures, drivers)])).join('\n')
}

/**
 * @param {string} heading
 * @param {string[]} drivers
 */
function headingOf(heading, drivers) {
  return [`  ${heading}`, ...drivers, ...compared.map(name => `${name} / ours`)]
}

/**
 * @param {string} suffix
 * @param {Figure[]} figures
 * @param {string[]} drivers
 */
function rowsOf(suffix, figures, drivers) {
  return shapesIn(figures).map(shape => {
    const cells = drivers.map(driver => cell(find(figures, driver, shape + suffix)))
    const ratios = compared.map(rival => ratio(figures, rival, shape + suffix)?.toFixed(2) ?? '')
    return [`    ${shape}`, ...cells, ...ratios]
  })
}

/** The median, and how far half of the runs are from it at most. @param {Figure | undefined} figure */
function cell(figure) {
  if (figure === undefined) return 'n/a'
  const { median, deviation } = figure.summary
  return `${short(median)} ±${short(deviation)}`
}

/** @param {number} value */
function short(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 3)
}

/** @param {Figure[]} figures */
function shapesIn(figures) {
  return Object.keys(shapes).filter(shape => figures.some(({ metric }) => metric === shape))
}

/**
 * @param {Figure[]} figures
 * @param {string} driver
 * @param {string} metric
 */
function find(figures, driver, metric) {
  return figures.find(figure => figure.driver === driver && figure.metric === metric)
}

/**
 * How many times as long the rival takes; undefined: one of both has no figure.
 * @param {Figure[]} figures
 * @param {string} rival
 * @param {string} metric
 */
function ratio(figures, rival, metric) {
  const theirs = find(figures, rival, metric)
  const ours = find(figures, 'ours', metric)
  return theirs && ours ? theirs.summary.median / ours.summary.median : undefined
}

/** The bars are about encode and decode together. @param {Figure[]} figures */
export function judgeCodecs(figures) {
  const all = shapesIn(figures)
  return [
    judge('faster than v8.serialize on every shape', figures, 'v8', all, 1),
    judge('at least 3 times as fast as v8.serialize on int, string and object', figures, 'v8', ['int', 'string', 'object'], 3),
    judge('no slower than msgpackr with identity on any shape', figures, 'msgpackr-identity', all, 1),
  ]
}

/**
 * A shape that the rival can do and ours cannot is missed, not left out.
 * @param {string} bar
 * @param {Figure[]} figures
 * @param {string} rival
 * @param {string[]} all
 * @param {number} least
 * @returns {import('../harness/contracts.mjs').Verdict}
 */
function judge(bar, figures, rival, all, least) {
  const judged = all.filter(shape => find(figures, rival, shape) !== undefined)
  if (judged.length === 0 || !figures.some(({ driver }) => driver === 'ours')) return { bar, met: undefined, detail: 'not measured' }
  const ratios = judged.map(shape => ({ shape, times: ratio(figures, rival, shape) }))
  const missed = ratios.filter(({ times }) => times === undefined || times < least)
  const worst = ratios.reduce((least, each) => ((each.times ?? 0) < (least.times ?? 0) ? each : least))
  const detail = missed.length === 0 ? `least: ${say(worst)}` : missed.map(say).join(', ')
  return { bar, met: missed.length === 0, detail }
}

/** @param {{ shape: string, times: number | undefined }} ratio */
function say({ shape, times }) {
  return times === undefined ? `${shape}: ours cannot` : `${shape} ${times.toFixed(2)}`
}
