// A child that the template has forked in advance: most of what a child costs (the fork, a life of its own for V8 and Node) has happened
// when somebody asks for one, and it is told what it is.
//
//   WAITING ──order, taken──> a child like others          WAITING ──killed, or the template has ended──> gone
//
// Who asked is answered when the reserve has taken its order: signals that come before are not for the child, those after are.
import { constants } from 'node:os'
import { atFork, calledInChild } from '../../base/at-fork.ts'
import { deadlineAfter, timeLeft } from '../../base/deadline.ts'
import { native } from '../../native/load.ts'
import { rehearseReading } from '../../wire/rehearsal.ts'
import { detachFromParent } from '../inside/enter.ts'
import { type Forked, forkChild } from './fork-child.ts'
import { receiveOrder, type ReceivedOrder, sendOrder } from './orders.ts'
import { TAKEN } from './protocol.ts'
import { readNumber, writeNumbers } from './sockets.ts'

interface Reserve extends Forked {
  /** Where it waits for its order. */
  readonly orders: number
}

let reserve: Reserve | null = null
/** After one that died, or could not be had, there is no other before the next order. There is none before the first, which is on its way. */
let isWanted = false
let isPrepared = false
let isPatient = true

/** Whether there is none and one should be forked. */
export function lacksReserve(): boolean {
  return isWanted && reserve === null
}

/** The first child, which somebody waits for, has the processors to itself for so many ms, if there are few. */
const FIRST_PATIENCE = 10

/** ms in which nobody has asked for a child before one is forked in advance. */
export function patience(): number {
  const first = isPatient ? FIRST_PATIENCE : 0
  isPatient = false
  return first
}

/** There may be another one. */
export function wantReserve(): void {
  isWanted = true
}

/** Of what has been forked in advance; -1: nothing. */
export function reservePidfd(): number {
  return reserve?.pidfd ?? -1
}

/** All that the template has of it, which no other child is to have. */
export function reserveDescriptors(): number[] {
  return reserve === null ? [] : [reserve.pidfd, reserve.line, reserve.orders]
}

/** The reserve with this order; null: there is none, or it has died. */
export function takeReserve(order: ReceivedOrder): Forked | null {
  if (reserve === null) return null
  const taken = reserve
  if (!handOver(taken, order) && !endedTooLate(taken)) {
    dropReserve()
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

export interface Advance {
  /** Descriptors that are not for it. */
  readonly leftBehind: readonly number[]
  /** The pidfd of the template's owner. */
  readonly owner: number
}

/** In the child its order, when that has come; null in the template. */
export function forkReserve({ leftBehind, owner }: Advance): ReceivedOrder | null {
  if (!isPrepared) prepare()
  isPrepared = true
  // It is called so from its first moment on: who looks at processes can tell it from a child at work.
  const name = native().renameThread('reserve')
  const pair: number[] = []
  let child: Forked | null
  try {
    pair.push(...native().socketPair())
    child = forkChild([...leftBehind, ...pair.slice(0, 1)])
  } catch {
    native().renameThread(name)
    isWanted = false
    for (const fd of pair) native().close(fd)
    return null
  }
  const [orders, awaited] = pair as [number, number]
  const order = child === null ? awaitOrder(awaited, owner) : null
  native().renameThread(name)
  native().close(awaited)
  if (child !== null) reserve = { ...child, orders }
  return order
}

/** Once for all that will be forked off this process from now on; the first child could not wait for it. */
function prepare(): void {
  rehearse()
  emptyNewSpace()
}

/**
 * What loading has left in V8's new space. Where that is nearly full, each child clears it up as soon as it is idle, which takes it some ms
 * and 2 MB of its own: so it is done once, here. Twice, for what is young survives the first time.
 */
function emptyNewSpace(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString('--expose-gc')
  const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as (options: { type: 'minor' }) => void
  setFlagsFromString('--no-expose-gc')
  for (let time = 0; time < 2; time += 1) collect({ type: 'minor' })
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
function awaitOrder(socket: number, owner: number): ReceivedOrder {
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

/** Ends it: killed by somebody, or about to be. */
export function dropReserve(): void {
  if (reserve === null) return
  const { pid, pidfd, line, orders } = reserve
  process.kill(pid, 'SIGKILL')
  while (native().waitPid(pidfd) === null) waitForOne(pidfd, Infinity)
  for (const fd of [pidfd, line, orders]) native().close(fd)
  reserve = null
  isWanted = false
}

atFork({
  inChild() {
    reserve = null
  },
})
calledInChild(awaitOrder, rehearse)
