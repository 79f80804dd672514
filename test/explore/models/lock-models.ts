// A lock: two are never inside, a lock that is free is taken by whoever waits, and what a dead one leaves does not stay.
import type { Model } from '../explorer.ts'
import { outOfDanger, pause, type Steps } from '../operations.ts'
import type { Code, ObjectActor, ObjectScene as Scene } from './tiny-objects.ts'
import { ObjectScene } from './tiny-objects.ts'

const STATE = 1
const OWNER = 0x1fffffff

/** Who believes to be inside. */
class Inside {
  #who: ObjectActor | null = null

  enter(actor: ObjectActor): void {
    if (this.#who !== null && !actor.scene.isDead(this.#who.me)) throw new Error(`${actor.name} is inside, and so is ${this.#who.name}`)
    this.#who = actor
  }

  leave(): void {
    this.#who = null
  }
}

function* wakeNext(actor: ObjectActor): Steps<void> {
  const { code, object } = actor
  const heir = yield* code.heirOf(object)
  const next = heir !== 0 ? heir : yield* code.longestWaiting(object)
  if (next !== 0) yield* actor.ring(next)
}

function* rescue(actor: ObjectActor): Steps<void> {
  const { code, object, repair } = actor
  yield* code.strikeOut(object, repair)
  yield* code.repairLock(object, repair)
  yield* actor.ringAll(yield* code.allNames(object))
}

function* stopWaiting(actor: ObjectActor, place: number): Steps<void> {
  const { code, object, me } = actor
  yield* code.leave(object, place, me)
  yield* code.renounce(object, me)
  if (yield* code.isFree(object)) yield* wakeNext(actor)
}

function* acquire(actor: ObjectActor, isImpatient: boolean): Steps<void> {
  const { code, object, me } = actor
  if (yield* code.take(object, me, 0)) return
  const place = yield* code.enter(object, me)
  if (isImpatient && !(yield* code.take(object, me, 0))) yield* code.reserve(object, me)
  else if (isImpatient) return yield* stopWaiting(actor, place)
  yield* actor.wait(
    () => code.take(object, me, 0),
    () => rescue(actor),
  )
  yield* stopWaiting(actor, place)
}

function* release(actor: ObjectActor): Steps<void> {
  const { code, object, me } = actor
  if (!(yield* code.release(object, me))) throw new Error(`${actor.name} releases what nobody holds`)
  yield* wakeNext(actor)
}

/** Takes the lock, is inside, and gives it back. */
function user(inside: Inside, { isImpatient = false, times = 1 } = {}): (actor: ObjectActor) => Steps<void> {
  return function* play(actor) {
    for (let time = 0; time < times; time += 1) {
      yield* acquire(actor, isImpatient)
      inside.enter(actor)
      yield* pause()
      inside.leave()
      yield* release(actor)
    }
    yield* outOfDanger()
  }
}

/** Waits, but not for long: its time is up at any moment. */
function* passerBy(actor: ObjectActor): Steps<void> {
  const { code, object, me } = actor
  const place = yield* code.enter(object, me)
  yield* pause()
  yield* stopWaiting(actor, place)
}

function ends(scene: Scene): Scene {
  return scene.atEnd(() => {
    const owner = (scene.object.words[STATE] as number) & OWNER
    if (owner !== 0 && !scene.isDead(owner)) throw new Error(`${owner} has the lock at the end`)
  })
}

function model(code: Code, name: string, cast: (scene: Scene, inside: Inside) => void, preemptions?: number): Model {
  return {
    name: `a lock: ${name}`,
    ...(preemptions === undefined ? {} : { preemptions }),
    start: () => {
      const scene = new ObjectScene(code)
      cast(scene, new Inside())
      return ends(scene)
    },
  }
}

export function lockModels(code: Code): Model[] {
  return [
    model(code, 'two take it', (scene, inside) => scene.add(1, user(inside)).add(2, user(inside))),
    model(code, 'three take it', (scene, inside) => scene.add(1, user(inside)).add(2, user(inside)).add(3, user(inside)), 2),
    model(code, 'two take it, one dies', (scene, inside) => scene.add(1, user(inside), { mortal: true }).add(2, user(inside)), 4),
    model(
      code,
      'one has it, one waits, and one stops waiting',
      (scene, inside) => scene.add(1, user(inside)).add(2, user(inside)).add(3, passerBy),
      3,
    ),
    model(
      code,
      'one has waited long',
      (scene, inside) => scene.add(1, user(inside, { times: 2 })).add(2, user(inside, { isImpatient: true })),
      5,
    ),
    model(
      code,
      'one has waited long and dies',
      (scene, inside) => scene.add(1, user(inside)).add(2, user(inside, { isImpatient: true }), { mortal: true }),
      3,
    ),
  ]
}
