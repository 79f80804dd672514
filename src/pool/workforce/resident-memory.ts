const PAGE_BYTES = 4096

/** Bytes that a process has in memory, shared ones included; of a thread, those of its process. 0: it is gone, or not yet there. */
export function residentMemory(pid: number): number {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs')
    const [, resident] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')
    return Number(resident) * PAGE_BYTES
  } catch {
    return 0
  }
}
