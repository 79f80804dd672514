// The first steps of a child, before any user code: take its place in the arena, watch the process it belongs to, look like the
// program that started it.
import { MultiprocessingError } from '../base/errors.ts'
import { arena, attachArena } from '../memory/arena.ts'
import { slotOf } from '../memory/identity.ts'
import { native } from '../native/load.ts'
import { readArgument } from './argument.ts'
import { ARENA_FD } from './child.ts'
import { takeIdFromCommandLine } from './command-line.ts'
import { describeCurrent } from './current.ts'

/** What every child is told, whatever its program; the rest is the program's own. */
export interface ChildArgument {
  readonly name: string
  readonly daemon: boolean
  readonly argv: readonly string[]
}

/** Time between SIGTERM and SIGKILL for a child whose parent has ended. */
const GRACE = 500

/** Makes this process a member of its parent's tree and returns what it is to do. @throws MultiprocessingError if it was not started by the library */
export function becomeChild<A extends ChildArgument>(): A {
  const id = takeIdFromCommandLine()
  if (id === null) throw new MultiprocessingError('This program is started by polyprocess and by nobody else')
  const { slot } = attachArena(ARENA_FD, id)
  native().setCloseOnExec(ARENA_FD, true)
  watchParent()
  const argument = readArgument(slot) as A
  process.argv.splice(1, process.argv.length, ...argument.argv.slice(1))
  describeCurrent({ name: argument.name, daemon: argument.daemon })
  return argument
}

function watchParent(): void {
  const { slots, slot } = arena()
  const parent = slotOf(slots.responsibleFor(slot))
  const pid = slots.pidOf(parent)
  // An orphan ends without a word: whoever could have wanted to know is gone.
  if (process.ppid !== pid) native().exitNow(1)
  const pidfd = native().pidfdOpen(pid)
  // Between its death and the call above the pid may have become somebody else's; if it is our parent still, it is the right one.
  if (process.ppid !== pid) native().exitNow(1)
  native().watchUser(pidfd, GRACE)
  native().close(pidfd)
}
