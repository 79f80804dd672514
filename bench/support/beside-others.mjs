/** Rows for drivers that stand neither for us nor for Python. */

import { format } from '../harness/report.mjs'

/** @param {import('../harness/figures.mjs').Figure[]} figures */
export function listOthers(figures) {
  return figures
    .filter(({ driver }) => driver !== 'ours' && driver !== 'python')
    .map(({ driver, metric, unit, summary }) => `    beside them: ${driver}, ${metric} ${format(summary.median)} ${unit}`)
    .join('\n')
}
