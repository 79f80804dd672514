// What all shared objects have in common: a block that this process made or was told of, and their end.
import { MultiprocessingError } from '../../base/errors.ts'
import { expected } from '../../base/validate.ts'
import { slotOf } from '../../memory/identity.ts'
import { ring } from '../waiting/doorbell.ts'
import { endClosedWaits } from '../waiting/waits.ts'
import { freeExtension } from '../state/extension.ts'
import { allNames } from '../state/places.ts'
import { EXTENSION } from '../state/object-layout.ts'
import { SharedBlock } from '../state/shared-block.ts'

/**
 * Every shared object. `close()` in the thread that made it frees it for the whole tree, elsewhere it lets go of this thread's hold on it;
 * it may be called twice, and any other use afterwards throws ClosedError. What nobody closes goes with the tree.
 */
export interface Closable extends Disposable {
  close(): void
  readonly closed: boolean
}

/** A new block, or the one that another process sent. The classes' constructors take the latter; users give nothing. */
export function blockFor(given: unknown, kind: number, name: string): SharedBlock {
  if (given === undefined) return SharedBlock.create(kind, name)
  if (given instanceof SharedBlock) return given
  throw new TypeError(`${name} takes no such argument. ${expected('argument', 'nothing', given)}`)
}

/** Ends the object. Who waits for it gets a ClosedError. `extensions`: words that name blocks of its own. */
export function closeBlock(block: SharedBlock, ...extensions: number[]): void {
  if (!block.isOpen) return void block.close()
  const names = allNames(block)
  // Afterwards the words may be somebody else's.
  const free = [EXTENSION, ...extensions].map(word => freeExtension(block, word))
  if (!block.close()) return endClosedWaits(block.reference)
  for (const each of free) each()
  for (const name of names) ring(slotOf(name))
}

/** An object was given back by one who does not have it. */
export function notHeld(message: string): MultiprocessingError {
  return new MultiprocessingError(message, { code: 'ERR_NOT_HELD' })
}

/** A lock that a wait for a condition gives away, and has back afterwards. */
export interface Suspended {
  /** @throws ClosedError */
  check(): void
  giveAway(): void
  resume(): Promise<void>
  /** Waiting: blocks this thread, and no signal ends that. */
  resumeSync(): void
}
