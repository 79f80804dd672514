// Contexts: the same names as the module's, bound to one start method.
import { cpuCount } from './base/cpu-count.ts'
import { Pipe } from './connection/pipe.ts'
import { wait, waitSync } from './connection/wait.ts'
// No context shows these, but every process knows them, so that they can be sent.
import './executor/thread-pool-executor.ts'
import { Pool } from './pool/pool.ts'
import { bindClass } from './process/bound-classes.ts'
import { currentProcess, parentProcess } from './process/handles.ts'
import { getLogger, logToStderr } from './process/log.ts'
import { setExecutable } from './process/methods/executable.ts'
import { setForkserverPreload } from './process/methods/forkserver.ts'
import { activeChildren, Process } from './process/process.ts'
import { fork } from './process/raw-fork.ts'
import { checkStartMethod, getAllStartMethods, getStartMethod, type StartMethod } from './process/start-method.ts'
import { JoinableQueue } from './queue/joinable-queue.ts'
import { Queue } from './queue/queue.ts'
// As above.
import './queue/ranked/lifo-queue.ts'
import './queue/ranked/priority-queue.ts'
import { SimpleQueue } from './queue/simple-queue.ts'
import { Barrier } from './sync/barrier.ts'
import { BoundedSemaphore } from './sync/bounded-semaphore.ts'
import { Condition } from './sync/condition.ts'
import { Event } from './sync/event.ts'
import { Lock } from './sync/lock.ts'
import { RLock } from './sync/rlock.ts'
import { Semaphore } from './sync/semaphore.ts'
import { share } from './value/array-functions.ts'
import { RawArray, SharedArray } from './value/shared-array.ts'
import { RawValue, Value } from './value/value.ts'
import { rebuild, reduce } from './wire/classes.ts'
import { nameIntrinsic } from './wire/modules/well-known.ts'

/** How the classes of a start method are called, as in Python. */
const PREFIXES: Readonly<Record<StartMethod, string>> = { fork: 'Fork', forkserver: 'ForkServer', spawn: 'Spawn', thread: 'Thread' }

/** The names of this module, bound to one start method: `const ctx = getContext('spawn'); new ctx.Pool(4)`. */
export class Context {
  readonly startMethod: StartMethod
  readonly Process: typeof Process
  readonly Pool: typeof Pool
  readonly Pipe: typeof Pipe = Pipe
  readonly Lock: typeof Lock = Lock
  readonly RLock: typeof RLock = RLock
  readonly Semaphore: typeof Semaphore = Semaphore
  readonly BoundedSemaphore: typeof BoundedSemaphore = BoundedSemaphore
  readonly Condition: typeof Condition = Condition
  readonly Event: typeof Event = Event
  readonly Barrier: typeof Barrier = Barrier
  readonly Queue: typeof Queue = Queue
  readonly JoinableQueue: typeof JoinableQueue = JoinableQueue
  readonly SimpleQueue: typeof SimpleQueue = SimpleQueue
  readonly Value: typeof Value = Value
  readonly RawValue: typeof RawValue = RawValue
  readonly SharedArray: typeof SharedArray = SharedArray
  readonly RawArray: typeof RawArray = RawArray
  readonly share: typeof share = share
  readonly wait: typeof wait = wait
  readonly waitSync: typeof waitSync = waitSync
  readonly fork: typeof fork = fork
  readonly cpuCount: typeof cpuCount = cpuCount
  readonly currentProcess: typeof currentProcess = currentProcess
  readonly parentProcess: typeof parentProcess = parentProcess
  readonly activeChildren: typeof activeChildren = activeChildren
  readonly getAllStartMethods: typeof getAllStartMethods = getAllStartMethods
  readonly setForkserverPreload: typeof setForkserverPreload = setForkserverPreload
  readonly setExecutable: typeof setExecutable = setExecutable
  readonly getLogger: typeof getLogger = getLogger
  readonly logToStderr: typeof logToStderr = logToStderr

  constructor(startMethod: StartMethod) {
    this.startMethod = startMethod
    const prefix = PREFIXES[startMethod]
    this.Process = bindClass(Process, startMethod, `${prefix}Process`)
    this.Pool = bindClass(Pool, startMethod, `${prefix}Pool`)
    // Every process has these, so they travel by name, and so does a class that extends one of them.
    nameIntrinsic(`%polyprocess.${startMethod}.Process%`, this.Process)
    nameIntrinsic(`%polyprocess.${startMethod}.Pool%`, this.Pool)
  }

  /** Without a start method: this context. */
  readonly getContext = (method?: StartMethod): Context => (method === undefined ? this : getContext(method));

  [reduce](): StartMethod {
    return this.startMethod
  }

  static [rebuild](method: StartMethod): Context {
    return getContext(method)
  }
}

const contexts: Readonly<Record<StartMethod, Context>> = {
  fork: new Context('fork'),
  forkserver: new Context('forkserver'),
  spawn: new Context('spawn'),
  thread: new Context('thread'),
}
nameIntrinsic('%polyprocess.Context%', Context)

/**
 * The context of a start method; without one that of the default, which is fixed by this. Objects of one context may be given to processes
 * of another.
 * @throws TypeError for what is no start method
 */
export function getContext(method?: StartMethod): Context {
  return contexts[method === undefined ? getStartMethod() : checkStartMethod(method)]
}

/** A pool of threads of this process: `getContext('thread').Pool`. */
export const ThreadPool: typeof Pool = contexts.thread.Pool
