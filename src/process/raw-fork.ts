// fork(2) itself, as Python's os.fork.
import { launchForked } from './methods/forked.ts'
import { MultiprocessingError, NotSupportedError } from '../base/errors.ts'
import { forkSupport } from '../fork/support.ts'
import { childArgument } from './inside/child-argument.ts'
import { describedCurrent, describeCurrent, nextName } from './inside/current.ts'
import { leaveAsChild } from './inside/become-child.ts'
import { Child } from './life/child.ts'

/**
 * Returns twice: 0 in the child, the child's pid in the parent. The child has everything that its parent has in memory, goes on with the
 * same stack, ticks and promise jobs, and then has an event loop of its own: timers, servers, sockets and threads of the parent do not
 * go on in it. It is a child like others: this process waits for it at its own end, and it ends with this process.
 * @throws NotSupportedError where fork is not available; the system's error; MultiprocessingError in a daemon
 */
export function fork(): number {
  const { available, reason } = forkSupport()
  if (!available) throw new NotSupportedError(reason ?? 'fork is not available')
  if (!describedCurrent().mayHaveChildren) throw new MultiprocessingError('This process is a daemon, which may have no children')
  const description = childArgument({ name: nextName('Process'), daemon: false, mayHaveChildren: true, startMethod: 'fork' })
  let isChild = false
  const child = Child.start({
    method: 'fork',
    launch: launchForked,
    program: 'programs/child-main',
    name: description.name,
    daemon: false,
    isSync: true,
    returnsTwice: () => {
      isChild = true
    },
    onEnd: () => {},
  })
  if (!isChild) return child.pid as number
  describeCurrent(description)
  leaveAsChild()
  return 0
}
