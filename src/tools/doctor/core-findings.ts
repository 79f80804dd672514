import { cpus } from 'node:os'
import { cpuCount } from '../../index.ts'
import { coreQuota, readSystemFile } from './cgroup.ts'
import type { Finding } from './finding.ts'

/** How many processes can run at once, and what sets that number. */
export function findCores(): Finding[] {
  const used = cpuCount()
  const quota = coreQuota()
  const affinity = /^Cpus_allowed_list:\s*(\S+)/m.exec(readSystemFile('/proc/self/status') ?? '')?.[1] ?? 'unknown'
  return [
    {
      area: 'cores',
      name: 'cores',
      state: used > 1 ? 'ok' : 'warning',
      required: false,
      value: `${used} used of ${cpus().length} (affinity ${affinity}, control group ${quota === Infinity ? 'without a quota' : `allows ${quota}`})`,
      advice:
        used > 1 ? null : 'On one core a pool gains nothing but isolation. Allow more: taskset, docker run --cpus, or a larger machine.',
    },
  ]
}
