import type { StartMethod } from '../start-method.ts'
import { launchForked } from './forked.ts'
import { launchFromTemplate } from './forkserver.ts'
import type { Launch } from './launch.ts'
import { launchSpawned } from './spawn.ts'
import { launchThread } from './thread.ts'

const LAUNCHERS: Readonly<Record<StartMethod, Launch>> = {
  fork: launchForked,
  forkserver: launchFromTemplate,
  spawn: launchSpawned,
  thread: launchThread,
}

export function launcherOf(method: StartMethod): Launch {
  return LAUNCHERS[method]
}
