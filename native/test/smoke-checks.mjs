import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'
import { native } from './addon.mjs'
import { lending, page, sharedBuffer } from './lending-checks.mjs'
import { pollEntries } from './poll-checks.mjs'
import { badSockets, sockets } from './socket-checks.mjs'

const POLLIN = 1
const arenaId = randomBytes(16).toString('hex')
const addonPath = fileURLToPath(new URL('../../dist/native/linux-x64/polyprocess.node', import.meta.url))
const { SIGKILL, SIGTERM } = constants.signals

/**
 * A process that runs `script` in Node, or in the shell when it is none.
 * @param {string} script
 * @param {readonly number[]} fds
 */
function startNode(script, fds = [-1, 1, 2]) {
  const program = `const native = require(${JSON.stringify(addonPath)}); ${script}`
  return native.spawn({ file: process.execPath, args: ['node', '-e', program], env: [], fds })
}

/** @param {number} pidfd */
async function endOf(pidfd) {
  while (!native.isEnded(pidfd)) await setImmediate()
  const end = native.waitPid(pidfd)
  native.close(pidfd)
  return end
}

/** A bell of this thread and a promise for each of its answers. */
function openBell(slot = 1) {
  const { fd, buffer } = sharedBuffer(1)
  const words = new Int32Array(buffer)
  /** @type {(() => void)[]} */
  const waiting = []
  const bell = native.bellOpen(arenaId, slot, words, 4, () => {
    for (const resolve of waiting.splice(0)) resolve()
  })
  native.bellArena(arenaId)
  const answer = () => new Promise(resolve => waiting.push(() => resolve(undefined)))
  return { bell, words, answer, fd, slot }
}

function memory() {
  const { fd, buffer } = sharedBuffer(4)
  assert.equal(native.memorySize(fd), 4 * page)
  const whole = new Uint8Array(buffer)
  const second = new Uint8Array(native.memoryMap(fd, page, page))
  whole[page + 5] = 7
  assert.equal(second[5], 7)
  native.memoryPunch(fd, page, page)
  assert.equal(second[5], 0)
  assert.throws(() => native.memoryMap(fd, 1, page), RangeError)
  assert.throws(() => native.memoryMap(fd, 0, 0), RangeError)
  assert.throws(() => native.memoryTruncate(fd, page), { code: 'EPERM', errno: -1, syscall: 'ftruncate' })
  assert.throws(() => native.memoryMap(-1, 0, page), { code: 'EBADF', message: 'mmap: Bad file descriptor (EBADF)' })
  assert.throws(() => native.memoryGrow(fd, -1), RangeError)
  // @ts-expect-error: a caller without types
  assert.throws(() => native.memoryCreate(7), { name: 'TypeError', message: 'Expected `name` to be a string' })
  assert.throws(() => native.memoryCreate('a\0b'), RangeError)
  native.close(fd)
}

/** A buffer that nobody has any more gives its mapping back. */
async function collection() {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const name = `polyprocess-collect-${process.hrtime.bigint()}`
  const fd = native.memoryCreate(name)
  native.memoryGrow(fd, page)
  const mapped = () => readFileSync('/proc/self/maps', 'utf8').includes(name)
  const map = () => new Uint8Array(native.memoryMap(fd, 0, page)).fill(1).length
  assert.equal(map(), page)
  for (let turn = 0; mapped(); turn++) {
    assert.ok(turn < 1000, 'the mapping is still there')
    collect()
    await setImmediate()
  }
  native.close(fd)
}

function namedMemory() {
  const name = `/psm_polyprocess_smoke_${process.pid}`
  const fd = native.sharedMemoryOpen(name, 1)
  native.memoryTruncate(fd, 100)
  assert.throws(() => native.sharedMemoryOpen(name, 1), { code: 'EEXIST', syscall: 'open' })
  const other = native.sharedMemoryOpen(name.slice(1), 0)
  assert.equal(native.memorySize(other), 100)
  native.sharedMemoryUnlink(name)
  assert.throws(() => native.sharedMemoryUnlink(name), { code: 'ENOENT', syscall: 'unlink' })
  assert.throws(() => native.sharedMemoryOpen('../passwd', 0), { code: 'EINVAL' })
  native.close(other)
  native.close(fd)
}

async function byteLocks() {
  const fd = native.memoryCreate('polyprocess-smoke')
  assert.equal(native.byteLock(fd, 2), true)
  assert.equal(native.byteLockOwner(fd, 2), 0)
  const child = startNode(`process.exitCode = native.byteLock(3, 2) ? 1 : native.byteLockOwner(3, 2) === ${process.pid} ? 0 : 2`, [
    -1,
    1,
    2,
    fd,
  ])
  assert.deepEqual(await endOf(child.pidfd), { exitCode: 0, signal: null })
  native.byteUnlock(fd, 2)
  native.close(fd)
}

async function futexes() {
  const { fd, buffer } = sharedBuffer(1)
  const words = new Int32Array(buffer)
  assert.equal(native.futexWait(words, 0, 1, -1), 0)
  assert.equal(native.futexWait(words, 0, 0, 5.5), 1)
  assert.throws(() => native.futexWait(words, page / 4, 0, 0), RangeError)
  // @ts-expect-error: a caller without types
  assert.throws(() => native.futexWait(new Uint8Array(8), 0, 0, 0), TypeError)
  const child = startNode(
    'const words = new Int32Array(native.memoryMap(3, 0, 4096)); Atomics.store(words, 1, 1); process.exitCode = native.futexWait(words, 0, 0, -1)',
    [-1, 1, 2, fd],
  )
  while (Atomics.load(words, 1) === 0) await setImmediate()
  while (native.futexWake(words, 0, 1) === 0) await setImmediate()
  assert.deepEqual(await endOf(child.pidfd), { exitCode: 0, signal: null })
  native.close(fd)
}

/** Node installs its handlers with SA_RESTART; a blocking wait must end all the same, so that Ctrl-C works. */
async function interruption() {
  const { fd, buffer } = sharedBuffer(1)
  const words = new Int32Array(buffer)
  const child = startNode(
    `process.on('SIGINT', () => {}); const words = new Int32Array(native.memoryMap(3, 0, 4096));
    Atomics.store(words, 1, 1); native.exitNow(30 + native.futexWait(words, 0, 0, -1))`,
    [-1, 1, 2, fd],
  )
  while (Atomics.load(words, 1) === 0) await setImmediate()
  // Again and again, because a signal that comes before the sleep is not noticed.
  while (!native.isEnded(child.pidfd)) {
    native.pidfdSignal(child.pidfd, constants.signals.SIGINT)
    await setImmediate()
  }
  assert.deepEqual(await endOf(child.pidfd), { exitCode: 32, signal: null })
  native.close(fd)
}

/** Signals that the event loop has not heard of are seen without being taken from it, also when the thread never sleeps. */
async function pendingSignals() {
  const { SIGINT, SIGHUP } = constants.signals
  assert.deepEqual([native.countSignals(), native.peekSignals()], [0, { oldest: '', signals: [] }])
  const expected = [
    [
      [3, [SIGINT, SIGHUP, SIGINT], 0],
      [0, [], 3],
    ],
    true,
    false,
  ]
  const child = startNode(`
    const { setImmediate } = require('node:timers/promises')
    const heard = []
    for (const name of ['SIGINT', 'SIGHUP']) process.on(name, () => heard.push(name))
    const send = () => { for (const name of ['SIGINT', 'SIGHUP', 'SIGINT']) process.kill(process.pid, name) }
    const look = () => [native.countSignals(), native.peekSignals().signals, heard.length]
    const turns = async count => { while (heard.length < count) await setImmediate() }
    const run = async () => {
      const seen = []
      send()
      seen.push(look())
      const names = [native.peekSignals().oldest, native.peekSignals().oldest]
      await turns(3)
      seen.push(look())
      send()
      names.push(native.peekSignals().oldest)
      const all = [seen, names[0] === names[1], names[0] === names[2]]
      process.exitCode = JSON.stringify(all) === '${JSON.stringify(expected)}' ? 0 : 1
    }
    run()`)
  assert.deepEqual(await endOf(child.pidfd), { exitCode: 0, signal: null })
}

async function bells() {
  const { bell, words, answer, fd, slot } = openBell()
  bell.ref()
  assert.equal(native.bellWake(slot, words, 4), false)
  Atomics.store(words, 5, 2)
  const answered = answer()
  assert.equal(native.bellWake(slot, words, 4), true)
  assert.equal(Atomics.load(words, 5), 0)
  assert.equal(native.bellWake(slot, words, 4), false)
  await answered
  const again = answer()
  assert.equal(native.bellForce(slot, words, 4), true)
  await again
  assert.throws(() => native.bellOpen(arenaId, slot, words, 4, () => {}), { code: 'EADDRINUSE', syscall: 'bind' })
  assert.throws(() => native.bellArena('0'.repeat(32)), RangeError)
  assert.throws(() => bell.ref.call({}), TypeError)
  bell.unref()
  bell.close()
  bell.close()
  bell.ref()
  assert.equal(native.bellForce(slot, words, 4), false)
  native.close(fd)
}

/** Whatever a callback throws is uncaught, and the bell goes on. */
async function throwingBells() {
  const { fd, buffer } = sharedBuffer(1)
  const words = new Int32Array(buffer)
  const bell = native.bellOpen(arenaId, 9, words, 0, () => {
    throw new Error('from the bell')
  })
  bell.ref()
  for (let turn = 0; turn < 2; turn++) {
    const thrown = new Promise(resolve => process.once('uncaughtException', resolve))
    native.bellForce(9, words, 0)
    assert.equal(/** @type {Error} */ (await thrown).message, 'from the bell')
  }
  bell.close()
  native.close(fd)
}

async function processes() {
  const { pid, pidfd } = startNode('setInterval(() => {}, 1000)')
  assert.equal(native.waitPid(pidfd), null)
  assert.equal(native.isEnded(pidfd), false)
  const other = native.pidfdOpen(pid)
  assert.equal(native.pidfdSignal(other, SIGKILL), true)
  assert.deepEqual(await endOf(pidfd), { exitCode: null, signal: SIGKILL })
  assert.equal(native.pidfdSignal(other, SIGKILL), false)
  assert.throws(() => native.waitPid(other), { code: 'ECHILD', syscall: 'waitid' })
  native.close(other)
  assert.deepEqual(await endOf(startNode('native.exitNow(9)').pidfd), { exitCode: 9, signal: null })
  assert.throws(() => native.spawn({ file: '/nowhere', args: ['x'], env: [], fds: [] }), { code: 'ENOENT', syscall: 'execve' })
  // @ts-expect-error: a caller without types
  assert.throws(() => native.spawn({ file: '/bin/true', args: ['true'], env: [] }), { message: 'Expected `fds` to be an array' })
  assert.equal(native.threadId() === process.pid, isMainThread)
  assert.deepEqual(new Set(Object.values(native.features())), new Set([true]))
}

async function watching() {
  const { bell, words, answer, fd, slot } = openBell(2)
  bell.ref()
  assert.equal(native.takeExits().length, 0)
  const child = startNode('process.exitCode = 5')
  const forgotten = startNode('setInterval(() => {}, 1000)')
  native.watchChild(child.pidfd, 11, words, 4, slot)
  native.watchChild(forgotten.pidfd, 12, words, 4, slot)
  assert.throws(() => native.watchChild(child.pidfd, 11, words, 4, slot), { code: 'EEXIST' })
  const answered = answer()
  Atomics.store(words, 5, 2)
  await answered
  assert.deepEqual([...native.takeExits()], [11, 5, 0])
  assert.equal(native.unwatchChild(11), false)
  assert.equal(native.unwatchChild(12), true)
  native.pidfdSignal(forgotten.pidfd, SIGTERM)
  assert.deepEqual(await endOf(forgotten.pidfd), { exitCode: null, signal: SIGTERM })
  bell.close()
  native.close(child.pidfd)
  native.close(fd)
}

/** What is done around a fork; one process can play both sides, as long as it has no helper thread, which a fork would not have copied. */
async function forks() {
  native.forkPrepare()
  native.forkInParent()
  const child = startNode(`
    native.bellArena('${arenaId}')
    const words = new Int32Array(16)
    const bell = native.bellOpen('${arenaId}', 9, words, 8, () => process.exit(1))
    bell.ref()
    native.forkPrepare()
    native.forkInChild()
    bell.close()
    native.bellArena('${arenaId}')
    native.bellOpen('${arenaId}', 9, words, 8, () => {}).close()
    const watched = native.spawn({ file: '/bin/sleep', args: ['sleep', '60'], env: [], fds: [] })
    native.watchChild(watched.pidfd, 1, words, 4, 0)
    native.pidfdSignal(watched.pidfd, ${SIGKILL})
    while (native.takeExits().length === 0);
    process.exitCode = 7`)
  assert.deepEqual(await endOf(child.pidfd), { exitCode: 7, signal: null })
}

/** A process whose user is gone ends, though it never comes back to its event loop. */
async function users() {
  const user = startNode('setInterval(() => {}, 1000)')
  const [ours, theirs] = native.socketPair()
  const child = startNode('native.watchUser(3, 60000); native.writeDescriptor(4, new Uint8Array(1)); for (;;);', [
    -1,
    1,
    2,
    user.pidfd,
    theirs,
  ])
  assert.equal(native.readDescriptor(ours, new Uint8Array(1)), 1)
  native.pidfdSignal(user.pidfd, SIGKILL)
  assert.deepEqual(await endOf(child.pidfd), { exitCode: null, signal: SIGTERM })
  await endOf(user.pidfd)
  native.close(ours)
  native.close(theirs)
}

function descriptors() {
  const [left, right] = native.socketPair()
  assert.equal(native.pollDescriptor(left, POLLIN, 1.5), 0)
  assert.equal(native.writeDescriptor(right, new Uint8Array([1, 2, 3])), 3)
  assert.equal(native.pollDescriptor(left, POLLIN, -1), POLLIN)
  const bytes = new Uint8Array(8)
  assert.equal(native.readDescriptor(left, bytes), 3)
  assert.deepEqual([...bytes.subarray(0, 4)], [1, 2, 3, 0])
  native.sendDescriptor(right, right, 65)
  const received = native.receiveDescriptor(left)
  assert.equal(received?.byte, 65)
  native.close(received?.fd ?? -1)
  const duplicate = native.duplicate(right)
  native.setCloseOnExec(duplicate, false)
  assert.equal(native.pollDescriptors(new Uint8Array(Int32Array.of(left, duplicate).buffer), 1), -1)
  native.sendDescriptor(left, left, 66)
  assert.equal(native.pollDescriptors(new Uint8Array(Int32Array.of(left, duplicate).buffer), 1000), 1)
  native.close(native.receiveDescriptor(duplicate)?.fd ?? -1)
  native.replaceDescriptor(-1, duplicate)
  assert.equal(native.readDescriptor(duplicate, new Uint8Array(1)), 0)
  native.ignoreSignal(23, true)
  native.ignoreSignal(23, false)
  native.dieWithForker(true)
  native.dieWithForker(false)
  const called = native.renameThread('another')
  assert.equal(native.renameThread(called), 'another')
  native.close(duplicate)
  native.close(right)
  assert.equal(native.receiveDescriptor(left), null)
  native.close(left)
  assert.throws(() => native.close(left), { code: 'EBADF', errno: -9, syscall: 'close' })
  assert.throws(() => native.close(0.5), RangeError)
}

/** Last: everything above has closed what it opened. */
async function nothingLeftOpen() {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  for (let turn = 0; turn < 20; turn++) {
    const { bell, fd } = openBell(20 + turn)
    bell.close()
    native.close(fd)
    assert.deepEqual(await endOf(native.spawn({ file: '/bin/true', args: ['true'], env: [], fds: [] }).pidfd), {
      exitCode: 0,
      signal: null,
    })
  }
  await setImmediate()
  assert.equal(open(), before)
}

/** @type {ArrayBuffer[]} */
const stillLent = []

/** What a thread that ends has not closed: lent memory, an open bell that rings, and a child that is watched and goes on living. */
export function leaveEverythingOpen() {
  const { bell, words, slot } = openBell(isMainThread ? 3 : 4)
  bell.ref()
  const { fd, buffer } = sharedBuffer(2)
  stillLent.push(native.lendWithin(new Uint8Array(buffer), 0, page, 1), native.lendMapped(fd, page, page, 2))
  const { pidfd } = native.spawn({ file: '/bin/sleep', args: ['sleep', '0.3'], env: [], fds: [] })
  native.watchChild(pidfd, 1, words, 4, slot)
  native.bellForce(slot, words, 4)
  if (isMainThread) setTimeout(() => process.exit(), 20)
}

export const checks = {
  'memory is shared, grows and is given back': memory,
  'a collected buffer is unmapped': collection,
  'lent memory comes back when nobody has it any more': lending,
  'named memory is found by its name': namedMemory,
  'a byte lock keeps other processes out': byteLocks,
  'a futex wakes another process': futexes,
  'a signal ends a blocking wait': interruption,
  'signals are seen before the event loop hears of them': pendingSignals,
  'bells ring in the event loop': bells,
  'what a bell throws is uncaught, and the bell goes on': throwingBells,
  'processes start, end and are reaped': processes,
  'the helper thread tells who has ended': watching,
  'a fork leaves the parent what is its': forks,
  'a process ends with its user': users,
  'descriptors are passed and polled': descriptors,
  'several descriptors are asked in one call': pollEntries,
  'sockets connect and carry bytes': sockets,
  'sockets that cannot be say why': badSockets,
  'nothing is left open': nothingLeftOpen,
}
