// What the dispatcher tells about its tasks, as counts and reports.
import type { TaskObserver, TaskTimes } from '../tasks/dispatcher.ts'
import type { Task } from '../tasks/task.ts'
import type { Seat } from '../workforce/seat.ts'
import type { PoolWatch } from './pool-watch.ts'
import { type TaskReport, wallClock } from './reports.ts'

/** `begunInVain`: a worker has begun with a task that was called off meanwhile. */
export function watchTasks(watch: PoolWatch, begunInVain: (task: Task) => void): TaskObserver {
  return {
    get wantsStarts() {
      return watch.wantsStarts
    },
    taskStarted(task, seat, moment) {
      if (task.calledOff !== 0) begunInVain(task)
      else if (watch.wantsStarts) watch.taskStart(reportOf(task, seat, { moment, time: 0 }))
    },
    taskEnded(task, seat, times, failure) {
      // One that no worker has begun is counted; there is no worker to tell of.
      if (seat === null) {
        watch.counts.taskFailedUnstarted()
        return
      }
      const { moment, time } = times ?? timesSoFar(task)
      const waited = Math.max(0, moment - task.submitted)
      if (failure === undefined) watch.counts.taskDone(time, waited)
      else watch.counts.taskFailed(time, waited)
      if (watch.wantsEnds) watch.taskEnd({ ...reportOf(task, seat, { moment, time }), ...failure })
    },
  }
}

/** Of a try whose worker did not come to say how long it took. */
function timesSoFar({ started, submitted }: Task): TaskTimes {
  const moment = started === 0 ? submitted : started
  return { moment, time: Math.max(0, wallClock() - moment) }
}

function reportOf(task: Task, seat: Seat, { moment, time }: TaskTimes): TaskReport {
  const { id, definition, items, attempt, submitted, bytesOut, bytesBack } = task
  return {
    ...{ id, name: definition.name, items, attempt, submitted, bytesOut, bytesBack },
    ...{ pid: seat.pid, worker: seat.name, started: moment, runTime: time },
  }
}
