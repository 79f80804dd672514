// The template: a process that has loaded the library and the modules of the preload list, does nothing else, and is forked for each
// child that somebody asks for. It waits in poll(2) and not in an event loop, so there is nothing under way in it that a child would
// inherit; what it runs is one callback, which returns in the children only.
//
// It belongs to the process that started it and ends when that one has ended and all children have been reaped; they end by
// themselves, since each watches the process that asked for it.
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { atFork } from '../../base/at-fork.ts'
import { loadValue } from '../../channel/stored-value.ts'
import { forkNow } from '../../fork/fork.ts'
import { arena } from '../../memory/arena.ts'
import { slotOf } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { native } from '../../native/load.ts'
import { ring } from '../../sync/doorbell.ts'
import { enterForked, setEnvironment } from '../inside/enter.ts'
import { runProgram } from '../methods/run-program.ts'
import { offerTemplate } from '../methods/forkserver.ts'
import { FAILED, FORKED, type Order, ORDER } from './protocol.ts'
import { readNumber, writeNumber } from './sockets.ts'

interface Forked {
  readonly slot: number
  /** Who asked for it, to be told of its end. */
  readonly starter: number
}

/** Everything that is waited for, by descriptor. */
const requesters = new Set<number>()
const forked = new Map<number, Forked>()

/** Serves until its owner has ended. Returns in children only, which have become members of the tree. `owner`: its pidfd. */
export function serve(socket: number, owner: number): void {
  requesters.add(socket)
  native().ignoreSignal(constants.signals.SIGINT, true)
  let isOwned = true
  while (isOwned || forked.size > 0) {
    const fds = Int32Array.of(...(isOwned ? [owner] : []), ...requesters, ...forked.keys())
    const first = native().pollDescriptors(new Uint8Array(fds.buffer), Infinity)
    if (first < 0) continue
    const fd = fds[first] as number
    if (isOwned && fd === owner) isOwned = false
    else if (forked.has(fd)) reap(fd)
    else if (answer(fd, owner)) return
  }
  native().exitNow(0)
}

function reap(pidfd: number): void {
  const end = native().waitPid(pidfd)
  if (end === null) return
  const { slot, starter } = forked.get(pidfd) as Forked
  forked.delete(pidfd)
  native().close(pidfd)
  arena().slots.setStatus(slot, end.exitCode, end.signal)
  ring(starter)
}

/** True in the child. */
function answer(socket: number, owner: number): boolean {
  const order = receive(socket)
  if (order === null) {
    requesters.delete(socket)
    native().close(socket)
    return false
  }
  // What is copied by the fork and is not the child's.
  const others = [owner, ...requesters, ...forked.keys()]
  const pair: number[] = []
  try {
    if (order.outputs.includes(-1)) throw descriptorsRunOut()
    pair.push(...native().socketPair())
    if (Math.max(...pair) + NEEDED_BY_CHILD > descriptorLimit()) throw descriptorsRunOut()
    const pid = forkNow()
    const [theirs, ours] = pair as [number, number]
    if (pid === 0) {
      becomeForked(order, { socket: theirs, leftBehind: [ours, ...others] })
      return true
    }
    requesters.add(ours)
    pair.pop()
    confirm(socket, pid, order)
  } catch (error) {
    refuse(socket, error)
  }
  for (const fd of [...pair, ...order.outputs]) if (fd >= 0) native().close(fd)
  return false
}

/** Descriptors that a child opens before it can say that it has none. */
const NEEDED_BY_CHILD = 32
let limit: number | undefined

function descriptorLimit(): number {
  limit ??= Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? Infinity)
  return limit
}

/** What came with a message had no room here, or what a child needs would have none. */
function descriptorsRunOut(): Error {
  return Object.assign(new Error('the template has no room for more descriptors'), { errno: -constants.errno.EMFILE })
}

interface ReceivedOrder {
  readonly order: Order
  /** Standard output and standard error. */
  readonly outputs: readonly [number, number]
  readonly starter: number
}

function receive(socket: number): ReceivedOrder | null {
  const stdout = native().receiveDescriptor(socket)
  if (stdout === null || stdout.byte !== ORDER) return null
  const stderr = native().receiveDescriptor(socket)
  const reference = readNumber(socket)
  if (stderr === null || reference === null) return null
  const order = loadValue((reference >>> 0) as Reference) as Order
  return { order, outputs: [stdout.fd, stderr.fd], starter: arena().slots.responsibleFor(slotOf(order.id)) }
}

function confirm(socket: number, pid: number, { order, starter }: ReceivedOrder): void {
  const pidfd = openOrEnd(pid)
  forked.set(pidfd, { slot: slotOf(order.id), starter })
  try {
    native().sendDescriptor(socket, pidfd, FORKED)
    writeNumber(socket, pid)
  } catch {
    // Who asked is gone, and the child ends when it sees that.
  }
}

/** Nobody but us can reap it, so it is there. @throws the system's error; then the child has been ended */
function openOrEnd(pid: number): number {
  try {
    return native().pidfdOpen(pid)
  } catch (error) {
    process.kill(pid, 'SIGKILL')
    throw error
  }
}

function refuse(socket: number, error: unknown): void {
  const { errno } = error as { errno?: number }
  try {
    // Any descriptor but the arena's: who closes one of those gives up its locks.
    native().sendDescriptor(socket, 0, FAILED)
    writeNumber(socket, errno ?? -constants.errno.EAGAIN)
  } catch {
    // Who asked is gone.
  }
}

interface Inheritance {
  /** To the template, for children of this child. */
  readonly socket: number
  readonly leftBehind: readonly number[]
}

function becomeForked({ order, outputs }: ReceivedOrder, { socket, leftBehind }: Inheritance): void {
  native().ignoreSignal(constants.signals.SIGINT, false)
  for (const fd of leftBehind) native().close(fd)
  const [stdout, stderr] = outputs
  enterForked({ id: order.id, outputs: { stdout, stderr } })
  for (const fd of outputs) native().close(fd)
  offerTemplate(socket)
  if (process.cwd() !== order.cwd) process.chdir(order.cwd)
  process.umask(order.umask)
  setEnvironment(order.env)
  runProgram(order.file)
}

atFork({
  inChild() {
    if (requesters.size > 0) requesters.clear()
    if (forked.size > 0) forked.clear()
  },
})
