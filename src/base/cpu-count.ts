// How many processors this process may use, not how many the machine has: its affinity, and the quota of its cgroup.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

let counted: number | null = null

/** At least 1. Read once: later changes of the affinity are not seen. */
export function cpuCount(): number {
  counted ??= Math.max(1, Math.min(availableParallelism(), Math.ceil(cgroupQuota())))
  return counted
}

/** Processors' worth of time that the cgroup allows; Infinity without a limit. */
export function cgroupQuota(): number {
  const unified = readWords('/sys/fs/cgroup/cpu.max')
  if (unified !== null) return unified[0] === 'max' ? Infinity : Number(unified[0]) / Number(unified[1])
  const quota = readWords('/sys/fs/cgroup/cpu/cpu.cfs_quota_us')
  const period = readWords('/sys/fs/cgroup/cpu/cpu.cfs_period_us')
  return quota === null || period === null || Number(quota[0]) <= 0 ? Infinity : Number(quota[0]) / Number(period[0])
}

function readWords(file: string): string[] | null {
  try {
    return readFileSync(file, 'utf8').trim().split(/\s+/)
  } catch {
    return null // Not this kind of cgroup, or no right to read it: no limit that we know of.
  }
}
