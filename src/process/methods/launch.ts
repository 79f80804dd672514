// What the start methods have in common. A launch is asked for a child and says, at once or later, that there is one or that there
// is none; what lives then is a body, which can be signalled. Its end is told by whoever brought it to life, exactly once:
//
//   STARTING → RUNNING(body) → ENDED        or        STARTING → FAILED(error)
//
// The child's slot in the process table is taken before the launch, and its argument written to it whenever the parent has it: a
// child that is sooner waits.
import { MultiprocessingError } from '../../base/errors.ts'
import type { OwnerId } from '../../memory/identity.ts'
import type { StartMethod } from '../start-method.ts'
import type { Program } from '../programs.ts'

export type OutputMode = 'inherit' | 'ignore' | 'pipe'

export interface LaunchOptions {
  readonly method: StartMethod
  readonly program: Program
  readonly env?: Record<string, string | undefined> | undefined
  readonly execArgv?: readonly string[] | undefined
  readonly inspectPort?: number | 'auto' | undefined
  readonly stdout?: OutputMode | undefined
  readonly stderr?: OutputMode | undefined
  /** Under fork the child does this, in memory that is its parent's, instead of loading its program. */
  readonly inForkedChild?: (() => unknown) | undefined
  /** The program's own functions that it calls first: the parent has them compiled, once for all children. */
  readonly firstCalls?: readonly unknown[] | undefined
  /** Beside the standard ones and the arena's, in order; `spawn` only. */
  readonly extraDescriptors?: readonly number[] | undefined
  /** fork(2) itself: called in the child, where the launch returns, too, and nothing is run. */
  readonly returnsTwice?: (() => void) | undefined
  /** The caller waits: the launch has happened when the call returns. */
  readonly isSync?: boolean | undefined
}

export interface LaunchRequest extends LaunchOptions {
  readonly id: OwnerId
  /** Of this process, for the child to write to: -1 is nowhere. */
  readonly outputs: Outputs
}

export interface Outputs {
  readonly stdout: number
  readonly stderr: number
}

/** What bears a child: a process, or a thread of this one. */
export interface Body {
  readonly pid: number
  /** False: it has ended. */
  signal(signal: number): boolean
  /** For poll(2): readable once it has ended; -1: a thread has none. */
  readonly pidfd: number
  /** Of a process that is another's child for the system, who alone is told its exit status: whether that one has ended, so that nobody will tell. */
  readonly isParentGone?: (() => boolean) | undefined
  /** Of a thread that writes to pipes; a process has descriptors. */
  readonly streams?: { readonly stdout: import('node:stream').Readable; readonly stderr: import('node:stream').Readable }
  /** Of a thread: the signal that it is being ended for; 0: none. */
  readonly terminatedBy?: number
  /** Of a thread: true when the system has it no more. It is looked up now and then only; in between the answer is false. */
  readonly isGone?: () => boolean
  /** After its end. */
  release(): void
  /** In a forked child, whose parent's body it is: closes what was copied, and nothing else. */
  forget(): void
}

export interface LaunchCalls {
  started(body: Body): void
  /** Of a thread also after `started`: it is known to nobody sooner. */
  failed(error: unknown): void
  /** For bodies that no pidfd tells the end of. */
  ended(exitCode: number, signal: number): void
}

/**
 * Nobody knows whether there is a child: who was to bring it to life is gone. Under another name another one may be started, once the first
 * can have no place any more.
 */
export class LaunchLostError extends MultiprocessingError {}

/** Of a launch that is left to the event loop: what a thread needs that blocks, whose event loop does not turn. */
export interface PendingLaunch {
  /** `look` may get further when this can be read; -1: it gets to the end at once. */
  readonly descriptor: number
  /** Goes on with the launch as far as that is possible without waiting for others, and calls back. Nothing, once it is over. */
  look(): void
  /** Nobody wants the child any more, and nobody is called back. Undefined: that is not possible, and it is there in a moment. */
  callOff?(): void
}

/** Calls back within the call or later; what it throws is as good as `failed`. Undefined: it called back. */
export type Launch = (request: LaunchRequest, calls: LaunchCalls) => PendingLaunch | undefined
