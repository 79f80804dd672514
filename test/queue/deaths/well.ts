// What has to be so after a death, whatever queue it was and whoever puts it right.
import { arena } from '../../../src/memory/arena.ts'
import type { OwnerId } from '../../../src/memory/identity.ts'
import { assertSound, reap } from '../../helpers/crash.ts'

interface Survived {
  readonly actor: { readonly me: OwnerId }
  readonly queue: { close(): void }
}

/** `check`: what those who are left see and do, after the dead one is reaped or before. `point` says where it died. */
export function assertWell(cast: Survived, check: () => void, order: 'reaped' | 'first', point: string): void {
  try {
    if (order === 'reaped') reapIt(cast)
    if (order === 'reaped') assertSound(arena())
    check()
    reapIt(cast)
    cast.queue.close()
    assertSound(arena())
  } catch (error) {
    throw new Error(`${point}: ${(error as Error).message}`, { cause: error })
  }
}

function reapIt({ actor }: Survived): void {
  if (arena().slots.isCurrent(actor.me)) reap(arena(), actor.me)
}
