/** Trials of ours beside Python's: their metrics, a table with both in a row, and what ours is to reach. */

import { align, format } from '../harness/report.mjs'

/** @typedef {import('../harness/figures.mjs').Figure} Figure */
/** @typedef {import('../harness/contracts.mjs').Verdict} Verdict */

export const besidePython = /** @type {const} */ (['ours', 'python'])

/**
 * @param {Record<string, { better: 'higher' | 'lower', names: string[] }>} units
 */
export function metricsIn(units) {
  return Object.fromEntries(Object.entries(units).flatMap(([unit, { better, names }]) => names.map(name => [name, { unit, better }])))
}

/**
 * @param {Figure[]} figures
 * @param {Record<string, string>} [counterparts] Python's metric for those of ours that it has under another name
 */
export function tabulateBesidePython(figures, counterparts = {}) {
  const ofOurs = figures.filter(({ driver }) => driver === 'ours').map(({ metric }) => metric)
  const shownBesideOurs = new Set(ofOurs.map(name => counterparts[name] ?? name))
  const onlyPythons = figures
    .filter(({ driver, metric }) => driver === 'python' && !shownBesideOurs.has(metric))
    .map(({ metric }) => metric)
  const names = [...ofOurs, ...onlyPythons]
  const rows = names.map(name => {
    const ours = figureOf(figures, 'ours', name)
    const python = figureOf(figures, 'python', counterparts[name] ?? name)
    const relation = ours && python ? `${format(timesAsGood(ours, python))} times as good` : ''
    return [`    ${name}, ${(ours ?? python)?.unit}`, ...cells(ours), ...cells(python), relation]
  })
  return align([['  ', 'ours', 'min', 'max', 'deviation', 'python', 'min', 'max', 'deviation', 'ours is'], ...rows])
}

/** @param {Figure | undefined} figure */
function cells(figure) {
  if (figure === undefined) return ['', '', '', '']
  const { median, min, max, deviation } = figure.summary
  return [median, min, max, deviation].map(format)
}

/**
 * A bar for how many times as good each of ours is as another figure, Python's as a rule.
 * @param {Figure[]} figures
 * @param {{ bar: string, least: number, pairs: Record<string, string>, driver?: string }} wanted `pairs`: our metric and the other's
 * @returns {Verdict}
 */
export function judgeRatios(figures, { bar, least, pairs, driver = 'python' }) {
  const compared = Object.entries(pairs).map(([ourMetric, otherMetric]) => {
    const [ours, other] = [figureOf(figures, 'ours', ourMetric), figureOf(figures, driver, otherMetric)]
    const ratio = ours && other && timesAsGood(ours, other)
    const whose = driver === 'ours' ? otherMetric : driver
    return {
      ratio,
      words: `${ourMetric} ${show(ours)}, ${whose} ${show(other)}, ${ratio === undefined ? 'n/a' : `${format(ratio)} times`}`,
    }
  })
  return {
    bar,
    met: compared.every(({ ratio }) => ratio !== undefined) ? compared.every(({ ratio }) => (ratio ?? 0) >= least) : undefined,
    detail: compared.map(({ words }) => words).join('; '),
  }
}

/**
 * A bar for one of our figures alone.
 * @param {Figure[]} figures
 * @param {{ bar: string, below: number, metric: string }} wanted
 * @returns {Verdict}
 */
export function judgeLimit(figures, { bar, below, metric }) {
  const [ours, python] = besidePython.map(driver => figureOf(figures, driver, metric))
  const beside = python ? `, python ${show(python)}` : ''
  return { bar, met: ours && ours.summary.median < below, detail: `${metric} ${show(ours)}${beside}` }
}

/**
 * @param {Figure[]} figures
 * @param {string} driver
 * @param {string} metric
 */
function figureOf(figures, driver, metric) {
  return figures.find(figure => figure.driver === driver && figure.metric === metric)
}

/**
 * Of two figures in the same unit: twice the rate, or half the time, is 2.
 * @param {Figure} ours
 * @param {Figure} other
 */
function timesAsGood({ better, summary }, other) {
  const quotient = summary.median / other.summary.median
  return better === 'higher' ? quotient : 1 / quotient
}

/** @param {Figure | undefined} figure */
function show(figure) {
  return figure === undefined ? 'n/a' : `${format(figure.summary.median)} ${figure.unit}`
}
