// A fresh `node` that inherits the arena.
import { arena, arenaDescriptor } from '../../memory/arena.ts'
import type { SpawnOptions } from '../../native/binding.ts'
import { native } from '../../native/load.ts'
import { childArguments, childEnvironment } from './command-line.ts'
import { executable } from './executable.ts'
import type { LaunchCalls, LaunchRequest } from './launch.ts'
import { shareCode } from './shared-code.ts'
import { ProcessBody } from './process-body.ts'
import { fileOf } from '../programs.ts'

/** Waiting: blocks until the program is executed, about a millisecond. */
export function launchSpawned(request: LaunchRequest, { started }: LaunchCalls): undefined {
  const { outputs } = request
  arena()
  const fds = [-1, outputs.stdout, outputs.stderr, arenaDescriptor(), ...(request.extraDescriptors ?? [])]
  started(new ProcessBody(spawnNode(request, fds)))
  shareCode()
}

/** @throws the system's error */
function spawnNode(request: LaunchRequest, fds: readonly number[]): { pid: number; pidfd: number } {
  const { id, program, execArgv, env, inspectPort } = request
  // What somebody put on Object.prototype is no option of ours.
  const plan: SpawnOptions = Object.assign(Object.create(null), {
    file: executable(),
    args: childArguments({ file: fileOf(program), id, execArgv, inspectPort }),
    env: childEnvironment(env),
    fds,
  })
  return native().spawn(plan)
}
