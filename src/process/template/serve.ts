// The template: a process that has loaded the library and the modules of the preload list, does nothing else, and is forked for each
// child that somebody asks for. It waits in poll(2) and not in an event loop, so there is nothing under way in it that a child would
// inherit; what it runs is one callback, which returns in the children only.
//
// While nobody asks it forks a child in advance, the reserve, which is told what it is when somebody does: most of what a child costs
// (the fork, a life of its own for V8 and Node) has happened by then. Several orders at a time are met by forking as they come.
//
//   reserve:   FORKED ──order handed over──> a child like others          FORKED ──killed, or the template has ended──> gone
//
// It belongs to the process that started it and ends when that one has ended and all children have been reaped; they end by
// themselves, since each watches the process that asked for it.
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { atFork, calledInChild } from '../../base/at-fork.ts'
import { loadValue } from '../../channel/stored-value.ts'
import { forkNow } from '../../fork/fork.ts'
import { arena } from '../../memory/arena.ts'
import { slotOf } from '../../memory/identity.ts'
import { native } from '../../native/load.ts'
import { ring } from '../../sync/doorbell.ts'
import { changeEnvironment, detachFromParent, enterForked } from '../inside/enter.ts'
import { offerTemplate } from '../methods/forkserver.ts'
import { runProgram } from '../methods/run-program.ts'
import { rehearseReading } from '../../wire/rehearsal.ts'
import { confirmOrder, receiveOrder, type ReceivedOrder, refuseOrder, sendOrder } from './orders.ts'
import type { Order } from './protocol.ts'

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
  readonly slot: number
  /** Who asked for it, to be told of its end. */
  readonly starter: number
}

/** The pidfd of the process that this one belongs to. */
let owner = -1
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

/** Serves until its owner has ended. Returns in children only, which have become members of the tree. */
export function serve({ socket, owner: pidfd, environment: variables }: Service): void {
  owner = pidfd
  environment = variables
  requesters.add(socket)
  native().ignoreSignal(constants.signals.SIGINT, true)
  while (owner >= 0 || employed.size > 0) {
    if (isReserveWanted && reserve === null && owner >= 0 && waitFor(0) < 0 && forkReserve()) return
    const fd = waitFor(Infinity)
    if (fd < 0) continue
    if (fd === owner) owner = -1
    else if (fd === reserve?.pidfd) dropReserve(reserve)
    else if (employed.has(fd)) reap(fd)
    else if (answer(fd)) return
  }
  native().exitNow(0)
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
  const { slot, starter } = employed.get(pidfd) as Employed
  employed.delete(pidfd)
  native().close(pidfd)
  arena().slots.setStatus(slot, end.exitCode, end.signal)
  ring(starter)
}

/** True in the child. */
function answer(socket: number): boolean {
  const order = receiveOrder(socket)
  if (order === null) {
    requesters.delete(socket)
    native().close(socket)
    return false
  }
  isReserveWanted = true
  try {
    if (order.outputs.includes(-1)) throw descriptorsRunOut()
    const child = takeReserve(order) ?? forkChild()
    if (child === null) {
      detachFromParent()
      becomeChildOf(order)
      return true
    }
    requesters.add(child.line)
    employ(child, order)
    confirmOrder(socket, child.pid, child.pidfd)
  } catch (error) {
    refuseOrder(socket, error)
  }
  for (const fd of order.outputs) if (fd >= 0) native().close(fd)
  return false
}

/** The child's own process may be on its way already, and end, but nobody reaps it before the template looks again. */
function employ({ pidfd }: Forked, { id }: ReceivedOrder): void {
  employed.set(pidfd, { slot: slotOf(id), starter: arena().slots.responsibleFor(slotOf(id)) })
}

/** The reserve with this order; null: there is none, or it has died. */
function takeReserve(order: ReceivedOrder): Reserve | null {
  if (reserve === null) return null
  const taken = reserve
  try {
    sendOrder(taken.orders, order)
  } catch {
    dropReserve(taken)
    return null
  }
  reserve = null
  native().close(taken.orders)
  return taken
}

/** True in the child, when it has got an order. */
function forkReserve(): boolean {
  let pair: [number, number] | null = null
  try {
    if (!hasRehearsed) rehearseReading()
    hasRehearsed = true
    pair = native().socketPair()
    const child = forkChild([pair[0]])
    if (child === null) {
      const order = awaitOrder(pair[1])
      native().close(pair[1])
      becomeChildOf(order)
      return true
    }
    reserve = { ...child, orders: pair[0] }
    native().close(pair[1])
  } catch {
    isReserveWanted = false
    for (const fd of pair ?? []) native().close(fd)
  }
  return false
}

/** In the reserve: does in advance what costs time, and waits. It ends with the template, and with the template's owner. */
function awaitOrder(socket: number): ReceivedOrder {
  rehearseReading()
  detachFromParent()
  native().watchUser(owner, 0)
  const order = receiveOrder(socket)
  return order ?? native().exitNow(0)
}

/** Killed by somebody, or about to be. */
function dropReserve({ pid, pidfd, line, orders }: Reserve): void {
  process.kill(pid, 'SIGKILL')
  while (native().waitPid(pidfd) === null) native().pollDescriptors(new Uint8Array(Int32Array.of(pidfd).buffer), Infinity)
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
function becomeChildOf({ id, reference, outputs }: ReceivedOrder): void {
  native().close(owner)
  hearInterrupts()
  const [stdout, stderr] = outputs
  enterForked({ id, outputs: { stdout, stderr } })
  for (const fd of outputs) native().close(fd)
  offerTemplate(lineToTemplate, environment)
  const { cwd, umask, env, program } = loadValue(reference) as Order
  if (process.cwd() !== cwd) process.chdir(cwd)
  process.umask(umask)
  changeEnvironment(env)
  runProgram(program)
}

/** Not those that came to the terminal's group before there was an order: ignoring a signal anew drops what is pending. */
function hearInterrupts(): void {
  native().ignoreSignal(constants.signals.SIGINT, true)
  native().ignoreSignal(constants.signals.SIGINT, false)
}

atFork({
  inChild() {
    requesters.clear()
    employed.clear()
    reserve = null
  },
})
calledInChild(becomeChildOf, hearInterrupts, awaitOrder, receiveOrder, loadValue, runProgram, offerTemplate)
