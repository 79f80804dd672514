import { arena } from '../../src/memory/arena.ts'
import type { OwnerId } from '../../src/memory/identity.ts'
import { until } from './conditions.ts'

/** The name in shared memory of a process that has been started; it takes its place there a moment after. */
export async function ownerOf(pid: number | undefined): Promise<OwnerId> {
  const { slots } = arena()
  const slotOf = (): number =>
    Array.from({ length: slots.limit }, (_, slot) => slot).findIndex(slot => slot > 0 && slots.pidOf(slot) === pid)
  await until(() => slotOf() !== -1, `process ${pid} has a slot`)
  return slots.idOf(slotOf())
}
