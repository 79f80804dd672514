/** Figures as lines of JSON for programs, and as tables for people. */

import { compareWithOurs } from './figures.mjs'

/** @typedef {import('./figures.mjs').Figure} Figure */

/** @param {Figure} figure */
export function toJsonLine({ trial, driver, metric, summary, unit, better, headline }) {
  const { median, min, max, deviation, runs } = summary
  return JSON.stringify({ trial, driver, metric, value: median, unit, better, headline, min, max, deviation, runs })
}

/**
 * What has no figure, one line each: `n/a: reason` for what a driver cannot do, `failed: …` for what broke.
 * @param {string} trial
 * @param {import('./measure.mjs').Series[]} all
 */
export function toNotes(trial, all) {
  return all.flatMap(({ driver, unavailable, failures }) => [
    ...[...unavailable].map(([metric, reason]) => `${trial} ${driver} ${metric} n/a: ${reason}`),
    ...failures.map(failure => `${trial} ${driver} failed: ${failure}`),
  ])
}

/**
 * A line for each bar of the trial.
 * @param {string} trialName
 * @param {import('./contracts.mjs').Trial} trial
 * @param {Figure[]} figures
 */
export function toVerdicts(trialName, trial, figures) {
  const words = (/** @type {boolean | undefined} */ met) => (met === undefined ? 'not judged' : met ? 'met' : 'MISSED')
  return (trial.judge?.(figures) ?? []).map(({ bar, met, detail }) => `${trialName} bar ${words(met)}: ${bar} (${detail})`)
}

/**
 * A block per metric, the headline's first; in it a row per driver, the best first. A trial may have a table of its own.
 * @param {string} trialName
 * @param {import('./contracts.mjs').Trial} trial
 * @param {Figure[]} figures
 */
export function toTable(trialName, trial, figures) {
  if (trial.toTable) return `${trialName}: ${trial.title}\n${trial.toTable(figures)}`
  const inOrder = [...new Set([...trial.headlines, ...Object.keys(trial.metrics)])]
  const blocks = inOrder.map(metric => metricBlock(metric, figures)).filter(block => block !== '')
  return [`${trialName}: ${trial.title}`, ...blocks].join('\n')
}

/**
 * @param {string} metric
 * @param {Figure[]} figures
 */
function metricBlock(metric, figures) {
  const rows = figures.filter(figure => figure.metric === metric)
  const first = rows[0]
  if (first === undefined) return ''
  const direction = first.better === 'higher' ? 1 : -1
  rows.sort((a, b) => direction * (b.summary.median - a.summary.median))
  const cells = rows.map(figure => rowOf(figure, figures))
  const heading = [`  ${metric}, ${first.unit}`, 'median', 'min', 'max', 'deviation', 'ours is']
  return align([heading, ...cells])
}

/**
 * @param {Figure} figure
 * @param {Figure[]} figures
 */
function rowOf(figure, figures) {
  const { median, min, max, deviation } = figure.summary
  const star = figure.headline ? ' *' : ''
  return [`    ${figure.driver}${star}`, ...[median, min, max, deviation].map(format), relation(figure, figures)]
}

/**
 * @param {Figure} figure
 * @param {Figure[]} figures
 */
function relation(figure, figures) {
  const comparison = compareWithOurs(figure, figures)
  if (comparison === undefined) return ''
  const counterpart = comparison.metric === figure.metric ? '' : ` (our ${comparison.metric})`
  return `${comparison.ratio.toFixed(2)} times as good${counterpart}`
}

/** @param {number} value */
export function format(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 2)
}

/** Columns of equal width, the first one to the left. @param {string[][]} rows */
export function align(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const line = (/** @type {string[]} */ row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column, row.length))
      .join('  ')
      .trimEnd()
  return rows.map(line).join('\n')
}

/**
 * Names to the left, numbers to the right, the comparison as it comes.
 * @param {string} cell
 * @param {number} width
 * @param {number} column
 * @param {number} columns
 */
function pad(cell, width, column, columns) {
  if (column === 0) return cell.padEnd(width)
  return column === columns - 1 ? cell : cell.padStart(width)
}
