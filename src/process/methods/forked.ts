// fork(2) of this very process: the child has all that is in its memory and needs nothing sent.
import { calledInChild } from '../../base/at-fork.ts'
import { forkLater, forkNow, forkUnwinding } from '../../fork/fork.ts'
import { forkSupport } from '../../fork/support.ts'
import { NotSupportedError } from '../../base/errors.ts'
import { detachFromParent, enterForked } from '../inside/enter.ts'
import type { LaunchCalls, LaunchRequest } from './launch.ts'
import { bodyOfChild } from './process-body.ts'
import { runProgram } from './run-program.ts'

/** The fork happens when the JavaScript that runs now is done, or within this call if it `isSync`. @throws NotSupportedError */
export function launchForked(request: LaunchRequest, { started, failed }: LaunchCalls): void {
  const { available, reason } = forkSupport()
  if (!available) throw new NotSupportedError(reason ?? 'fork is not available')
  if (request.execArgv !== undefined) {
    throw new TypeError('`execArgv` is for a fresh node: a forked child has the flags of its parent. Start it by forkserver or spawn')
  }
  const inChild = (): void => beginForked(request)
  if (request.returnsTwice !== undefined) {
    const pid = forkNow()
    if (pid > 0) {
      started(bodyOfChild(pid))
      return
    }
    const { id, outputs } = request
    enterForked({ id, outputs })
    request.returnsTwice()
    return
  }
  if (request.isSync) {
    started(bodyOfChild(forkUnwinding(inChild)))
    return
  }
  forkLater({
    calls: request.firstCalls ?? [],
    inParent(pid) {
      try {
        started(bodyOfChild(pid))
      } catch (error) {
        failed(error)
      }
    },
    inChild,
    failed,
  })
}

function beginForked(request: LaunchRequest): void {
  const { id, outputs, env, inspectPort, inForkedChild, program } = request
  detachFromParent()
  enterForked({ id, outputs, env, inspectPort })
  if (inForkedChild === undefined) runProgram(program)
  else inForkedChild()
}

calledInChild(beginForked)
