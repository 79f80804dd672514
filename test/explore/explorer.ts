// Runs a model along every schedule of its actors. Depth first, and each branch starts the model anew and replays the way to it,
// since a stopped function cannot be copied. States that were reached before, by another order of the same events, are not
// entered again; how many schedules lead through them is counted all the same.
import { Conflicts } from './conflicts.ts'
import { type Action, Run, type Scene } from './run.ts'

export interface Model {
  readonly name: string
  start(): Scene
  /** How many times a schedule may leave an actor that could go on; without it, every schedule is run. */
  readonly preemptions?: number
}

export interface Exploration {
  readonly name: string
  readonly complete: boolean
  /** `complete`, or how far it went. */
  readonly extent: string
  /** All the ways through, also those that were not run because they meet in a state that was. */
  readonly schedules: number
  readonly states: number
  /** Operations performed, replays included. */
  readonly steps: number
  readonly longest: number
}

const MOST_STEPS = 1000

/** @throws Error with the schedule, when a schedule ends badly. */
export function explore(model: Model): Exploration {
  return new Explorer(model).explore()
}

/** For printing: one line a model. */
export function describeExploration({ name, extent, schedules, states, steps, longest }: Exploration): string {
  const count = schedules < 1e6 ? String(schedules) : schedules.toExponential(1)
  return `${name}: ${count} schedules of up to ${longest} steps, ${states} states, ${steps} steps run, ${extent}`
}

/** The last actor and how often the schedule has left one that could go on: part of a state when that is bounded. */
interface Bound {
  readonly last: number
  readonly left: number
}

class Explorer {
  readonly #model: Model
  readonly #conflicts: Conflicts
  readonly #schedulesFrom = new Map<number, number>()
  #steps = 0
  #longest = 0

  constructor(model: Model) {
    this.#model = model
    this.#conflicts = new Conflicts(new Set(model.start().hints))
  }

  explore(): Exploration {
    let schedules = 0
    do {
      this.#schedulesFrom.clear()
      schedules = this.#visit(this.#start(), [], { last: -1, left: this.#model.preemptions ?? Number.POSITIVE_INFINITY })
    } while (this.#conflicts.foundMore())
    const { name, preemptions } = this.#model
    const complete = preemptions === undefined
    const extent = complete ? 'complete' : `all with at most ${preemptions} preemptions`
    return { name, complete, extent, schedules, states: this.#schedulesFrom.size, steps: this.#steps, longest: this.#longest }
  }

  /** Returns how many schedules there are from here on. */
  #visit(run: Run, path: Action[], bound: Bound): number {
    const key = this.#keyOf(run, bound)
    const known = this.#schedulesFrom.get(key)
    if (known !== undefined) return known
    const actions = run.actions()
    if (actions.length === 0) this.#finish(run, path)
    let schedules = actions.length === 0 ? 1 : 0
    let current: Run | null = run
    for (const action of actions) {
      const after = spend(bound, action, actions)
      if (after.left < 0) continue
      const here = current ?? this.#replay(path)
      current = null
      this.#perform(here, action)
      path.push(action)
      schedules += this.#visit(here, path, after)
      path.pop()
    }
    this.#schedulesFrom.set(key, schedules)
    return schedules
  }

  #keyOf(run: Run, bound: Bound): number {
    const digest = run.digest()
    if (this.#model.preemptions === undefined) return digest
    return (digest + (bound.last + 2) * 0x9e3779b97f4a + bound.left * 0x5851f42d4c95) % Number.MAX_SAFE_INTEGER
  }

  #start(): Run {
    return new Run(this.#model.start(), this.#conflicts)
  }

  #replay(path: readonly Action[]): Run {
    const run = this.#start()
    for (const action of path) run.perform(action)
    this.#steps += path.length
    return run
  }

  #perform(run: Run, action: Action): void {
    this.#steps += 1
    if (run.length > MOST_STEPS) throw this.#failure(run, new Error(`It does not end within ${MOST_STEPS} steps`))
    try {
      run.perform(action)
    } catch (error) {
      throw this.#failure(run, error)
    }
  }

  #finish(run: Run, path: readonly Action[]): void {
    this.#longest = Math.max(this.#longest, path.length)
    const stuck = run.stuck()
    if (stuck.length > 0) throw this.#failure(run, new Error(`${stuck.join(' and ')} can never go on`))
    try {
      run.check()
    } catch (error) {
      throw this.#failure(run, error)
    }
  }

  #failure(run: Run, cause: unknown): Error {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new Error(`${this.#model.name}: ${reason}\nafter this schedule:\n  ${run.trace().join('\n  ')}`, { cause })
  }
}

function spend(bound: Bound, action: Action, actions: readonly Action[]): Bound {
  const actor = action >> 1
  const leavesSomebody = bound.last !== -1 && actor !== bound.last && actions.some(other => other >> 1 === bound.last)
  return { last: actor, left: leavesSomebody ? bound.left - 1 : bound.left }
}
