/** The figures of `process-start` by start method, and what they are to reach. */

import { align, format } from '../harness/report.mjs'
import { loads, methodsOf } from './process-start-plan.mjs'

/** @typedef {import('../harness/figures.mjs').Figure} Figure */
/** @typedef {import('../harness/contracts.mjs').Verdict} Verdict */
/** @typedef {(driver: string, metric: string) => number | undefined} Values */

const loadNames = { idle: 'idle', objects: '1 M objects', allocating: 'allocating', buffers: '1 GiB of buffers' }

/** @param {Figure[]} figures */
export function tabulateStarts(figures) {
  const value = valuesOf(figures)
  const starts = methodsOf.ours.flatMap(method => methodRows(method, figures, value))
  const others = figures
    .filter(({ unit }) => unit !== 'ms')
    .map(({ driver, metric, unit, summary }) => [
      `    ${metric}, ${driver}`,
      ...[summary.median, summary.min, summary.max, summary.deviation].map(format),
      unit,
    ])
  return [
    `  node ${process.versions.node}; times in ms, with what the parent holds or does`,
    align([['  ', 'median', 'p99', 'deviation', ''], ...starts]),
    align([['  ', 'median', 'min', 'max', 'deviation', ''], ...others]),
  ].join('\n')
}

/**
 * @param {string} method
 * @param {Figure[]} figures
 * @param {Values} value
 */
function methodRows(method, figures, value) {
  const cell = (/** @type {number | undefined} */ number) => (number === undefined ? '' : format(number))
  const rowsOf = (/** @type {string} */ metric, /** @type {string} */ words) =>
    figures
      .filter(figure => figure.metric === metric)
      .map(({ driver, summary }) => {
        const ours = value('ours', metric)
        const relation = driver === 'ours' || ours === undefined ? '' : `ours takes ${(ours / summary.median).toFixed(2)} times this`
        return [`    ${words}, ${driver}`, cell(summary.median), cell(value(driver, `${metric}-p99`)), cell(summary.deviation), relation]
      })
  const rows = [...rowsOf(`${method}-first`, 'the first, idle'), ...loads.flatMap(load => rowsOf(`${method}-${load}`, loadNames[load]))]
  return rows.length > 0 ? [[`  ${method}`, '', '', '', ''], ...rows] : []
}

/** @param {Figure[]} figures */
export function judgeStarts(figures) {
  const value = valuesOf(figures)
  return [...judgeTimes(value), ...judgeMemory(value), judgeSpeed(value)]
}

/** @param {Values} value */
function judgeTimes(value) {
  const loaded = loads.filter(load => load !== 'idle')
  const besidePython = (/** @type {string} */ method, /** @type {readonly string[]} */ names) =>
    quotients(value, Object.fromEntries(names.map(load => [`${method}-${load}`, ['python', `${method}-${load}`]])))
  return [
    judge('fork from an idle parent: sooner than Python', 1, besidePython('fork', ['idle'])),
    judge('fork from a loaded parent: at most 1.5 times what Python takes', 1.5, besidePython('fork', loaded)),
    judge('forkserver, parent idle: at most half of what Python takes', 0.5, besidePython('forkserver', ['idle'])),
    judge('forkserver, parent loaded: at most half of what Python takes', 0.5, besidePython('forkserver', loaded)),
    judge(
      'fork and forkserver from an idle parent: at most a tenth of child_process.fork',
      0.1,
      quotients(value, { 'fork-idle': ['child-process', 'spawn-idle'], 'forkserver-idle': ['child-process', 'spawn-idle'] }),
    ),
    judge(
      'spawn from an idle parent: at most 1.15 times child_process.fork',
      1.15,
      quotients(value, { 'spawn-idle': ['child-process', 'spawn-idle'] }),
    ),
  ]
}

/** @param {Values} value */
function judgeMemory(value) {
  const reading = ['fork-read-used', 'fork-read-dirty']
  return [
    judge('a forked child that reads 1 GiB of its parent: less than 100 MB', 100, ownValues(value, reading), 'MB'),
    judge(
      'an idle child of fork or forkserver: at most a tenth of the private memory of one of child_process.fork',
      0.1,
      quotients(value, { 'fork-private': ['child-process', 'spawn-private'], 'forkserver-private': ['child-process', 'spawn-private'] }),
    ),
  ]
}

/** @param {Values} value */
function judgeSpeed(value) {
  const speeds = ['speed-numeric', 'speed-allocating', 'speed-json']
  return judge(
    `loops in a forked child on node ${process.versions.node}: at most 1.1 times as long as in its parent`,
    1.1,
    ownValues(value, speeds),
  )
}

/**
 * @param {Figure[]} figures
 * @returns {Values}
 */
function valuesOf(figures) {
  const medians = new Map(figures.map(({ driver, metric, summary }) => [`${driver} ${metric}`, summary.median]))
  return (driver, metric) => medians.get(`${driver} ${metric}`)
}

/**
 * @param {Values} value
 * @param {readonly string[]} metrics
 */
function ownValues(value, metrics) {
  return Object.fromEntries(metrics.map(metric => [metric, value('ours', metric)]))
}

/**
 * Each of ours as a share of another driver's figure.
 * @param {Values} value
 * @param {Record<string, [driver: string, metric: string]>} comparisons
 */
function quotients(value, comparisons) {
  const entries = Object.entries(comparisons).map(([metric, [driver, other]]) => {
    const [ours, theirs] = [value('ours', metric), value(driver, other)]
    return [metric, ours === undefined || theirs === undefined ? undefined : ours / theirs]
  })
  return Object.fromEntries(entries)
}

/**
 * @param {string} bar
 * @param {number} limit
 * @param {Record<string, number | undefined>} values
 * @param {string} [unit]
 * @returns {Verdict}
 */
function judge(bar, limit, values, unit = 'times') {
  const entries = Object.entries(values)
  const detail = entries.map(([name, number]) => `${name} ${number === undefined ? 'n/a' : format(number)}`).join(', ')
  const met = entries.every(([, number]) => number !== undefined) ? entries.every(([, number]) => (number ?? limit) <= limit) : undefined
  return { bar, met, detail: `${detail} ${unit}` }
}
