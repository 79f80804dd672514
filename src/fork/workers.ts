// The Workers of this process around a fork. The child has none of them. One whose thread is gone, but whose end the event loop has not come
// to, is joined before: in the child there would be nothing to join.
import { channel } from 'node:diagnostics_channel'
import { setImmediate } from 'node:timers'
import type { Worker } from 'node:worker_threads'
import { calledInChild } from '../base/at-fork.ts'
import type { ForkAddon } from './addon.ts'

/** Until their end is told here. */
const workers = new Set<Worker>()
/** Those of them that are over for somebody who blocked, and whether their threads are gone by now. */
const leaving = new Map<Worker, () => boolean>()

// From the moment the library is loaded. The message is sent within `new Worker`; nothing here keeps the thread running.
channel('worker_threads').subscribe(message => {
  const { worker } = message as { worker?: Worker }
  // The thread of loader hooks is one, too, and has a warning of its own.
  if (worker === undefined || worker.constructor.name === 'InternalWorker') return
  workers.add(worker)
  worker.once('exit', () => forget(worker))
})

function forget(worker: Worker): void {
  workers.delete(worker)
  leaving.delete(worker)
}

export function countRunning(): number {
  return [...workers].filter(worker => leaving.get(worker)?.() !== true).length
}

/** Whoever waited without the event loop has seen the last of this one; its thread is gone, or about to go. */
export function workerLeaves(worker: Worker, isGone: () => boolean): void {
  if (workers.has(worker)) leaving.set(worker, isGone)
}

/** To be called before a fork. Listeners hear of the end in a later turn of the event loop, as they would without this. */
export function joinEnded(addon: Pick<ForkAddon, 'joinWorker'>): void {
  for (const [worker, isGone] of leaving) {
    const handle = handleOf(worker)
    if (handle === null || !isGone()) continue
    const { onexit } = handle
    handle.onexit = (...how) => void setImmediate(() => onexit?.apply(handle, how))
    addon.joinWorker(handle)
    forget(worker)
  }
}

/** In a forked child: the parent's Workers do not run here, it does not wait for their end, and nobody hears of one. */
export function forgetWorkers(): void {
  for (const worker of workers) {
    worker.unref()
    const handle = handleOf(worker)
    if (handle !== null) handle.onexit = () => {}
  }
  workers.clear()
  leaving.clear()
}

/** Node's own object beneath a Worker, which calls this at its end. */
interface Handle {
  onexit?: (...how: unknown[]) => void
}

/** Null: its end has been told. */
function handleOf(worker: Worker): Handle | null {
  const key = Object.getOwnPropertySymbols(worker).find(({ description }) => description === 'kHandle')
  return key === undefined ? null : ((worker as unknown as Record<symbol, Handle | null>)[key] ?? null)
}

calledInChild(forgetWorkers, handleOf)
