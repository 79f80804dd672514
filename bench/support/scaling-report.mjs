/** The figures of `pool-scaling`: a row for each driver, and what ours is to reach. */

import { availableParallelism } from 'node:os'
import { align, format } from '../harness/report.mjs'

/** @typedef {import('../harness/figures.mjs').Figure} Figure */

export const workerCounts = Object.freeze([1, 2, 4, 8, 16, 32, 64])

const least = 0.85

/** @param {Figure[]} figures */
export function tabulateScaling(figures) {
  const drivers = [...new Set(figures.map(({ driver }) => driver))]
  const heading = ['  ', ...workerCounts.map(count => `${count}`), 'bare, 1', 'bare, all cores']
  const names = [...workerCounts.map(count => `workers-${count}`), 'bare-1', 'bare-all']
  const rates = drivers.map(driver => [`    ${driver}`, ...names.map(name => cell(valueOf(figures, driver, name), format))])
  const shares = drivers.map(driver => [
    `    ${driver}`,
    ...workerCounts.map(count => cell(shareOf(figures, driver, count), share => `${Math.round(share * 100)} %`)),
    '',
    '',
  ])
  const spreads = drivers.map(driver => [
    `    ${driver}`,
    ...names.map(name => cell(figureOf(figures, driver, name)?.summary.deviation, format)),
  ])
  return [
    align([['  tasks/s with so many workers', ...heading.slice(1)], ...rates]),
    '  of what the cores do without a pool',
    align(shares),
    '  deviation, tasks/s',
    align(spreads),
  ].join('\n')
}

/** @param {Figure[]} figures @returns {import('../harness/contracts.mjs').Verdict[]} */
export function judgeScaling(figures) {
  const cores = availableParallelism()
  const shares = workerCounts.map(count => ({ count, share: shareOf(figures, 'ours', count) }))
  const judged = (/** @type {string} */ bar, /** @type {typeof shares} */ some) => ({
    bar,
    met: some.every(({ share }) => share !== undefined) ? some.every(({ share }) => (share ?? 0) >= least) : undefined,
    detail: some.map(({ count, share }) => `${count}: ${cell(share, value => `${Math.round(value * 100)} %`)}`).join(', '),
  })
  return [
    judged(
      'up to the cores: within 15 % of what as many processes do without a pool',
      shares.filter(({ count }) => count <= cores),
    ),
    judged(
      'beyond them: no less',
      shares.filter(({ count }) => count > cores),
    ),
  ]
}

/**
 * Of what so many processes without a pool do, but no more of them than there are cores.
 * @param {Figure[]} figures
 * @param {string} driver
 * @param {number} count
 */
function shareOf(figures, driver, count) {
  const cores = availableParallelism()
  const [rate, one, all] = [`workers-${count}`, 'bare-1', 'bare-all'].map(name => valueOf(figures, driver, name))
  if (rate === undefined || one === undefined || all === undefined) return undefined
  return rate / (count === 1 ? one : (all * Math.min(count, cores)) / cores)
}

/** @param {Figure[]} figures @param {string} driver @param {string} metric */
function figureOf(figures, driver, metric) {
  return figures.find(figure => figure.driver === driver && figure.metric === metric)
}

/** @param {Figure[]} figures @param {string} driver @param {string} metric */
function valueOf(figures, driver, metric) {
  return figureOf(figures, driver, metric)?.summary.median
}

/** @param {number | undefined} value @param {(value: number) => string} show */
function cell(value, show) {
  return value === undefined ? 'n/a' : show(value)
}
