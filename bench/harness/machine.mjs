/** What the figures were measured on. */

import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release } from 'node:os'

const pythonQuestion = 'import platform, multiprocessing as m; print(platform.python_version(), "start method", m.get_start_method())'

/** One line for a person. The load tells how much else was going on. */
export function describeMachine() {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const load = (loadavg()[0] ?? 0).toFixed(2)
  return [
    `${availableParallelism()} cores (${model})`,
    `${process.platform} ${release()} ${process.arch}`,
    `node ${process.versions.node}`,
    `python ${pythonVersion()}`,
    `load ${load} before the first run`,
  ].join(' · ')
}

function pythonVersion() {
  const { status, stdout } = spawnSync('python3', ['-c', pythonQuestion], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 'not found'
}
