// Named memory and what is said of it to the tracker.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { threadId } from 'node:worker_threads'
import { native } from './addon.mjs'

const page = 4096
const POLLIN = 1
const tracker = fileURLToPath(new URL('../../dist/native/linux-x64/polyprocess-names', import.meta.url))
const name = `psm_polyprocess_smoke_${process.pid}_${threadId}`

function unnamedMemory() {
  const fd = native.sharedMemoryOpenUnnamed()
  native.memoryTruncate(fd, 100)
  const identity = native.memoryIdentity(fd)
  native.sharedMemoryLink(fd, name)
  const other = native.sharedMemoryOpenUnnamed()
  assert.throws(() => native.sharedMemoryLink(other, name), { code: 'EEXIST', syscall: 'linkat' })
  assert.notEqual(native.memoryIdentity(other), identity)
  assert.throws(() => native.sharedMemoryUnlinkSame(name, native.memoryIdentity(other)), { code: 'ENOENT', syscall: 'unlink' })
  native.close(other)
  const found = native.sharedMemoryOpen(name, 0)
  assert.equal(native.memorySize(found), 100)
  assert.equal(native.memoryIdentity(found), identity)
  native.close(found)
  native.sharedMemoryUnlinkSame(name, identity)
  native.close(fd)
  assert.throws(() => native.memoryIdentity(-1), { code: 'EBADF', syscall: 'statx' })
  assert.throws(() => native.sharedMemoryLink(-1, '../a'), { code: 'EINVAL' })
}

async function detaching() {
  const fd = native.memoryCreate('polyprocess-detached')
  native.memoryGrow(fd, page)
  const buffer = native.memoryMap(fd, 0, page)
  native.close(fd)
  const bytes = new Uint8Array(buffer)
  bytes[0] = 1
  native.detach(buffer)
  assert.equal(bytes.length, 0)
  assert.equal(buffer.byteLength, 0)
  for (let turn = 0; readFileSync('/proc/self/maps', 'utf8').includes('polyprocess-detached'); turn++) {
    assert.ok(turn < 1000, 'the memory of a detached buffer was not unmapped')
    await setImmediate()
  }
  // @ts-expect-error: a caller without types
  assert.throws(() => native.detach(bytes), TypeError)
}

/** The tracker that it starts is over as soon as it looks: nobody holds a lock. */
function tracking() {
  const arenaId = randomBytes(16).toString('hex')
  const fd = native.memoryCreate('polyprocess-smoke')
  assert.equal(native.trackerTell(arenaId, '+1 a'), false)
  const child = native.spawn({ file: tracker, args: ['polyprocess-names', arenaId, '0'], env: [], fds: [-1, -1, 2, fd] })
  while (!native.isEnded(child.pidfd)) native.pollDescriptor(child.pidfd, POLLIN, -1)
  assert.deepEqual(native.waitPid(child.pidfd), { exitCode: 0, signal: null })
  native.close(child.pidfd)
  native.close(fd)
  assert.throws(() => native.trackerTell('x', '+1 a'), { code: 'EINVAL', syscall: 'sendto' })
}

export const checks = {
  'memory gets its name when it is ready': unnamedMemory,
  'a detached buffer is unmapped': detaching,
  'the tracker is started, and told': tracking,
}
