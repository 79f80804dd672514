/** From the runs of a trial to its figures: which are headlines, and how each compares with ours. */

import { summarize } from './statistics.mjs'

/**
 * @typedef {object} Figure
 * @property {string} trial
 * @property {string} driver
 * @property {string} metric
 * @property {import('./statistics.mjs').Summary} summary
 * @property {string} unit
 * @property {'higher' | 'lower'} better
 * @property {boolean} headline
 */

/**
 * @param {string} trialName
 * @param {import('./contracts.mjs').Trial} trial
 * @param {import('./measure.mjs').Series[]} all
 * @returns {Figure[]}
 */
export function toFigures(trialName, trial, all) {
  return all
    .filter(({ failures }) => failures.length === 0)
    .flatMap(series => {
      const headline = trial.headlines.find(metric => series.values.has(metric))
      return Object.entries(trial.metrics).flatMap(([metric, { unit, better }]) => {
        const values = series.values.get(metric)
        if (values === undefined) return []
        const common = { trial: trialName, driver: series.driver, metric, unit, better }
        return [{ ...common, summary: summarize(values), headline: metric === headline }]
      })
    })
}

/**
 * How many times better ours is than this figure: compared with ours of the same metric, or, where there is
 * none (a bare fork has no first result), headline with headline.
 * @param {Figure} figure
 * @param {Figure[]} figures
 * @returns {{ ratio: number, metric: string } | undefined}
 */
export function compareWithOurs(figure, figures) {
  if (figure.driver === 'ours') return undefined
  const ours = figures.filter(({ driver }) => driver === 'ours')
  const same = ours.find(({ metric }) => metric === figure.metric)
  const counterpart = same ?? (figure.headline ? ours.find(({ headline }) => headline) : undefined)
  if (counterpart === undefined) return undefined
  const quotient = counterpart.summary.median / figure.summary.median
  return { ratio: figure.better === 'higher' ? quotient : 1 / quotient, metric: counterpart.metric }
}
