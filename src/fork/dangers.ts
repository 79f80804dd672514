// What a fork does not carry over and cannot make up for: threads that run JavaScript. The parent is warned, once of each.
import { channel } from 'node:diagnostics_channel'
import { setImmediate } from 'node:timers'
import type { Worker } from 'node:worker_threads'
import { calledInChild } from '../base/at-fork.ts'
import { isLoadedInNode } from '../base/this-node.ts'

const workers = new Set<Worker>()

// From the moment the library is loaded. The message is sent within `new Worker`; nothing here keeps the thread running.
channel('worker_threads').subscribe(message => {
  const { worker } = message as { worker?: Worker }
  // The thread of loader hooks is one, too, and has a warning of its own.
  if (worker === undefined || worker.constructor.name === 'InternalWorker') return
  workers.add(worker)
  worker.once('exit', () => workers.delete(worker))
})

/** In a forked child: the parent's Workers do not run here, and it does not wait for their end. */
export function forgetWorkers(): void {
  if (workers.size === 0) return
  for (const worker of workers) worker.unref()
  workers.clear()
}

const warned = new Set<string>()

function warn(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  // Not a tick: after a fork that returns twice it would be said twice.
  setImmediate(() => process.emitWarning(message, { code })).unref()
}

/** To be called in the parent after a fork. */
export function warnOfThreads(): void {
  if (workers.size > 0) {
    warn(
      'POLYPROCESS_FORK_WITH_WORKERS',
      `This process (pid ${process.pid}) runs ${workers.size} Worker${workers.size === 1 ? '' : 's'} and was forked. A Worker may have held a lock at that moment, which nobody lets go of in the child: the child may hang. Start children before Workers, or use the start method 'forkserver' or 'spawn'`,
    )
  }
  if (hasLoaderThread()) {
    warn(
      'POLYPROCESS_FORK_WITH_LOADER_THREAD',
      `This process (pid ${process.pid}) has loader hooks in a thread (module.register, --experimental-loader) and was forked. The child does not have the thread: an import() of a new module will not come to an end there. Use module.registerHooks, or the start method 'spawn'`,
    )
  }
}

/** Whether `module.register` has been used: Node loads this module of its own for nothing else. */
export function hasLoaderThread(): boolean {
  return isLoadedInNode('internal/modules/esm/hooks')
}

calledInChild(forgetWorkers)
