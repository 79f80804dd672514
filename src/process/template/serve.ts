// The template: a process that has loaded the library and the modules of the preload list, does nothing else, and is forked for each
// child that somebody asks for. It waits in poll(2) and not in an event loop, so there is nothing under way in it that a child would
// inherit; what it runs is one callback, which returns in the children only.
//
// While nobody asks it forks a child in advance (`reserve.ts`), but not before the first that it was started for, which comes at once. Several
// orders at a time are met by forking as they come.
//
// It belongs to the process that started it and ends when that one has ended and all children have been reaped; they end by
// themselves, since each watches the process that asked for it.
import { constants } from 'node:os'
import { atFork, calledInChild } from '../../base/at-fork.ts'
import { loadValue } from '../../channel/stored-value.ts'
import { arena } from '../../memory/arena.ts'
import { type OwnerId, slotOf } from '../../memory/identity.ts'
import { native } from '../../native/load.ts'
import { ring } from '../../sync/waiting/doorbell.ts'
import { changeEnvironment, detachFromParent, enterForked } from '../inside/enter.ts'
import { offerTemplate } from '../methods/forkserver.ts'
import { runProgram } from '../methods/run-program.ts'
import { descriptorsRunOut, type Forked, forkChild, lineToTemplate } from './fork-child.ts'
import { confirmOrder, receiveOrder, type ReceivedOrder, refuseOrder } from './orders.ts'
import type { Order } from './protocol.ts'
import { dropReserve, forkReserve, lacksReserve, patience, reserveDescriptors, reservePidfd, takeReserve, wantReserve } from './reserve.ts'

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
    const isIdle = lacksReserve() && ownersSocket >= 0 && waitFor(patience()) < 0
    const order = isIdle ? forkReserve({ leftBehind: notForChildren(), owner }) : serveNext()
    if (order !== null) return order
  }
  return native().exitNow(0)
}

function serveNext(): ReceivedOrder | null {
  const fd = waitFor(Infinity)
  if (fd < 0) return null
  if (fd === owner) forgetOwner()
  else if (fd === reservePidfd()) dropReserve()
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
  const fds = Int32Array.of(...[owner, reservePidfd()].filter(fd => fd >= 0), ...requesters, ...employed.keys())
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
  wantReserve()
  let child: Forked | null = null
  try {
    if (order.outputs.includes(-1)) throw descriptorsRunOut()
    child = takeReserve(order) ?? forkChild(notForChildren())
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
    dropReserve()
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

/** What the template has open for itself and for other children. A child closes the owner's pidfd when it has its place. */
function notForChildren(): number[] {
  return [...requesters, ...employed.keys(), ...reserveDescriptors()]
}

/** The order is read when this process has its place: by then its parent lives, and so does the block. */
export function becomeChildOf(order: ReceivedOrder): void {
  const { id, reference, outputs } = order
  if (owner >= 0) forgetOwner()
  native().ignoreSignal(constants.signals.SIGINT, false)
  const [stdout, stderr] = outputs
  enterForked({ id, outputs: { stdout, stderr } })
  closeOutputs(order)
  offerTemplate(lineToTemplate(), environment)
  const { cwd, umask, env, program } = loadValue(reference) as Order
  if (process.cwd() !== cwd) process.chdir(cwd)
  process.umask(umask)
  if (env !== null) changeEnvironment(env)
  runProgram(program)
}

atFork({
  inChild() {
    requesters.clear()
    employed.clear()
  },
})
calledInChild(becomeChildOf, closeOutputs, receiveOrder, loadValue, runProgram, offerTemplate)
