// fork(2) of this very process: the child has all that is in its memory and needs nothing sent.
import { calledInChild } from '../../base/at-fork.ts'
import { forkLater, forkNow, forkUnwinding } from '../../fork/fork.ts'
import { forkSupport } from '../../fork/support.ts'
import { NotSupportedError } from '../../base/errors.ts'
import { native } from '../../native/load.ts'
import { detachFromParent, enterForked } from '../inside/enter.ts'
import type { LaunchCalls, LaunchRequest, PendingLaunch } from './launch.ts'
import { bodyOfChild } from './process-body.ts'
import { runProgram } from './run-program.ts'

/** The fork happens when the JavaScript that runs now is done, or within this call if it `isSync`. @throws NotSupportedError */
export function launchForked(request: LaunchRequest, calls: LaunchCalls): PendingLaunch | undefined {
  const { started } = calls
  const { available, reason } = forkSupport()
  if (!available) throw new NotSupportedError(reason ?? 'fork is not available')
  if (request.execArgv !== undefined) {
    throw new TypeError('`execArgv` is for a fresh node: a forked child has the flags of its parent. Start it by forkserver or spawn')
  }
  checkRoom()
  if (request.returnsTwice !== undefined) {
    const pid = forkNow()
    if (pid > 0) {
      started(bodyOfChild(pid))
      return undefined
    }
    const { id, outputs } = request
    enterForked({ id, outputs })
    request.returnsTwice()
    return undefined
  }
  if (request.isSync) {
    started(bodyOfChild(forkUnwinding(() => beginForked(request))))
    return undefined
  }
  return launchLater(request, calls)
}

/** Without a descriptor a child could be forked, but neither be watched nor go on itself. @throws the system's error */
function checkRoom(): void {
  native().close(native().pidfdOpen(process.pid))
}

/** What blocks in the meantime has it happen at once. */
function launchLater(request: LaunchRequest, { started, failed }: LaunchCalls): PendingLaunch {
  const inChild = (): void => beginForked(request)
  let isPending = true
  const tryOnce = (fork: () => number): void => {
    isPending = false
    try {
      started(bodyOfChild(fork()))
    } catch (error) {
      failed(error)
    }
  }
  const callOff = forkLater({
    calls: request.firstCalls ?? [],
    inParent: pid => tryOnce(() => pid),
    inChild,
    failed(error) {
      isPending = false
      failed(error)
    },
  })
  return {
    descriptor: -1,
    look() {
      if (!isPending) return
      callOff()
      tryOnce(() => forkUnwinding(inChild))
    },
  }
}

function beginForked(request: LaunchRequest): void {
  const { id, outputs, env, inspectPort, inForkedChild, program } = request
  detachFromParent()
  enterForked({ id, outputs, env, inspectPort })
  if (inForkedChild === undefined) runProgram(program)
  else inForkedChild()
}

calledInChild(beginForked)
