/** What every failure of the world, as against a wrong argument, is an instance of. Its `code` is stable; its message is for people. */
export class MultiprocessingError extends Error {
  readonly code: string

  constructor(message?: string, options: ErrorOptions & { code?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = options.code ?? 'ERR_MULTIPROCESSING'
  }

  static {
    // On the prototype, so that it neither shows among own properties nor travels with an instance.
    nameClass(this, 'MultiprocessingError')
  }
}

function nameClass(errorClass: { prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true })
}

/** A deadline passed before what was waited for came. */
export class TimeoutError extends MultiprocessingError {
  declare readonly code: 'ERR_TIMEOUT'
  constructor(message = 'The wait timed out', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_TIMEOUT' })
  }
  static {
    nameClass(this, 'TimeoutError')
  }
}

/** A shared object was used after its `close()`, here or in the process that made it. */
export class ClosedError extends MultiprocessingError {
  declare readonly code: 'ERR_CLOSED'
  constructor(message = 'The object is closed', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_CLOSED' })
  }
  static {
    nameClass(this, 'ClosedError')
  }
}

/** This thread's event loop holds the lock in promise form, and blocking the thread for it would last for ever. */
export class DeadlockError extends MultiprocessingError {
  declare readonly code: 'ERR_DEADLOCK'
  constructor(message = 'This thread holds the lock in promise form and would block for ever', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_DEADLOCK' })
  }
  static {
    nameClass(this, 'DeadlockError')
  }
}

/** The barrier was broken: somebody's wait timed out or was ended, a party died, or it was aborted or reset. */
export class BrokenBarrierError extends MultiprocessingError {
  declare readonly code: 'ERR_BROKEN_BARRIER'
  constructor(message = 'The barrier is broken', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_BROKEN_BARRIER' })
  }
  static {
    nameClass(this, 'BrokenBarrierError')
  }
}

/** Nothing came into the queue in time. */
export class EmptyError extends MultiprocessingError {
  declare readonly code: 'ERR_EMPTY'
  constructor(message = 'Nothing came into the queue in time', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_EMPTY' })
  }
  static {
    nameClass(this, 'EmptyError')
  }
}

/** The queue did not have room in time. */
export class FullError extends MultiprocessingError {
  declare readonly code: 'ERR_FULL'
  constructor(message = 'The queue did not have room in time', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_FULL' })
  }
  static {
    nameClass(this, 'FullError')
  }
}

/** The queue was shut down: nothing more goes in, and what was in it has been taken. */
export class ShutDownError extends MultiprocessingError {
  declare readonly code: 'ERR_SHUT_DOWN'
  constructor(message = 'The queue is shut down', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_SHUT_DOWN' })
  }
  static {
    nameClass(this, 'ShutDownError')
  }
}

/** Nobody holds the other end of the connection any more, and all that was sent has been received. */
export class EndOfFileError extends MultiprocessingError {
  declare readonly code: 'ERR_END_OF_FILE'
  constructor(message = 'The other end of the connection is closed', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_END_OF_FILE' })
  }
  static {
    nameClass(this, 'EndOfFileError')
  }
}

/** The message is longer than the buffer that it was to go into. `bytes` is the whole message, which has been received. */
export class BufferTooShortError extends MultiprocessingError {
  declare readonly code: 'ERR_BUFFER_TOO_SHORT'
  readonly bytes: Uint8Array
  constructor(message: string, bytes: Uint8Array, options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_BUFFER_TOO_SHORT' })
    this.bytes = bytes
  }
  static {
    nameClass(this, 'BufferTooShortError')
  }
}

/** The other side of a connection does not have the same key. */
export class AuthenticationError extends MultiprocessingError {
  declare readonly code: 'ERR_AUTHENTICATION'
  constructor(message = 'The other side does not have the same key', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_AUTHENTICATION' })
  }
  static {
    nameClass(this, 'AuthenticationError')
  }
}

/** A blocking wait was ended by a signal. */
export class InterruptedError extends MultiprocessingError {
  declare readonly code: 'ERR_INTERRUPTED'
  constructor(message = 'The blocking wait was interrupted by a signal', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_INTERRUPTED' })
  }
  static {
    nameClass(this, 'InterruptedError')
  }
}

/** This system, this Node.js or this version of the library cannot do it; the message says what can be done instead. */
export class NotSupportedError extends MultiprocessingError {
  declare readonly code: 'ERR_NOT_SUPPORTED'
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_NOT_SUPPORTED' })
  }
  static {
    nameClass(this, 'NotSupportedError')
  }
}

/** A function or value that cannot leave its process. `path` names the place: `args[0].options.onData`. */
export class NotSerializableError extends MultiprocessingError {
  declare readonly code: 'ERR_NOT_SERIALIZABLE'
  readonly path: string
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path}: ${reason}`, { ...options, code: 'ERR_NOT_SERIALIZABLE' })
    this.path = path
  }
  static {
    nameClass(this, 'NotSerializableError')
  }
}

/** What another process threw and this one cannot rebuild. `remoteStack` is the stack as it was over there. */
export class RemoteError extends MultiprocessingError {
  declare readonly code: 'ERR_REMOTE'
  readonly remoteStack: string
  constructor(message: string, remoteStack: string, options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_REMOTE' })
    this.remoteStack = remoteStack
  }
  static {
    nameClass(this, 'RemoteError')
  }
}

/** How a process ended, as far as it is known. */
export interface ProcessEnd {
  readonly pid: number
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderrTail: string
}

/** The worker that held this task ended before the task did. Other tasks are not touched, the worker is replaced. */
export class WorkerDiedError extends MultiprocessingError implements ProcessEnd {
  declare readonly code: 'ERR_WORKER_DIED'
  readonly pid: number
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderrTail: string
  constructor(message: string, end: ProcessEnd, options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_WORKER_DIED' })
    this.pid = end.pid
    this.exitCode = end.exitCode
    this.signal = end.signal
    this.stderrTail = end.stderrTail
  }
  static {
    nameClass(this, 'WorkerDiedError')
  }
}

/** The future was cancelled before its task began. */
export class CancelledError extends MultiprocessingError {
  declare readonly code: 'ERR_CANCELLED'
  constructor(message = 'The future was cancelled before its task began', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_CANCELLED' })
  }
  static {
    nameClass(this, 'CancelledError')
  }
}

/** Workers do not start, or the pool ended under its tasks. `cause` says why. */
export class BrokenPoolError extends MultiprocessingError {
  declare readonly code: 'ERR_BROKEN_POOL'
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_BROKEN_POOL' })
  }
  static {
    nameClass(this, 'BrokenPoolError')
  }
}

/** The start method is fixed already. */
export class ContextError extends MultiprocessingError {
  declare readonly code: 'ERR_CONTEXT'
  constructor(message = 'The start method is fixed already', options?: ErrorOptions) {
    super(message, { ...options, code: 'ERR_CONTEXT' })
  }
  static {
    nameClass(this, 'ContextError')
  }
}
