// Named memory and lists in it, which do not outlive their row.
import { type ShareableItem, ShareableList, SharedMemory } from '../../../src/index.ts'
import type { Scene } from '../scene.ts'

export const NO_MEMORY = { name: 'MultiprocessingError', code: 'ENOENT' }

/** Of a list or of memory that was unlinked before it arrived. */
export const DEAD = 'it is sent to another process, where a MultiprocessingError ENOENT is the cause (Python: FileNotFoundError)'

let count = 0
/** A name that nothing else has, here or in a test that runs beside. */
export const freshName = (): string => `psm_conformance_${process.pid}_${count++}`

/** New memory, which does not outlive the row. */
export function newMemory(scene: Scene, options: { size?: number; name?: string } = {}): SharedMemory {
  const memory = SharedMemory.create({ size: 512, ...options })
  scene.atEnd(() => closeAndUnlink(memory))
  return memory
}

export function newList(scene: Scene, items: Iterable<ShareableItem>, options?: { name: string }): ShareableList {
  const list = new ShareableList(items, options)
  scene.atEnd(() => closeAndUnlink(list.shm))
  return list
}

function closeAndUnlink(memory: SharedMemory): void {
  memory.close()
  try {
    memory.unlink()
  } catch {
    // The row has done it.
  }
}

export const isGone = ({ cause }: Error & { cause?: unknown }): boolean => (cause as { code?: unknown } | undefined)?.code === 'ENOENT'
