// The template: a process that has loaded the library and the modules of the preload list, does nothing else, and is forked for each
// child that somebody asks for. It waits in poll(2) and not in an event loop, so there is nothing under way in it that a child would
// inherit; what it runs is one callback, which returns in the children only.
//
// While nobody asks it forks a child in advance, the reserve, which is told what it is when somebody does: most of what a child costs
// (the fork, a life of its own for V8 and Node) has happened by then. Several orders at a time are met by forking as they come.
//
//   reserve:   WAITING ──order, taken──> a child like others          WAITING ──killed, or the template has ended──> gone
//
// Who asked is answered when the reserve has taken its order: signals that come before are not for the child, those after are.
//
// It belongs to the process that started it and ends when that one has ended and all children have been reaped; they end by
// themselves, since each watches the process that asked for it.
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { atFork, calledInChild } from '../../base/at-fork.ts'
import { deadlineAfter, timeLeft } from '../../base/deadline.ts'
import { loadValue } from '../../channel/stored-value.ts'
import { forkNow } from '../../fork/fork.ts'
import { arena } from '../../memory/arena.ts'
import { type OwnerId, slotOf } from '../../memory/identity.ts'
import { native } from '../../native/load.ts'
import { ring } from '../../sync/doorbell.ts'
import { changeEnvironment, detachFromParent, enterForked } from '../inside/enter.ts'
import { offerTemplate } from '../methods/forkserver.ts'
import { runProgram } from '../methods/run-program.ts'
import { rehearseReading } from '../../wire/rehearsal.ts'
import { confirmOrder, receiveOrder, type ReceivedOrder, refuseOrder, sendOrder } from './orders.ts'
import { type Order, TAKEN } from './protocol.ts'
import { readNumber, writeNumbers } from './sockets.ts'

/** A process that has been forked and not yet reaped. */
interface Forked {
  readonly pid: number
  readonly pidfd: number
  /** To the template, for children of that child: the template's end. */
  readonly line: number
}

interface Reserve extends Forked {
  /** Where it waits for its order. */
  readonly orders: number
}

interface Employed {
  readonly id: OwnerId
  /** Who asked for it, to be told of its end. */
  readonly starter: number
}

/** The pidfd of the process that this one belongs to. */
let owner = -1
let ownersSocket = -1
/** Who can ask: the owner, and children. */
const requesters = new Set<number>()
/** By pidfd. */
const employed = new Map<number, Employed>()
let reserve: Reserve | null = null
/** After one that died, or could not be had, there is no other before the next order. */
let isReserveWanted = true
let hasRehearsed = false
/** What the template was started with; modules of the preload list may have changed it since. */
let environment: Readonly<Record<string, string>> = {}

export interface Service {
  /** To the owner. */
  readonly socket: number
  /** The owner's pidfd, which is taken over. */
  readonly owner: number
  /** That this process was started with. */
  readonly environment: Readonly<Record<string, string>>
}

/** Serves until its owner has ended. Returns in children only: what the child is to become, to be given to `becomeChildOf`. */
export function serve({ socket, owner: pidfd, environment: variables }: Service): ReceivedOrder {
  owner = pidfd
  ownersSocket = socket
  environment = variables
  requesters.add(socket)
  native().ignoreSignal(constants.signals.SIGINT, true)
  while (owner >= 0 || employed.size > 0) {
    const order = isReserveWanted && reserve === null && ownersSocket >= 0 && waitFor(0) < 0 ? forkReserve() : serveNext()
    if (order !== null) return order
  }
  return native().exitNow(0)
}

function serveNext(): ReceivedOrder | null {
  const fd = waitFor(Infinity)
  if (fd < 0) return null
  if (fd === owner) forgetOwner()
  else if (fd === reserve?.pidfd) dropReserve(reserve)
  else if (employed.has(fd)) reap(fd)
  else return answer(fd)
  return null
}

function forgetOwner(): void {
  native().close(owner)
  owner = -1
}

/** The first descriptor on which something has happened; -1: nothing in so many ms. */
function waitFor(timeout: number): number {
  const fds = Int32Array.of(...(owner >= 0 ? [owner] : []), ...(reserve === null ? [] : [reserve.pidfd]), ...requesters, ...employed.keys())
  const first = native().pollDescriptors(new Uint8Array(fds.buffer), timeout)
  return first < 0 ? -1 : (fds[first] as number)
}

function reap(pidfd: number): void {
  const end = native().waitPid(pidfd)
  if (end === null) return
  const { id, starter } = employed.get(pidfd) as Employed
  employed.delete(pidfd)
  native().close(pidfd)
  // Unless whoever asked for it has ended, and its slot is somebody else's by now.
  if (!arena().slots.isCurrent(id)) return
  arena().slots.setStatus(slotOf(id), end.exitCode, end.signal)
  ring(starter)
}

/** In the child its order; null in the template. */
function answer(socket: number): ReceivedOrder | null {
  const order = receiveOrder(socket)
  if (order === null) {
    dismiss(socket)
    return null
  }
  isReserveWanted = true
  let child: Forked | null = null
  try {
    if (order.outputs.includes(-1)) throw descriptorsRunOut()
    child = takeReserve(order) ?? forkChild()
  } catch (error) {
    refuseOrder(socket, error)
    closeOutputs(order)
    return null
  }
  if (child === null) {
    detachFromParent()
    return order
  }
  requesters.add(child.line)
  employ(child, order)
  confirmOrder(socket, child.pid, child.pidfd)
  closeOutputs(order)
  return null
}

/** It has ended, or will in a moment. Without the owner there is no reserve. */
function dismiss(socket: number): void {
  if (socket === ownersSocket) {
    if (reserve !== null) dropReserve(reserve)
    ownersSocket = -1
  }
  requesters.delete(socket)
  native().close(socket)
}

function closeOutputs({ outputs }: ReceivedOrder): void {
  for (const fd of outputs) if (fd >= 0) native().close(fd)
}

/** The child's own process may be on its way already, and end, but nobody reaps it before the template looks again. */
function employ({ pidfd }: Forked, { id }: ReceivedOrder): void {
  employed.set(pidfd, { id, starter: arena().slots.responsibleFor(slotOf(id)) })
}

/** The reserve with this order; null: there is none, or it has died. */
function takeReserve(order: ReceivedOrder): Reserve | null {
  if (reserve === null) return null
  const taken = reserve
  if (!handOver(taken, order) && !endedTooLate(taken)) {
    dropReserve(taken)
    return null
  }
  reserve = null
  native().close(taken.orders)
  return taken
}

/** Kills a reserve. True: it had taken its order, so it is the child that was asked for, and has ended; the order is not for another one. */
function endedTooLate({ pid, pidfd, orders }: Reserve): boolean {
  process.kill(pid, 'SIGKILL')
  while (waitForOne(pidfd, Infinity) < 0);
  return hasTaken(orders, 0)
}

/** A reserve that does not take its order in so many ms has been stopped, or killed. */
const LONGEST_HANDOVER = 1000

/** Signals that come meanwhile do not count: a module that was preloaded may have left handlers for some. */
function hasTaken(orders: number, timeout: number): boolean {
  const deadline = deadlineAfter(timeout)
  for (;;) {
    const first = waitForOne(orders, timeLeft(deadline))
    if (first >= 0) return saysTaken(orders)
    if (timeLeft(deadline) === 0) return false
  }
}

function saysTaken(orders: number): boolean {
  try {
    return readNumber(orders) === TAKEN
  } catch {
    return false // ECONNRESET: it has been killed with its order unread.
  }
}

function waitForOne(fd: number, timeout: number): number {
  return native().pollDescriptors(new Uint8Array(Int32Array.of(fd).buffer), timeout)
}

function handOver({ orders }: Reserve, order: ReceivedOrder): boolean {
  try {
    sendOrder(orders, order)
    return hasTaken(orders, LONGEST_HANDOVER)
  } catch {
    return false
  }
}

/** In the child its order, when that has come; null in the template. */
function forkReserve(): ReceivedOrder | null {
  if (!hasRehearsed) rehearse()
  hasRehearsed = true
  // It is called so from its first moment on: who looks at processes can tell it from a child at work.
  const name = native().renameThread('reserve')
  const pair: number[] = []
  let child: Forked | null
  try {
    pair.push(...native().socketPair())
    child = forkChild(pair.slice(0, 1))
  } catch {
    native().renameThread(name)
    isReserveWanted = false
    for (const fd of pair) native().close(fd)
    return null
  }
  const [orders, awaited] = pair as [number, number]
  const order = child === null ? awaitOrder(awaited) : null
  native().renameThread(name)
  native().close(awaited)
  if (child !== null) reserve = { ...child, orders }
  return order
}

/** Modules that were preloaded may have replaced what it needs: then the first message is read as it is read without. */
function rehearse(): void {
  try {
    rehearseReading()
  } catch {
    // A real message says what is wrong.
  }
}

/** In the reserve: does in advance what costs time, and waits. It ends with the template, and with the template's owner. */
function awaitOrder(socket: number): ReceivedOrder {
  rehearse()
  detachFromParent()
  native().watchUser(owner, 0)
  const order = receiveOrder(socket) ?? native().exitNow(0)
  // Ignoring a signal anew drops what is pending: a Ctrl-C for the terminal's whole group.
  native().ignoreSignal(constants.signals.SIGINT, true)
  native().ignoreSignal(constants.signals.SIGINT, false)
  writeNumbers(socket, TAKEN)
  return order
}

/** Killed by somebody, or about to be. */
function dropReserve({ pid, pidfd, line, orders }: Reserve): void {
  process.kill(pid, 'SIGKILL')
  while (native().waitPid(pidfd) === null) waitForOne(pidfd, Infinity)
  for (const fd of [pidfd, line, orders]) native().close(fd)
  reserve = null
  isReserveWanted = false
}

/** The child's end of its line to the template: set in a child by its fork. */
let lineToTemplate = -1

/** Null in the child. `others`: descriptors that are not for it, beside those that this file knows of. @throws the system's error */
function forkChild(others: readonly number[] = []): Forked | null {
  const pair = native().socketPair()
  const [ours, theirs] = pair
  try {
    if (Math.max(...pair) + NEEDED_BY_CHILD > descriptorLimit()) throw descriptorsRunOut()
    const leftBehind = [ours, ...requesters, ...employed.keys(), ...reserveDescriptors(), ...others]
    const pid = forkNow()
    if (pid === 0) {
      for (const fd of leftBehind) native().close(fd)
      lineToTemplate = theirs
      return null
    }
    const pidfd = openOrEnd(pid)
    native().close(theirs)
    return { pid, pidfd, line: ours }
  } catch (error) {
    for (const fd of pair) native().close(fd)
    throw error
  }
}

function reserveDescriptors(): number[] {
  return reserve === null ? [] : [reserve.pidfd, reserve.line, reserve.orders]
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

/** Nobody but us can reap it, so it is there. @throws the system's error; then the child has been ended */
function openOrEnd(pid: number): number {
  try {
    return native().pidfdOpen(pid)
  } catch (error) {
    process.kill(pid, 'SIGKILL')
    throw error
  }
}

/** The order is read when this process has its place: by then its parent lives, and so does the block. */
export function becomeChildOf(order: ReceivedOrder): void {
  const { id, reference, outputs } = order
  if (owner >= 0) forgetOwner()
  native().ignoreSignal(constants.signals.SIGINT, false)
  const [stdout, stderr] = outputs
  enterForked({ id, outputs: { stdout, stderr } })
  closeOutputs(order)
  offerTemplate(lineToTemplate, environment)
  const { cwd, umask, env, program } = loadValue(reference) as Order
  if (process.cwd() !== cwd) process.chdir(cwd)
  process.umask(umask)
  changeEnvironment(env)
  runProgram(program)
}

atFork({
  inChild() {
    requesters.clear()
    employed.clear()
    reserve = null
  },
})
calledInChild(becomeChildOf, closeOutputs, awaitOrder, receiveOrder, loadValue, runProgram, offerTemplate)
