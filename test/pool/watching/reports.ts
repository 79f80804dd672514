import type { TaskReport, WorkerReport } from '../../../src/pool/watching/reports.ts'

/** The try of a task that waited 5 ms and ran 10. */
export function taskReport(changes: Partial<TaskReport> = {}): TaskReport {
  return {
    id: 7,
    name: 'square',
    items: 3,
    attempt: 1,
    pid: 4321,
    worker: 'PoolWorker-1',
    submitted: 1_700_000_000_000,
    started: 1_700_000_000_005,
    runTime: 10,
    bytesOut: 64,
    bytesBack: 32,
    ...changes,
  }
}

export const firstWorker: WorkerReport = { pid: 4321, name: 'PoolWorker-1', started: 1_699_999_999_000 }
