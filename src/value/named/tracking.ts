// Whose named segments are unlinked when the tree is over. A tracker, a small process of its own, keeps the list (`native/tracker`): it
// must outlive whatever may kill the tree. Whoever has something to say sends it a datagram under a name made of the arena's id, so there
// is nothing to inherit, whatever the start method; whoever finds nobody listening starts it. It ends with the tree: that is when neither
// the main process nor any other process of the tree runs, as their locks on the arena's file say.
import { MultiprocessingError, NotSupportedError } from '../../base/errors.ts'
import { arena, arenaDescriptor, hasArena, holdsLock } from '../../memory/arena.ts'
import { native, trackerPath } from '../../native/load.ts'

/** The main process of a tree has this slot (`Arena.create`). */
const MAIN_SLOT = 1
const POLLIN = 1
/** One that was there ends only with the tree, of which this process is a part; more than two attempts mean that something is wrong. */
const ATTEMPTS = 3

/**
 * From now on the tree's: unlinked at its end. Before the segment has its name, so that at no moment a name is there and not tracked.
 * Waiting: until a tracker listens, some milliseconds, the first time in a tree.
 * @throws NotSupportedError when there can be no tracker
 */
export function track(name: string, identity: string): void {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (native().trackerTell(arena().id, `+${identity} ${name}`)) return
    startTracker()
  }
  throw new MultiprocessingError(`Nobody listens who would unlink the shared memory ${name} when the program is over`, {
    code: 'ERR_NO_TRACKER',
  })
}

/** It is unlinked, or never got its name. */
export function forget(name: string, identity: string): void {
  if (hasArena()) native().trackerTell(arena().id, `-${identity} ${name}`)
}

/** The process that is started goes as soon as its child, which is nobody's, listens. */
function startTracker(): void {
  const { pidfd } = spawnTracker()
  try {
    let exit = native().waitPid(pidfd)
    while (exit === null) {
      native().pollDescriptor(pidfd, POLLIN, -1)
      exit = native().waitPid(pidfd)
    }
    if (exit.exitCode !== 0) throw notStarted(`exit code ${exit.exitCode}, signal ${exit.signal}`)
  } finally {
    native().close(pidfd)
  }
}

function spawnTracker(): { readonly pidfd: number } {
  const args = ['polyprocess-names', arena().id, String(mainProcess())]
  try {
    return native().spawn({ file: trackerPath, args, env: [], cwd: '/', fds: [-1, -1, 2, arenaDescriptor()] })
  } catch (error) {
    throw notStarted(error instanceof Error ? error.message : String(error), error)
  }
}

function notStarted(reason: string, cause?: unknown): NotSupportedError {
  return new NotSupportedError(
    `${trackerPath}, which unlinks shared memory when the program is over, could not be started: ${reason}. ` +
      'With `track: false` there is no need for it, and what is not unlinked stays',
    { cause },
  )
}

/** 0: it has ended, and the rest of the tree will. */
function mainProcess(): number {
  const { slots, slot } = arena()
  if (slots.processSlotOf(slot) === MAIN_SLOT) return process.pid
  const pid = slots.pidOf(MAIN_SLOT)
  return holdsLock(slots.idOf(MAIN_SLOT), pid) ? pid : 0
}
