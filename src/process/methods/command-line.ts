// How a child's `node` is called: which of this process's own flags it gets, and how it learns its place in the arena.
import { CHILD_MARKER } from '../handed-down.ts'
import type { OwnerId } from '../../memory/identity.ts'

/** Flags that belong to one process: a debugger's port, the test runner, a program given on the command line. */
const NOT_FOR_CHILDREN = [
  /^--(inspect(-brk|-port|-wait|-publish-uid)?|debug-port)(=|$)/,
  /^--watch(-path|-preserve-output)?(=|$)/,
  /^--test(-.*)?(=|$)/,
  /^--experimental-test-/,
  /^(-e|-p|-pe|-c|-i|--eval|--print|--check|--interactive)(=|$)/,
  /^--input-type(=|$)/,
  /^--(build-snapshot|build-snapshot-config|experimental-sea-config|run)(=|$)/,
]
/** Of those the ones whose value is an argument of its own. */
const WITH_VALUE =
  /^(-e|-p|-pe|--eval|--print|--input-type|--watch-path|--inspect-port|--debug-port|--inspect-publish-uid|--run|--test-[a-z-]+)$/
const TESTING_WITHOUT_VALUE = /^--test-(only|force-exit|update-snapshots)$/

/** This process's own flags, as far as a child wants them: loaders and conditions, but not a debugger's port. */
export function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = []
  for (let index = 0; index < execArgv.length; index += 1) {
    const flag = execArgv[index] as string
    if (!NOT_FOR_CHILDREN.some(pattern => pattern.test(flag))) kept.push(flag)
    else if (WITH_VALUE.test(flag) && !TESTING_WITHOUT_VALUE.test(flag)) index += 1
  }
  return kept
}

export interface CommandLine {
  readonly file: string
  readonly id: OwnerId
  readonly execArgv?: readonly string[] | undefined
  readonly inspectPort?: number | 'auto' | undefined
}

export function childArguments({ file, id, execArgv, inspectPort }: CommandLine): string[] {
  const inspect = inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort === 'auto' ? 0 : inspectPort}`]
  return [process.execPath, ...(execArgv ?? inheritedExecArgv()), ...inspect, file, `${CHILD_MARKER}${id}`]
}

/** Node's own words to a child over its IPC channel are not for our children, who have none. */
const NOT_INHERITED = new Set(['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_UNIQUE_ID', 'NODE_TEST_CONTEXT'])

/** This process's variables with these changes: undefined removes one. */
export function changedEnvironment(changes: Record<string, string | undefined> = {}): Record<string, string> {
  const environment: Record<string, string | undefined> = { ...process.env, ...changes }
  const kept = Object.entries(environment).filter(([key, value]) => value !== undefined && !NOT_INHERITED.has(key))
  return Object.fromEntries(kept) as Record<string, string>
}

/** The changes that make one environment of another. */
export function differences(from: Record<string, string>, to: Record<string, string>): Record<string, string | undefined> {
  const changes: Record<string, string | undefined> = {}
  for (const key in from) if (!Object.hasOwn(to, key)) changes[key] = undefined
  for (const key in to) if (!Object.hasOwn(from, key) || from[key] !== to[key]) changes[key] = to[key]
  return changes
}

/** `KEY=value` for each variable. */
export function childEnvironment(changes?: Record<string, string | undefined>): string[] {
  return Object.entries(changedEnvironment(changes)).map(([key, value]) => `${key}=${value}`)
}

/** In a child: its id, taken off the command line; null in a process that is none. */
export function takeIdFromCommandLine(): OwnerId | null {
  const marker = process.argv[2]
  if (marker === undefined || !marker.startsWith(CHILD_MARKER)) return null
  process.argv.splice(2, 1)
  return Number(marker.slice(CHILD_MARKER.length))
}
