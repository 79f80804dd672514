// Barriers and conditions: all go on together or get an error together; a notification goes to one wait, and is not lost with the dead.
import type { Model } from '../explorer.ts'
import { access, outOfDanger, pause, type Steps, until } from '../operations.ts'
import { type Code, type ObjectActor, ObjectScene } from './tiny-objects.ts'

const STATE = 1
const PARTIES = 5
const BROKEN = 1 << 13

/** One wait, as `BarrierVisit` does it. */
class Visit {
  readonly #actor: ObjectActor
  readonly #place: number
  generation = -1
  outcome: string | null = null

  constructor(actor: ObjectActor, place: number) {
    this.#actor = actor
    this.#place = place
  }

  *attempt(): Steps<boolean> {
    const { code, object } = this.#actor
    while (this.generation === -1 && this.outcome === null) if (!(yield* this.#arrive())) return false
    this.outcome ??= yield* code.outcomeOf(object, this.generation)
    return this.outcome !== null
  }

  /** False: it has to wait for those of the generation before. */
  *#arrive(): Steps<boolean> {
    const { code, object } = this.#actor
    const arrival = yield* code.arrive(object, this.#place)
    if (arrival === null) return false
    if (arrival === 'again') yield* this.#ringAll()
    else if (typeof arrival === 'string') this.outcome = arrival
    else {
      this.generation = arrival.generation
      if (!arrival.acts) return true
      yield* code.pass(object, arrival.generation)
      yield* this.#ringAll()
    }
    return true
  }

  *#ringAll(): Steps<void> {
    yield* this.#actor.ringAll(yield* this.#actor.code.allNames(this.#actor.object))
  }
}

/** Who stands at the barrier, as far as its own code is: whose death must break it. */
class Begun {
  readonly who = new Set<number>()
}

function* visit(actor: ObjectActor, begun: Begun): Steps<string> {
  const { code, object, me, scene } = actor
  const place = yield* code.enterBarrier(object, me)
  begun.who.add(me)
  const one = new Visit(actor, place)
  yield* actor.wait(
    () => one.attempt(),
    function* rescue() {
      yield* code.repairBarrier(object, actor.repair)
      // One that died before it was there will never come: the time of this wait is up some day.
      if (![...begun.who].some(owner => scene.isDead(owner))) yield* code.breakBarrier(object, -1)
      yield* actor.ringAll(yield* code.allNames(object))
    },
  )
  yield* code.leaveBarrier(object, place, me)
  yield* actor.ringAll(yield* code.notArrived(object))
  return `${one.generation} ${one.outcome}`
}

function party(rounds: number, outcomes: string[], begun: Begun): (actor: ObjectActor) => Steps<void> {
  return function* play(actor) {
    for (let round = 0; round < rounds; ) {
      const outcome = yield* visit(actor, begun)
      outcomes.push(outcome)
      // One that was reset comes again; one at which somebody died stays broken.
      if (outcome.endsWith('passed')) round += 1
      else if (actor.scene.dead.size > 0) break
    }
    yield* outOfDanger()
  }
}

/** Makes it as new once, at any moment. */
function* resetter(actor: ObjectActor): Steps<void> {
  yield* actor.code.resetBarrier(actor.object)
  yield* actor.ringAll(yield* actor.code.allNames(actor.object))
}

/** All who arrived in a generation have the same to say of it. */
function expectAgreement(outcomes: readonly string[]): void {
  const said = new Map<string, string>()
  for (const each of outcomes) {
    const [generation, outcome] = each.split(' ') as [string, string]
    if ((said.get(generation) ?? outcome) !== outcome) throw new Error(`Generation ${generation} was both: ${outcomes.join(', ')}`)
    said.set(generation, outcome)
  }
}

function barrier(code: Code, name: string, { rounds = 1, mortal = false, isReset = false, preemptions = 3 }): Model {
  return {
    name: `a barrier: ${name}`,
    preemptions,
    start: () => {
      const outcomes: string[] = []
      const begun = new Begun()
      const scene = new ObjectScene(code, words => {
        words[PARTIES] = 2
      })
      scene.add(1, party(rounds, outcomes, begun), { mortal }).add(2, party(rounds, outcomes, begun))
      if (isReset) scene.add(3, resetter)
      return scene.atEnd(() => {
        const isBroken = ((scene.object.words[STATE] as number) & BROKEN) !== 0
        const mayBreak = isReset || scene.dead.size > 0
        if (!mayBreak && (isBroken || outcomes.some(outcome => outcome.endsWith('broken')))) throw new Error(`Broken: ${outcomes}`)
        if (scene.dead.size === 0) expectAgreement(outcomes)
      })
    },
  }
}

/** Words of the models' own, behind the bells: the condition's lock, how many returned notified, and whether all is over. */
const LOCK = 29
const WOKEN = 30
const OVER = 31

/** The condition's lock. Who dies with it leaves it to the next. */
function* locked(actor: ObjectActor, body: () => Steps<void>): Steps<void> {
  const { words } = actor.object
  for (;;) {
    yield* until(() => words[LOCK] === 0 || actor.scene.isDead(words[LOCK] as number))
    const owner = yield* access<number>('load', words, LOCK)
    const isFree = owner === 0 || actor.scene.isDead(owner)
    if (isFree && (yield* access<boolean>('exchange', words, LOCK, owner, actor.me))) break
  }
  yield* body()
  yield* access('exchange', words, LOCK, actor.me, 0)
}

/** Waits until it is notified or all is over; `isImpatient`: or at any moment. */
function waiter({ isImpatient = false } = {}): (actor: ObjectActor) => Steps<void> {
  return function* play(actor) {
    const { code, object, me } = actor
    let place = -1
    yield* locked(actor, function* begin() {
      place = yield* code.enterCondition(object, me)
    })
    if (isImpatient) yield* pause()
    else
      yield* actor.wait(
        () => isOver(actor, place),
        () => rescueCondition(actor),
      )
    // From its notification to the lock it may still die; with the lock in hand it has its notification, whatever becomes of it.
    yield* pause()
    yield* outOfDanger()
    yield* locked(actor, function* end() {
      if (yield* code.leaveCondition(object, place, me)) yield* access('add', object.words, WOKEN, 1)
    })
  }
}

function* isOver({ code, object }: ObjectActor, place: number): Steps<boolean> {
  return (yield* code.isNotified(object, place)) || (yield* access<number>('load', object.words, OVER)) !== 0
}

function* rescueCondition(actor: ObjectActor): Steps<void> {
  yield* actor.code.repairCondition(actor.object, actor.repair)
  yield* actor.ringAll(yield* actor.code.allNames(actor.object))
}

/** Notifies one, as soon as so many who live wait, and ends all when one has returned notified. */
function notifier(count: number): (actor: ObjectActor) => Steps<void> {
  return function* play(actor) {
    const { code, object, scene } = actor
    let notified = 0
    while (notified === 0) {
      yield* until(() => ticketsIn(scene) >= count - scene.dead.size)
      yield* locked(actor, function* notify() {
        const names = yield* code.notifyOldest(object, 1, owner => scene.isDead(owner))
        notified = names.length
        yield* actor.ringAll(names)
      })
    }
    yield* until(() => woken(scene) > 0)
    yield* access('store;', object.words, OVER, 1)
    yield* actor.ringAll(yield* code.allNames(object))
  }
}

const FIRST_PLACE = 8

function ticketsIn(scene: ObjectScene): number {
  const { words } = scene.object
  const isWaiting = (name: number, mark: number): boolean => name !== 0 && !scene.isDead(name) && mark > 1
  return [0, 2, 4, 6].filter(at => isWaiting(words[FIRST_PLACE + at] as number, words[FIRST_PLACE + at + 1] as number)).length
}

function woken({ object }: ObjectScene): number {
  return object.words[WOKEN] as number
}

function condition(code: Code, name: string, cast: (scene: ObjectScene) => void, preemptions: number): Model {
  return {
    name: `a condition: ${name}`,
    preemptions,
    start: () => {
      const scene = new ObjectScene(code)
      cast(scene)
      return scene
    },
  }
}

export function meetingModels(code: Code): Model[] {
  return [
    barrier(code, 'two meet twice', { rounds: 2, preemptions: 2 }),
    barrier(code, 'two meet, and it is reset', { rounds: 2, isReset: true, preemptions: 1 }),
    barrier(code, 'one of two dies', { mortal: true, preemptions: 3 }),
    condition(
      code,
      'one waits, the time of another is up, and one of them is notified',
      scene => {
        scene.add(1, waiter()).add(2, waiter({ isImpatient: true }))
        scene.add(3, notifier(1))
        scene.atEnd(() => {
          if (woken(scene) !== 1) throw new Error(`${woken(scene)} returned notified`)
        })
      },
      3,
    ),
    condition(
      code,
      'one of two who wait dies, notified or not',
      scene => {
        scene.add(1, waiter(), { mortal: true }).add(2, waiter())
        scene.add(3, notifier(2))
      },
      2,
    ),
  ]
}
