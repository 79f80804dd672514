// How a child's `node` is called: which of this process's own flags it gets, and how it learns its place in the arena.
import type { OwnerId } from '../memory/identity.ts'

const MARKER = '--polyprocess-child='

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
function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = []
  for (let index = 0; index < execArgv.length; index += 1) {
    const flag = execArgv[index] as string
    if (!NOT_FOR_CHILDREN.some(pattern => pattern.test(flag))) kept.push(flag)
    else if (WITH_VALUE.test(flag) && !TESTING_WITHOUT_VALUE.test(flag)) index += 1
  }
  return kept
}

export function childArguments(entry: string, id: OwnerId, execArgv: readonly string[] | undefined): string[] {
  return [process.execPath, ...(execArgv ?? inheritedExecArgv()), entry, `${MARKER}${id}`]
}

/** Node's own words to a child over its IPC channel are not for our children, who have none. */
const NOT_INHERITED = new Set(['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_UNIQUE_ID', 'NODE_TEST_CONTEXT'])

/** `KEY=value` for each variable; `changes` replace this process's, and undefined removes one. */
export function childEnvironment(changes: Record<string, string | undefined> = {}): string[] {
  const environment: Record<string, string | undefined> = { ...process.env, ...changes }
  return Object.entries(environment)
    .filter(([key, value]) => value !== undefined && !NOT_INHERITED.has(key))
    .map(([key, value]) => `${key}=${value}`)
}

/** In a child: its id, taken off the command line; null in a process that is none. */
export function takeIdFromCommandLine(): OwnerId | null {
  const marker = process.argv[2]
  if (marker === undefined || !marker.startsWith(MARKER)) return null
  process.argv.splice(2, 1)
  return Number(marker.slice(MARKER.length))
}
