// Which start method a process is started by when nobody says. As in Python the default is open until somebody asks for it.
import { calledInChild } from '../base/at-fork.ts'
import { ContextError } from '../base/errors.ts'
import { checkBoolean, expected, readOptions } from '../base/validate.ts'
import { forkSupport } from '../fork/support.ts'

/**
 * How a process comes to life:
 * - `forkserver`: forked off a template process that has loaded the library and what `setForkserverPreload` names. The default.
 * - `fork`: forked off this process, with all that is in its memory.
 * - `spawn`: a fresh `node`.
 * - `thread`: a `Worker` of this process.
 */
export type StartMethod = 'fork' | 'forkserver' | 'spawn' | 'thread'

const DEFAULT: StartMethod = 'forkserver'
/** The default first. */
const METHODS: readonly StartMethod[] = ['forkserver', 'fork', 'spawn', 'thread']

let fixed: StartMethod | null = null

/** @throws TypeError for what is no start method */
export function checkStartMethod(method: unknown): StartMethod {
  if (METHODS.includes(method as StartMethod)) return method as StartMethod
  throw new TypeError(expected('method', `a start method (${METHODS.map(each => `'${each}'`).join(', ')})`, method))
}

/** The start methods that work here, the default first. */
export function getAllStartMethods(): StartMethod[] {
  return METHODS.filter(method => method !== 'fork' || forkSupport().available)
}

/**
 * Sets what processes are started by when nothing else is said; null with `force` makes it open again.
 * @throws ContextError when it is fixed already, by this function or because it was used, unless `force`
 */
export function setStartMethod(method: StartMethod | null, options?: { force?: boolean }): void {
  const { force = false } = readOptions<{ force?: boolean }>(options, ['force'])
  const wanted = method === null && checkBoolean(force, 'force') ? null : checkStartMethod(method)
  if (fixed !== null && !force) {
    throw new ContextError(
      `The start method is ${fixed} already: set it once, before anything is started, or with { force: true }. getContext('${wanted}') has another one beside it`,
    )
  }
  fixed = wanted
}

/** The start method that is used when nothing else is said, which fixes it; with `allowNone` null, if it is still open. */
export function getStartMethod(): StartMethod
export function getStartMethod(options: { allowNone?: boolean }): StartMethod | null
export function getStartMethod(options?: { allowNone?: boolean }): StartMethod | null {
  const { allowNone = false } = readOptions<{ allowNone?: boolean }>(options, ['allowNone'])
  if (fixed === null && checkBoolean(allowNone, 'allowNone')) return null
  fixed ??= DEFAULT
  return fixed
}

calledInChild(setStartMethod)
