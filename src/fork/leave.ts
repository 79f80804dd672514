// How a child leaves, forked or not. Node's own way takes its time (it joins the compiler's and the collector's threads, which a forked
// child has not got) and on Node 24 and 26 it can hang there: a compiler thread that waits for a collection is joined by the main
// thread, which alone could collect. So a child leaves at the end of its `exit` event, at once. What Node does after that event is done
// before: an error that nobody caught is printed, coverage is written. For profiles Node's own way is taken; the addon for fork has
// seen to it that it ends before the threads. Not so under --cpu-prof in a forked child, where Node's way would end the parent's profile:
// the child writes a CPU profile of its own, and nothing of what other flags ask for.
import { calledInChild } from '../base/at-fork.ts'
import { nodeFlags } from '../base/this-node.ts'
import { native } from '../native/load.ts'
import { endCpuProfile } from './cpu-profile.ts'

/** Flags that make Node write something when it ends. Others say only how: Node's test runner passes all of them on. */
const WRITES_AT_END = /^--(cpu-prof|heap-prof|prof|trace-exit|trace-events-enabled)$|^--trace-event-categories(=.|$)/

export interface Leaving {
  /** What this process is called in its last words. */
  name(): string
  /** Told before it leaves. */
  lastWord(code: number): void
}

let leaving: Leaving = { name: () => 'A forked process', lastWord: () => {} }
let isInstalled = false
let beforeExit = (): void => {}
let failure: { readonly error: unknown } | null = null

/** From now on this process ends with its `exit` event, whether it comes of itself, by `process.exit` or by an uncaught error. */
export function leaveByExit(how?: Leaving): void {
  if (how !== undefined) leaving = how
  if (isInstalled) return
  isInstalled = true
  const { emit } = process
  process.emit = function (this: typeof process, name: string, ...args: unknown[]): boolean {
    if (name === 'uncaughtExceptionMonitor') failure = { error: args[0] }
    // Somebody catches the error, and may leave while doing so. What he throws himself Node prints.
    if (name === 'uncaughtException' && this.listenerCount(name) > 0) failure = null
    const tell = (): boolean => Reflect.apply(emit, this, [name, ...args]) as boolean
    if (name === 'exit') return leaveAfter(tell, args[0])
    const heard = tell()
    if (name === 'beforeExit') beforeExit()
    return heard
  } as typeof process.emit
}

/** Whether it does: then nothing comes after that event. */
export function leavesByExit(): boolean {
  return isInstalled
}

/** Called after the listeners of the `beforeExit` event, which can be removed; this is not. */
export function onBeforeExit(callback: () => void): void {
  beforeExit = callback
}

/** An error of a listener ends what the others had to say, and is not caught by anybody: Node's own way out would begin there. */
function leaveAfter(tell: () => boolean, code: unknown): never {
  let least = 0
  // Before the listeners, of which one waits for children.
  reportFailure()
  try {
    tell()
  } catch (error) {
    failure = { error }
    least = 1
  }
  return leave(Number(process.exitCode ?? code ?? 0) || least)
}

function leave(code: number): never {
  reportFailure()
  leaving.lastWord(code)
  if (process.env.NODE_V8_COVERAGE) process.getBuiltinModule('node:v8').takeCoverage()
  if (endCpuProfile() || !isProfiled()) return native().exitNow(code & 0xff)
  return (process as typeof process & { reallyExit(code: number): never }).reallyExit(code)
}

function isProfiled(): boolean {
  return nodeFlags().some(flag => WRITES_AT_END.test(flag))
}

/** As Node prints it, without the line of source, which for code that was sent is not the user's. */
export function describeFailure(name: string, error: unknown): string {
  const { inspect } = process.getBuiltinModule('node:util')
  const what = error instanceof Error ? inspect(error) : `Uncaught ${inspect(error)}`
  return `${name} ended with an error that nobody caught:\n${what}\n\nNode.js ${process.version}\n`
}

function reportFailure(): void {
  if (failure === null) return
  const { error } = failure
  failure = null
  try {
    process.getBuiltinModule('node:fs').writeFileSync(2, describeFailure(leaving.name(), error))
  } catch {
    // Nobody reads it, or the pipe is full.
  }
}

calledInChild(leaveByExit, onBeforeExit, leaveAfter, leave, reportFailure, isProfiled)
