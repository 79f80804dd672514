// The door to the C++ addon that forks this version of Node. One file a major version of Node, because it needs V8's own headers.
import { dirname, join } from 'node:path'
import { isMainThread } from '../base/this-node.ts'
import { addonPath } from '../native/load.ts'

/** What a fork that happens later tells. None of them has JavaScript of the program beneath it. */
export interface LaterCalls {
  /** Immediately before each try. False: there is to be none any more, and nothing else is called. */
  before(): boolean
  /** After a try that found V8's threads busy; there will be another one in the next turn of the event loop. */
  notYet(): void
  /** `errno` (negative) of the system; 0: this process has been forked and `pid` is the child's, or 0 in the child. */
  done(pid: number, errno: number): void
}

export interface ForkAddon {
  /** Forks: 0 in the child, or the child's pid, or a negative errno. The stack goes on on both sides. Waiting: for V8's threads. */
  fork(): number
  /** Forks from the event loop as soon as the JavaScript that runs now is done. Keeps the loop running until then. */
  forkLater(calls: LaterCalls): void
  /** Has V8 compile functions that were never called, without calling them. */
  compile(...functions: readonly unknown[]): void
  /** In the next turn of the event loop, which goes on until then. */
  callSoon(next: () => void): void
  /** Whether the event loop has anything to wait for. Waiting: for V8's background work, whose end may be what it goes on with. */
  isLoopAlive(): boolean
  /** Ends all JavaScript on the stack, past every catch and finally, at the latest in the next loop; drops all promise jobs. */
  unwind(): void
  /** In a forked child: whether standard output or error had something to write that is the parent's. */
  hasDroppedOutput(): boolean
  /** Does at once what is done at the end of a Worker, whose handle in Node this is, and calls its `onexit`. Its thread must be gone: it is waited for. */
  joinWorker(handle: object): void
  /** Fills the four words with a seed from the kernel for a random generator, never all zero. */
  seed(words: Int32Array): void
}

let found: ForkAddon | string | undefined

/** The addon; or, where there is none, the reason in words. */
export function forkAddon(): ForkAddon | string {
  found ??= load()
  return found
}

/** False: there is none for this thread, or this Node. True says only that it is there, and takes no time to load it. */
export function hasForkAddon(): boolean {
  return found === undefined ? whyNone() === null : typeof found !== 'string'
}

const path = join(dirname(addonPath), `fork-${process.versions.modules}.node`)

function whyNone(): string | null {
  if (!isMainThread) return `fork works in the main thread only, not in a Worker. ${alternative}`
  if (process.getBuiltinModule('node:fs').existsSync(path)) return null
  return `fork is not built for Node ${process.version} (${path} is missing). ${alternative}`
}

function load(): ForkAddon | string {
  const reason = whyNone()
  if (reason !== null) return reason
  try {
    const module: { exports: unknown } = { exports: {} }
    process.dlopen(module, path)
    return module.exports as ForkAddon
  } catch (error) {
    return `fork could not be loaded for Node ${process.version}: ${error instanceof Error ? error.message : String(error)}. ${alternative}`
  }
}

const alternative = "Use the start method 'forkserver' or 'spawn'"
