// What `wait()` takes for a process: not its descriptor, which not every process has, but an object that knows how its end is heard of.
import { NotSerializableError } from '../base/errors.ts'
import { type Readiness, type WaitableObject, waitable } from '../sync/waiting/waitable.ts'
import { reduce } from '../wire/classes.ts'
import type { Child } from './life/child.ts'

/** A process that can be waited for, as `wait` takes it: ready once it has ended. It is of use to who has the process, and does not travel. */
export interface ProcessSentinel extends WaitableObject {
  readonly pid: number
  readonly ended: boolean
}

/** How the end is heard of. */
interface End {
  /** 0: not known yet. */
  pid(): number
  isEnded(): boolean
  /** For one wait. */
  readiness(): Readiness
}

export class Sentinel implements ProcessSentinel {
  readonly #end: End

  constructor(end: End) {
    this.#end = end
  }

  get pid(): number {
    return this.#end.pid()
  }

  get ended(): boolean {
    return this.#end.isEnded()
  }

  [waitable](): Readiness {
    return this.#end.readiness()
  }

  [reduce](): never {
    throw new NotSerializableError('a sentinel', 'its process has to be waited for by who started it; others can be told with an Event')
  }
}

/** `joiners`: called when its end has been heard of. `isEnded` asks whether that is so, without waiting for the event loop. */
export function sentinelOfChild(child: Child, joiners: Set<() => void>, isEnded: () => boolean): Sentinel {
  const isEndedWhileBlocked = (): boolean => {
    child.lookWhileBlocked()
    return isEnded()
  }
  const onChange = (listener: () => void): (() => void) => {
    joiners.add(listener)
    return () => joiners.delete(listener)
  }
  return new Sentinel({
    pid: () => child.pid ?? 0,
    isEnded,
    readiness: () => ({ isReady: isEnded, isReadyWhileBlocked: isEndedWhileBlocked, onChange }),
  })
}
