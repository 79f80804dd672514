// A `Worker` of this process, which looks like a process as far as it can: it has a place in the arena of its own, ends alone, and
// can be ended. What signals do to a process has a nearest thing here: SIGTERM and SIGINT are given to the thread's listeners for
// them, if it has any (it can have none while it is busy); without listeners, and for SIGKILL, the thread is terminated.
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { Worker, WorkerOptions } from 'node:worker_threads'
import { arena, arenaDescriptor } from '../../memory/arena.ts'
import { type OwnerId, slotOf } from '../../memory/identity.ts'
import { workerLeaves } from '../../fork/workers.ts'
import { hasThread, makeThread } from '../life/native-threads.ts'
import { fileOf } from '../programs.ts'
import { changedEnvironment, inheritedExecArgv } from './command-line.ts'
import { shareCode } from './shared-code.ts'
import type { Body, LaunchCalls, LaunchRequest } from './launch.ts'

/** What a thread of this library's finds in `workerData`. */
export interface ThreadData {
  readonly polyprocessThread: {
    readonly id: OwnerId
    readonly fd: number
    readonly processSlot: number
    readonly direct: readonly ('stdout' | 'stderr')[]
  }
}

export function launchThread(request: LaunchRequest, { started, failed, ended }: LaunchCalls): undefined {
  if (request.inspectPort !== undefined) {
    throw new TypeError('`inspectPort` is for processes: a thread is debugged with its process, by `node --inspect`')
  }
  const { slots, slot } = arena()
  const direct = (['stdout', 'stderr'] as const).filter(name => (request[name] ?? 'inherit') === 'inherit')
  const identity = { id: request.id, fd: arenaDescriptor(), processSlot: slots.processSlotOf(slot), direct }
  const { made: worker, numbers } = makeThread(() => startWorker(request, { polyprocessThread: identity }))
  const body = new ThreadBody(worker, slotOf(request.id), numbers)
  worker.on('message', (message: unknown) => body.hear(message))
  let refusal: NodeJS.ErrnoException | null = null
  // The thread has printed what was thrown in it. If the system has no room for one, nothing runs, and its exit code is 0.
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_INIT_FAILED') refusal = error
  })
  worker.once('exit', code => {
    if (body.isForgotten) return
    if (refusal !== null) failed(refusal)
    else ended(body.terminatedBy > 0 ? -1 : code, body.terminatedBy)
  })
  // What it is waited for with keeps this thread running, as for any other child. After the listeners, which would undo it.
  worker.unref()
  started(body)
  shareCode()
}

function startWorker(request: LaunchRequest, workerData: ThreadData): Worker {
  // A program that has no threads does not load this.
  const threads = process.getBuiltinModule('node:worker_threads')
  const { execArgv, env, program, stdout, stderr } = request
  const options: WorkerOptions = Object.assign(Object.create(null), {
    workerData,
    argv: process.argv.slice(2),
    env: changedEnvironment(env),
    stdout: stdout !== undefined && stdout !== 'inherit',
    stderr: stderr !== undefined && stderr !== 'inherit',
  })
  const worker = newWorker(threads.Worker, fileOf(program), options, execArgv)
  if (stdout === 'ignore') worker.stdout.resume()
  if (stderr === 'ignore') worker.stderr.resume()
  return worker
}

/** Without flags of its own a thread has those of its process, some of which are about the main module. */
function newWorker(W: typeof Worker, file: string, options: WorkerOptions, execArgv: readonly string[] | undefined): Worker {
  if (execArgv !== undefined) return new W(file, { ...options, execArgv: [...execArgv] })
  const inherited = inheritedExecArgv()
  if (inherited.length === process.execArgv.length) return new W(file, options)
  try {
    return new W(file, { ...options, execArgv: inherited })
  } catch (error) {
    // Flags of the whole process, which Node takes from its command line and refuses here; it names them.
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error
    return new W(file, { ...options, execArgv: inherited.filter(flag => !message.includes(flag)) })
  }
}

/** In ms: whoever blocks for a pool looks after each result. */
const LOOK_EVERY = 20

class ThreadBody implements Body {
  readonly pid = process.pid
  readonly pidfd = -1
  readonly streams: { readonly stdout: Readable; readonly stderr: Readable }
  /** What ended it; 0: itself. */
  terminatedBy = 0
  /** By a forked child, where the thread is not. */
  isForgotten = false
  readonly #worker: Worker
  readonly #slot: number
  /** Until the thread says itself which it is. */
  readonly #numbers: readonly number[] | null
  #heeds = new Set<number>()
  #lookedAt = performance.now()

  /** `numbers`: of the threads of which it is one; none: it has ended already; null: they are not known. */
  constructor(worker: Worker, slot: number, numbers: readonly number[] | null) {
    this.#worker = worker
    this.#slot = slot
    this.#numbers = numbers
    this.streams = { stdout: worker.stdout, stderr: worker.stderr }
  }

  /** The thread tells for which signals it has listeners. */
  hear(message: unknown): void {
    const heeds = (message as { polyprocessHeeds?: readonly number[] } | null)?.polyprocessHeeds
    if (Array.isArray(heeds)) this.#heeds = new Set(heeds as number[])
  }

  signal(signal: number): boolean {
    if (signal !== constants.signals.SIGKILL && this.#heeds.has(signal)) {
      this.#worker.postMessage({ polyprocessSignal: signal })
      return true
    }
    if (this.terminatedBy === 0) this.terminatedBy = signal
    void this.#worker.terminate()
    return true
  }

  isGone(): boolean {
    const now = performance.now()
    if (now - this.#lookedAt < LOOK_EVERY) return false
    this.#lookedAt = now
    return !this.#isThere()
  }

  release(): void {
    // Its slot is another's soon.
    const number = arena().slots.threadOf(this.#slot)
    const numbers = number === 0 ? this.#numbers : [number]
    workerLeaves(this.#worker, () => numbers !== null && !numbers.some(hasThread))
  }

  forget(): void {
    this.isForgotten = true
  }

  #isThere(): boolean {
    if (this.#numbers === null) return true
    const number = arena().slots.threadOf(this.#slot)
    return number === 0 ? this.#numbers.some(hasThread) : hasThread(number)
  }
}
