// What Node's JavaScript has to do later: timers, immediates, ticks. A forked child inherits all of it and is to do none of it. The
// queues are variables of Node's own modules; the inspector tells where they are, once a process, and from then on it costs nothing.
import { executionAsyncResource } from 'node:async_hooks'
import timers from 'node:timers'
import { calledInChild } from '../base/at-fork.ts'
import { inspectFunction } from '../wire/functions/inspector.ts'
import type { AnyFunction } from '../wire/function-reference.ts'

/** An entry of one of Node's linked lists, whose head is an entry as well. */
interface Linked {
  readonly _idleNext?: Linked | null
}

interface Timer extends Linked {
  readonly _onTimeout?: unknown
}

interface Immediate extends Linked {
  readonly _onImmediate?: unknown
}

/** As far as this Node has them under the names that are known; a missing one is not emptied. */
interface NodeQueues {
  /** By duration; each is the head of its list. */
  readonly timerListMap?: Record<string, Linked>
  readonly immediateQueue?: { readonly head: Immediate | null }
  readonly ticks?: { isEmpty(): boolean; shift(): unknown }
  readonly pendingRejections?: unknown[]
  readonly asyncWrap?: { clearAsyncIdStack?(): void }
}

let found: NodeQueues | undefined

/** To be called in the parent: where the queues are does not change, and a child has no time for the inspector. @throws NotSupportedError */
export function findNodeQueues(): void {
  if (found !== undefined) return
  const { timerListMap, immediateQueue } = variablesOf(timers.setTimeout) as Pick<NodeQueues, 'timerListMap' | 'immediateQueue'>
  const { queue, processPromiseRejections } = variablesOf(process.nextTick)
  const { async_wrap } = variablesOf(executionAsyncResource)
  const { pendingUnhandledRejections } = typeof processPromiseRejections === 'function' ? variablesOf(processPromiseRejections) : {}
  found = {
    ...(timerListMap && { timerListMap }),
    ...(immediateQueue && { immediateQueue }),
    ...(queue ? { ticks: queue as NonNullable<NodeQueues['ticks']> } : {}),
    ...(Array.isArray(pendingUnhandledRejections) && { pendingRejections: pendingUnhandledRejections as unknown[] }),
    ...(async_wrap ? { asyncWrap: async_wrap as NonNullable<NodeQueues['asyncWrap']> } : {}),
  }
}

/** All variables that a function of Node's sees. */
function variablesOf(fn: unknown): Record<string, unknown> {
  return Object.assign({}, ...inspectFunction(fn as AnyFunction).scopes.map(scope => scope.variables)) as Record<string, unknown>
}

/** Clears all timers and immediates, those too that are in the middle of their callback or next in its turn. */
export function clearTimers(): void {
  const running = executionAsyncResource() as Timer & Immediate
  if (running._onTimeout) clearTimeout(running as unknown as NodeJS.Timeout)
  for (const list of Object.values(found?.timerListMap ?? {})) {
    for (const timer of entriesOf(list, list._idleNext)) clearTimeout(timer as unknown as NodeJS.Timeout)
  }
  const { head = null } = found?.immediateQueue ?? {}
  const next = '_onImmediate' in running ? running._idleNext : null
  for (const immediate of [...entriesOf(null, next), ...entriesOf(null, head)]) clearImmediate(immediate as unknown as NodeJS.Immediate)
}

/** They are listed first: clearing an entry takes it out of its list. */
function entriesOf(end: Linked | null, first: Linked | null | undefined): Linked[] {
  const entries: Linked[] = []
  for (let entry = first; entry && entry !== end; entry = entry._idleNext) entries.push(entry)
  return entries
}

/** Forgets what was to run after the JavaScript that is about to be unwound, and that it ran on behalf of anything. */
export function clearTicks(): void {
  const { ticks, pendingRejections, asyncWrap } = found ?? {}
  while (ticks !== undefined && !ticks.isEmpty()) ticks.shift()
  if (pendingRejections !== undefined) pendingRejections.length = 0
  asyncWrap?.clearAsyncIdStack?.()
}

calledInChild(clearTimers, entriesOf, executionAsyncResource)
