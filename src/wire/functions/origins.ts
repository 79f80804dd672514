// Which class is which. A class that was sent as code is another object over there, but it stays the same class: an instance that
// comes home is an instance of the class that was sent, and a class that arrives twice is made once.
import { RecentMap } from '../../base/recent-map.ts'
import { arena } from '../../memory/arena.ts'
import type { OwnerId } from '../../memory/identity.ts'
import type { AnyFunction } from '../function-reference.ts'

/** The thread that defined the class, and its number there. */
export interface Origin {
  readonly owner: OwnerId
  readonly serial: number
}

const origins = new WeakMap<AnyFunction, Origin>()
const classes = new Map<string, WeakRef<AnyFunction>>()
const forgotten = new FinalizationRegistry<string>(key => {
  if (classes.get(key)?.deref() === undefined) classes.delete(key)
})
let nextSerial = 1
/**
 * The classes of this thread that were sent last. An instance may come home when nothing here refers to its class any more: the
 * closure that it was sent with may be gone before the result is there.
 */
const KEPT_CLASSES = 1000
const sent = new RecentMap<number, AnyFunction>(KEPT_CLASSES)

/** Where the class is at home: here, unless it came from elsewhere. */
export function originOf(cls: AnyFunction): Origin {
  let origin = origins.get(cls)
  if (origin === undefined) {
    origin = { owner: arena().me, serial: nextSerial }
    nextSerial += 1
    rememberClass(cls, origin)
  }
  if (origin.owner === arena().me) sent.set(origin.serial, cls)
  return origin
}

export function rememberClass(cls: AnyFunction, origin: Origin): void {
  const key = keyOf(origin)
  origins.set(cls, origin)
  classes.set(key, new WeakRef(cls))
  forgotten.register(cls, key)
}

/** The class, if it is at home here or has arrived before and is in use still. */
export function classOf(origin: Origin): AnyFunction | null {
  return classes.get(keyOf(origin))?.deref() ?? null
}

function keyOf({ owner, serial }: Origin): string {
  return `${owner}:${serial}`
}
