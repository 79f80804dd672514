// What a fork does not carry over and cannot make up for: threads that run JavaScript. The parent is warned, once of each.
import { setImmediate } from 'node:timers'
import { isLoadedInNode } from '../base/this-node.ts'
import { countRunning } from './workers.ts'

const warned = new Set<string>()

function warn(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  // Not a tick: after a fork that returns twice it would be said twice.
  setImmediate(() => process.emitWarning(message, { code })).unref()
}

/** To be called in the parent after a fork. */
export function warnOfThreads(): void {
  const running = countRunning()
  if (running > 0) {
    warn(
      'POLYPROCESS_FORK_WITH_WORKERS',
      `This process (pid ${process.pid}) runs ${running} Worker${running === 1 ? '' : 's'} and was forked. A Worker may have held a lock at that moment, which nobody lets go of in the child: the child may hang. Start children before Workers, or use the start method 'forkserver' or 'spawn'`,
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
