// The same for shared objects.
import type { Model } from '../explorer.ts'
import type { Patch } from '../transform.ts'
import { lockModels } from './lock-models.ts'
import { meetingModels } from './meeting-models.ts'
import { permitModels } from './permit-models.ts'
import type { Code } from './tiny-objects.ts'

export interface PlantedSyncBug {
  readonly name: string
  readonly title: string
  readonly models: (code: Code) => Model[]
  readonly patch: Patch
}

function bug(name: string, title: string, models: PlantedSyncBug['models'], module: string, from: string, to: string): PlantedSyncBug {
  return { name, title, models, patch: { module: `sync/state/${module}.js`, from, to } }
}

export const PLANTED_SYNC_BUGS: readonly PlantedSyncBug[] = [
  bug(
    'no-second-look',
    'a reach that is cleared without another look at the places',
    lockModels,
    'waiting-list',
    'const late = oldestBefore(object, reach)',
    'const late = NOBODY',
  ),
  bug(
    'flags-lost',
    'a lock that is released with its reservation',
    lockModels,
    'lock-state',
    'exchange(words, base + STATE, now, (now & ABANDONED) | me | form)',
    'exchange(words, base + STATE, now, now | me | form)',
  ),
  bug(
    'moved-twice',
    'a permit that two helpers move',
    permitModels,
    'semaphore-state',
    'if (changesOf(entry) !== ((state >>> CHANGES_SHIFT) & CHANGES))',
    'if (false)',
  ),
  bug(
    'no-draining',
    'a barrier that is entered while others leave it',
    meetingModels,
    'barrier-state',
    'isDraining(object, generationOf(state))',
    'false',
  ),
  bug(
    'not-passed-on',
    'a notification that is lost with a dead one',
    meetingModels,
    'condition-state',
    'if (markAt(object, place) === NOTIFIED)',
    'if (false)',
  ),
]
