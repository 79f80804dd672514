// What the control groups above this process allow. A limit of any group on the way up holds, so the lowest counts.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = '/sys/fs/cgroup'

/** The file's text, or null where there is none or it may not be read. */
export function readSystemFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** In bytes; Infinity: none. */
export function memoryLimit(): number {
  // Version 1 writes a number near 2^63 for no limit.
  const parse = (text: string): number => (Number(text) < 2 ** 60 ? Number(text) : Infinity)
  return lowest([...groupFiles('', 'memory.max'), ...groupFiles('memory', 'memory.limit_in_bytes')], parse)
}

/** How many processes and threads; Infinity: no limit. */
export function processLimit(): number {
  return lowest([...groupFiles('', 'pids.max'), ...groupFiles('pids', 'pids.max')], parsePlain)
}

/** How many cores' worth of time; Infinity: no limit. */
export function coreQuota(): number {
  const quota = lowest(groupFiles('', 'cpu.max'), text => {
    const [time = 'max', period] = text.split(' ')
    return parsePlain(time) / Number(period)
  })
  // Version 1 has the quota, -1 for none, and its period in files of their own.
  const period = lowest(groupFiles('cpu', 'cpu.cfs_period_us'), Number)
  const oldQuota = lowest(groupFiles('cpu', 'cpu.cfs_quota_us'), text => (Number(text) < 0 ? Infinity : Number(text) / period))
  return Math.min(quota, oldQuota)
}

function parsePlain(text: string): number {
  return text === 'max' ? Infinity : Number(text)
}

function lowest(paths: readonly string[], parse: (text: string) => number): number {
  const texts = paths.map(readSystemFile).filter(text => text !== null)
  return Math.min(...texts.map(text => parse(text.trim())))
}

/** Where `file` is for this process's group and for all above it. The controllers of version 1 have folders of their own; '' is version 2. */
function groupFiles(controller: string, file: string): string[] {
  const lines = (readSystemFile('/proc/self/cgroup') ?? '').split('\n').map(line => line.split(':'))
  const own = lines.find(([, controllers = '']) => controllers.split(',').includes(controller))
  if (own === undefined) return []
  const paths: string[] = []
  for (let group = own.slice(2).join(':'); ; group = dirname(group)) {
    paths.push(join(ROOT, controller, group, file))
    if (group === '/' || group === '.') return paths
  }
}
