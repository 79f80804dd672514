import { statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { memoryLimit, processLimit, readSystemFile } from './cgroup.ts'
import { type Finding, formatBytes } from './finding.ts'

// Below these, a pool of a few dozen processes may meet the limit.
const FEW_FILES = 4096
const FEW_PROCESSES = 512
const LITTLE_MEMORY = 256 * 1024 * 1024
const LITTLE_SHARED_MEMORY = 128 * 1024 * 1024

export function findLimits(): Finding[] {
  const limits = readSystemFile('/proc/self/limits') ?? ''
  return [findFiles(limits), findProcesses(limits), findMemory(), findAddressSpace(limits), findSharedMemory()]
}

/** The limit that holds now, not the one it could be raised to. Infinity: none, or not told. */
export function softLimit(limits: string, name: string): number {
  const soft = limits
    .split('\n')
    .find(line => line.startsWith(name))
    ?.slice(name.length)
    .trim()
    .split(/\s+/)[0]
  return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft)
}

function findFiles(limits: string): Finding {
  const files = softLimit(limits, 'Max open files')
  const few = files < FEW_FILES
  return limitFinding('open files', few, count(files), 'Each process that is started takes a few descriptors. Raise it: ulimit -n 65536.')
}

function findProcesses(limits: string): Finding {
  const processes = Math.min(softLimit(limits, 'Max processes'), processLimit())
  const few = processes < FEW_PROCESSES
  const advice = 'Every thread counts, and a process of Node.js has about ten. Raise it: ulimit -u, or docker run --pids-limit.'
  return limitFinding('processes', few, count(processes), advice)
}

function findMemory(): Finding {
  const memory = Math.min(totalmem(), memoryLimit())
  const little = memory < LITTLE_MEMORY
  const advice = 'A process of Node.js takes about 40 MiB. Start fewer with --jobs, or raise the limit of the control group.'
  const source = memory < totalmem() ? `control group; the machine has ${formatBytes(totalmem())}` : 'the machine'
  return limitFinding('memory', little, `${formatBytes(memory)} (${source})`, advice)
}

function findAddressSpace(limits: string): Finding {
  const space = softLimit(limits, 'Max address space')
  const limited = space !== Infinity
  return limitFinding(
    'address space',
    limited,
    limited ? formatBytes(space) : 'unlimited',
    'Node.js reserves far more than it uses: ulimit -v unlimited.',
  )
}

/** Only `SharedMemory` with a name lives there; locks, queues and what a pool sends are in memory without a name. */
function findSharedMemory(): Finding {
  try {
    const { bsize, blocks, bavail } = statfsSync('/dev/shm')
    const little = bavail * bsize < LITTLE_SHARED_MEMORY
    const value = `${formatBytes(blocks * bsize)}, ${formatBytes(bavail * bsize)} free`
    return limitFinding('/dev/shm', little, value, 'It bounds shared memory with a name, and nothing else: docker run --shm-size 1g.')
  } catch (error) {
    const finding = limitFinding(
      '/dev/shm',
      true,
      (error as Error).message,
      'Shared memory with a name needs it: mount -t tmpfs tmpfs /dev/shm.',
    )
    return { ...finding, state: 'missing' }
  }
}

function limitFinding(name: string, low: boolean, value: string, advice: string): Finding {
  return { area: 'limits', name, state: low ? 'warning' : 'ok', required: false, value, advice: low ? advice : null }
}

function count(limit: number): string {
  return limit === Infinity ? 'unlimited' : String(limit)
}
