// Named segments as files: made, opened, unlinked. A segment is made without a name, gets its size, is tracked, and only then its name:
// nobody ever attaches to one that is not ready, and none is left behind by whoever is killed in between.
import { MultiprocessingError } from '../../base/errors.ts'
import { expected } from '../../base/validate.ts'
import { native } from '../../native/load.ts'
import { randomName } from './names.ts'
import { forget, track } from './tracking.ts'

/** A segment of this name, mapped here. The name may come to mean another one; `identity` does not. */
export interface Segment {
  readonly name: string
  readonly identity: string
  readonly buffer: ArrayBuffer
}

/** What is not given a name gets one that nobody has. */
export function createSegment(size: number, name: string | undefined, tracked: boolean): Segment {
  checkRoom(size)
  const fd = native().sharedMemoryOpenUnnamed()
  try {
    native().memoryTruncate(fd, size)
    const buffer = mapAll(fd, size)
    const identity = native().memoryIdentity(fd)
    return { name: giveName(fd, identity, name, tracked), identity, buffer }
  } finally {
    // The mapping stays.
    native().close(fd)
  }
}

/** Memory gets its pages when they are first touched: where there is no room for one, the program ends with SIGBUS. */
function checkRoom(size: number): void {
  const room = roomLeft()
  if (size <= room) return
  throw new MultiprocessingError(
    `There is no room for ${size} bytes of shared memory: /dev/shm has ${room} left. Unlink what is not needed, or make it larger ` +
      '(`docker run --shm-size`, `mount -o remount,size=…`)',
    { code: 'ENOSPC' },
  )
}

function roomLeft(): number {
  try {
    const { bavail, blocks, bsize } = process.getBuiltinModule('node:fs').statfsSync('/dev/shm')
    return blocks === 0 ? Infinity : bavail * bsize // Without blocks there is no limit.
  } catch {
    return Infinity // Under --permission nobody may ask; making the segment tells of everything else.
  }
}

function giveName(fd: number, identity: string, wanted: string | undefined, tracked: boolean): string {
  for (;;) {
    const name = wanted ?? randomName()
    if (tracked) track(name, identity)
    try {
      native().sharedMemoryLink(fd, name)
      return name
    } catch (error) {
      if (tracked) forget(name, identity)
      if (codeOf(error) !== 'EEXIST') throw error
      if (wanted === undefined) continue
      throw new MultiprocessingError(
        `There is shared memory named ${name} already. SharedMemory.attach(name) opens it; its unlink() makes the name free`,
        { code: 'EEXIST', cause: error },
      )
    }
  }
}

/** `identity`: it must be this one, and not another that has got its name meanwhile. */
export function openSegment(name: string, tracked: boolean, identity?: string): Segment {
  const fd = openNamed(name)
  try {
    const found = native().memoryIdentity(fd)
    if (identity !== undefined && found !== identity) throw missing(name)
    const size = native().memorySize(fd)
    if (size === 0) {
      throw new MultiprocessingError(
        `The shared memory ${name} has no bytes: whoever is making it is not done, or was killed while making it`,
        { code: 'ERR_NOT_READY' },
      )
    }
    const buffer = mapAll(fd, size)
    if (tracked) track(name, found)
    return { name, identity: found, buffer }
  } finally {
    native().close(fd)
  }
}

function openNamed(name: string): number {
  try {
    return native().sharedMemoryOpen(name, 0)
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? missing(name, error) : error
  }
}

/** Frees the name; the memory stays with those who have it. Never what has got the name meanwhile. */
export function unlinkSegment(name: string, identity: string): void {
  try {
    native().sharedMemoryUnlinkSame(name, identity)
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? missing(name, error) : error
  } finally {
    forget(name, identity)
  }
}

function mapAll(fd: number, size: number): ArrayBuffer {
  try {
    return native().memoryMap(fd, 0, size)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new RangeError(expected('size', 'at most what a buffer can have (4 GiB on Node 20)', size), { cause: error })
  }
}

function missing(name: string, cause?: unknown): MultiprocessingError {
  return new MultiprocessingError(`There is no shared memory named ${name}, or not any more: it was unlinked, or its makers have ended`, {
    code: 'ENOENT',
    cause,
  })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
