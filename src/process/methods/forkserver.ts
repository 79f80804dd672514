// A child that the template forks. The template is started by the first who needs it, and again if it has died; its children have a
// socket to it as well, and those they fork.
//
//   NONE → STARTING (orders wait) → UP (orders are sent, and answered within a ms or two) → NONE when it is gone
//
// What a template cannot give a fresh `node` gives: all of it, where the addon that can fork this version of Node is missing; flags or NODE_OPTIONS of the child's own, a debugger's port, profiles (whose
// sampling thread a fork does not copy), and modules whose loader runs in a thread.
import { constants } from 'node:os'
import { atFork } from '../../base/at-fork.ts'
import { MultiprocessingError } from '../../base/errors.ts'
import { nodeFlags } from '../../base/this-node.ts'
import { checkArray, expected, readOptions } from '../../base/validate.ts'
import { encodeStored, storeMessage } from '../../channel/stored-value.ts'
import { hasForkAddon } from '../../fork/addon.ts'
import { arena } from '../../memory/arena.ts'
import type { Reference } from '../../memory/segments.ts'
import { native } from '../../native/load.ts'
import { doorbell } from '../../sync/waiting/doorbell.ts'
import { childArgument } from '../inside/child-argument.ts'
import { Child, type ChildEnd } from '../life/child.ts'
import { POLL_IN } from '../life/orphans.ts'
import { logStep } from '../log.ts'
import { FORKED, GOODBYE, HELLO, type Order, ORDER } from '../template/protocol.ts'
import { readNumber, writeNumbers } from '../template/sockets.ts'
import { changedEnvironment, differences, inheritedExecArgv } from './command-line.ts'
import { type Body, type LaunchCalls, LaunchLostError, type LaunchRequest, type PendingLaunch } from './launch.ts'
import { ProcessBody } from './process-body.ts'
import { launchSpawned } from './spawn.ts'

const NAMES = 'a URL, an absolute path or the name of a package (of a file beside yours: its URL)'

export type PreloadErrors = 'ignore' | 'warn' | 'fail'

let preload: readonly string[] = []
let onPreloadError: PreloadErrors = 'ignore'

/**
 * Modules that the template loads, and so all children of `forkserver` have from the start: URLs, absolute paths, or packages. For
 * templates that are started from now on. `onError`: what becomes of a module that cannot be loaded there; 'fail' fails every start.
 * @throws TypeError
 */
export function setForkserverPreload(modules: readonly (string | URL)[], options?: { onError?: PreloadErrors }): void {
  const { onError = 'ignore' } = readOptions<{ onError?: PreloadErrors }>(options, ['onError'])
  if (!['ignore', 'warn', 'fail'].includes(onError)) throw new TypeError(expected('onError', "'ignore', 'warn' or 'fail'", onError))
  const list = checkArray(modules, 'modules').map((module, index) => {
    if (module instanceof URL) return module.href
    if (typeof module !== 'string' || /^\.{1,2}\//.test(module)) throw new TypeError(expected(`modules[${index}]`, NAMES, module))
    return module
  })
  preload = list
  onPreloadError = onError
}

/** Its order is made when it is asked for: so it says what is then, and can go out as soon as the template is up. */
interface Waiting {
  readonly request: LaunchRequest
  readonly calls: LaunchCalls
  readonly order: Reference
}

/** In ms. */
const LONGEST_GOODBYE = 500

/** As one who asks it sees it. */
const TEMPLATE_NAME = 'ForkServer'

class Template {
  readonly #socket: number
  /** That it was started with. */
  readonly #environment: Readonly<Record<string, string>>
  #isUp: boolean
  #isGone = false
  readonly #waiting: Waiting[] = []
  /** Of the one who started it. */
  #child: Child | null = null
  #stopListening = (): void => {}

  constructor(socket: number, environment: Readonly<Record<string, string>>, isUp: boolean) {
    this.#socket = socket
    this.#environment = environment
    this.#isUp = isUp
  }

  /** Starts one, with a fresh `node`. */
  static start(): Template {
    const [ours, theirs] = native().socketPair()
    const template = new Template(ours, changedEnvironment(), false)
    try {
      template.#startProcess(theirs)
    } finally {
      native().close(theirs)
    }
    template.#stopListening = doorbell().listen(() => template.#look())
    return template
  }

  #startProcess(theirs: number): void {
    const child = Child.start({
      method: 'spawn',
      launch: launchSpawned,
      program: 'programs/template-main',
      name: TEMPLATE_NAME,
      daemon: true,
      isNeeded: true,
      execArgv: inheritedExecArgv(),
      extraDescriptors: [theirs],
      beforeEnd: () => this.#sayGoodbye(),
      onEnd: end => this.#ended(end),
    })
    const told = childArgument({ name: TEMPLATE_NAME, daemon: true, mayHaveChildren: false, startMethod: 'forkserver' })
    this.#child = child
    child.tell({ ...told, preload, onError: onPreloadError })
  }

  launch(request: LaunchRequest, calls: LaunchCalls): PendingLaunch | undefined {
    if (!this.#isUp && request.isSync) this.#awaitHello()
    if (useless) return launchSpawned(request, calls)
    const waiting = { request, calls, order: storeMessage(encodeStored(this.#orderFor(request), 'order')) }
    if (this.#isUp) {
      this.#send(waiting)
      return undefined
    }
    if (this.#waiting.length === 0) doorbell().hold()
    this.#waiting.push(waiting)
    return { descriptor: this.#socket, look: () => this.#look(), callOff: () => this.#callOff(waiting) }
  }

  #callOff(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at === -1) return
    this.#waiting.splice(at, 1)
    arena().free(waiting.order)
    if (this.#waiting.length === 0) doorbell().letGo()
  }

  /** Blocks until it is up, or has ended. */
  #awaitHello(): void {
    while (!this.#isUp && !this.#isGone) {
      native().pollDescriptor(this.#socket, POLL_IN, Infinity)
      this.#look()
      if (!this.#isUp) this.#child?.lookWhileBlocked()
    }
    if (this.#isGone && !useless) throw new MultiprocessingError('The template process of forkserver ended before it was up')
  }

  #look(): void {
    if (this.#isUp || this.#isGone || native().pollDescriptor(this.#socket, POLL_IN, 0) <= 0) return
    const hello = receive(this.#socket)
    if (hello === null) return // Its end is told by its pidfd.
    if (hello.fd >= 0) native().close(hello.fd)
    this.#stopListening()
    this.#child?.wasTold()
    if (hello.byte === HELLO) this.#isUp = true
    else useless = true
    this.#release(waiting => (useless ? spawnInstead(waiting) : this.#send(waiting)))
    if (useless) this.close()
  }

  #release(go: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.splice(0)
    if (waiting.length > 0) doorbell().letGo()
    for (const each of waiting) {
      try {
        go(each)
      } catch (error) {
        each.calls.failed(error)
      }
    }
  }

  /** Waiting: until the template has forked, a ms or two. */
  #send({ request, calls, order }: Waiting): void {
    let body: Body
    try {
      body = this.#ask(request, order)
    } catch (error) {
      // A child that nobody knows of may still read it; then it goes with this process.
      if (!(error instanceof LaunchLostError)) arena().free(order)
      throw error
    }
    calls.started(body)
  }

  #orderFor({ program, env }: LaunchRequest): Order {
    const changes = differences(this.#environment, changedEnvironment(env))
    // Whether an object without properties is one of Node's own the encoder finds out among all of them: 3 ms, the first time.
    const isSame = Object.keys(changes).length === 0
    return { program, env: isSame ? null : changes, cwd: process.cwd(), umask: process.umask() }
  }

  #ask({ id, outputs }: LaunchRequest, order: Reference): Body {
    try {
      sendOutput(this.#socket, outputs.stdout)
      sendOutput(this.#socket, outputs.stderr)
      writeNumbers(this.#socket, id, order)
    } catch (error) {
      this.close()
      throw new TemplateGoneError(error)
    }
    const answer = receive(this.#socket)
    const number = answer === null ? null : readNumber(this.#socket)
    if (answer === null || number === null) {
      this.close()
      throw new LaunchLostError('The template process of forkserver ended while it was asked for a child', { code: 'ERR_FORKSERVER' })
    }
    if (answer.byte === FORKED) return this.#bodyOf(number, answer.fd, order)
    if (answer.fd >= 0) native().close(answer.fd)
    throw systemError(number)
  }

  #bodyOf(pid: number, pidfd: number, order: Reference): Body {
    // The child reads its order when it likes.
    if (pidfd >= 0) return new ProcessBody({ pid, pidfd, isParentGone: () => this.#isGone, onRelease: () => arena().free(order) })
    // There was no room for the descriptor, and a child that cannot be watched is none.
    process.kill(pid, 'SIGKILL')
    throw systemError(-constants.errno.EMFILE)
  }

  /** What the template has in reserve is to be gone when this process is. Waiting: until it is, a ms or two. */
  #sayGoodbye(): void {
    if (!this.#isUp || this.#isGone) return
    try {
      native().sendDescriptor(this.#socket, 0, GOODBYE)
      native().pollDescriptor(this.#socket, POLL_IN, LONGEST_GOODBYE)
    } catch {
      // It is gone already.
    }
  }

  #ended(end: ChildEnd): void {
    this.close()
    const how = end.signal ?? end.exitCode ?? 'no status'
    this.#release(({ calls, order }) => {
      arena().free(order)
      calls.failed(
        new MultiprocessingError(`The template process of forkserver ended (${how}) before it was up`, { code: 'ERR_FORKSERVER' }),
      )
    })
  }

  /** In a forked child of one who asks it. */
  forget(): void {
    if (!this.#isGone) native().close(this.#socket)
  }

  close(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#stopListening()
    native().close(this.#socket)
    if (current === this) current = null
    logStep('the template process of forkserver is gone')
  }
}

function spawnInstead({ request, calls, order }: Waiting): void {
  arena().free(order)
  launchSpawned(request, calls)
}

class TemplateGoneError extends MultiprocessingError {
  constructor(cause?: unknown) {
    super('The template process of forkserver has ended', { code: 'ERR_FORKSERVER', cause })
  }
}

let current: Template | null = null
/** Known once a template has said so. */
let useless = false

/** @throws the system's error */
export function launchFromTemplate(request: LaunchRequest, calls: LaunchCalls): PendingLaunch | undefined {
  if (needsFreshNode(request)) return launchSpawned(request, calls)
  const wasThere = current !== null
  current ??= Template.start()
  try {
    return current.launch(request, calls)
  } catch (error) {
    // It died since the last time. A new one dies only for reasons that stay.
    if (!wasThere || !(error instanceof TemplateGoneError)) throw error
    return launchFromTemplate(request, calls)
  }
}

/** In a child of a template: this socket leads to it, and this is what it was started with. */
export function offerTemplate(socket: number, environment: Readonly<Record<string, string>>): void {
  current = new Template(socket, environment, true)
}

function needsFreshNode({ execArgv, inspectPort, env }: LaunchRequest): boolean {
  if (useless || !hasForkAddon() || execArgv !== undefined || inspectPort !== undefined) return true
  if (env !== undefined && Object.hasOwn(env, 'NODE_OPTIONS') && env.NODE_OPTIONS !== process.env.NODE_OPTIONS) return true
  const flags = nodeFlags(inheritedExecArgv())
  return needsLoaderThread(flags) || flags.some(flag => /^--(cpu|heap)-prof(=|$)/.test(flag))
}

const LOADER = /^--(experimental-)?loader(=|$)/
const IMPORT = /^--import(=|$)/

/**
 * Whether a process with these flags will have loader hooks in a thread, which a fork does not copy; or may have, where loaders cannot do
 * without. Where they can, the template tells.
 */
function needsLoaderThread(flags: readonly string[]): boolean {
  if (flags.some(flag => LOADER.test(flag))) return true
  return flags.some(flag => IMPORT.test(flag)) && !('registerHooks' in process.getBuiltinModule('node:module'))
}

function receive(socket: number): { fd: number; byte: number } | null {
  try {
    return native().receiveDescriptor(socket)
  } catch {
    return null // ECONNRESET: it was killed with something of ours unread.
  }
}

/** A descriptor that is closed here is nowhere there. */
function sendOutput(socket: number, fd: number): void {
  const { openSync, closeSync } = process.getBuiltinModule('node:fs')
  try {
    if (fd >= 0) {
      native().sendDescriptor(socket, fd, ORDER)
      return
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error
  }
  const nowhere = openSync('/dev/null', 'r+')
  try {
    native().sendDescriptor(socket, nowhere, ORDER)
  } finally {
    closeSync(nowhere)
  }
}

function systemError(errno: number): Error {
  const { getSystemErrorName } = process.getBuiltinModule('node:util')
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${code}: the template process could not be forked`), { errno, code, syscall: 'fork' })
}

atFork({
  inChild() {
    // The socket is the parent's; this process starts a template of its own when it needs one.
    current?.forget()
    current = null
  },
})
