// A semaphore: permits that are held are in one place at every moment, and come back once when their holder dies.
import type { Model } from '../explorer.ts'
import { outOfDanger, pause, type Steps, until } from '../operations.ts'
import { type Code, type ObjectActor, ObjectScene } from './tiny-objects.ts'

const STATE = 1
const MOST = 6
const COUNT_SHIFT = 13

function* hold(actor: ObjectActor): Steps<void> {
  const { code, object, me } = actor
  const place = yield* code.claimHolder(object, me)
  if (yield* code.holdPermit(object, place)) {
    yield* pause()
    if (!(yield* code.returnPermit(object, place))) throw new Error(`${actor.name} has lost its permit`)
  }
  yield* code.vacateHolder(object, place, me)
  yield* outOfDanger()
}

function* takeAndGive({ code, object }: ObjectActor): Steps<void> {
  if (yield* code.takePermit(object)) yield* code.givePermits(object, 1, 1000)
}

/** Repairs when somebody has died, if anybody does. */
function rescuer(others: () => boolean): (actor: ObjectActor) => Steps<void> {
  return function* play(actor) {
    const { scene, code, object, repair } = actor
    yield* until(() => scene.dead.size > 0 || others())
    if (scene.dead.size > 0) yield* code.repairSemaphore(object, repair)
  }
}

function model(
  code: Code,
  name: string,
  permits: number,
  cast: (scene: ObjectScene, done: () => boolean) => void,
  preemptions: number,
): Model {
  return {
    name: `a semaphore: ${name}`,
    preemptions,
    start: () => {
      const scene = new ObjectScene(code, words => {
        words[STATE] = permits << COUNT_SHIFT
        words[MOST] = 1000
      })
      cast(scene, () => false)
      return scene.atEnd(() => {
        const state = scene.object.words[STATE] as number
        const count = state >>> COUNT_SHIFT
        if (scene.dead.size === 0 && state !== permits << COUNT_SHIFT)
          throw new Error(`The state is ${state} at the end, the count ${count}`)
        if (scene.dead.size > 0 && count !== permits) throw new Error(`${count} of ${permits} permits are there after a death`)
      })
    },
  }
}

export function permitModels(code: Code): Model[] {
  return [
    model(code, 'two hold a permit', 1, scene => scene.add(1, hold).add(2, hold), 4),
    model(code, 'two hold a permit, one takes and gives', 1, scene => scene.add(1, hold).add(2, hold).add(3, takeAndGive), 2),
    model(
      code,
      'a holder dies, and one who holds repairs',
      2,
      scene => {
        let ended = false
        scene.add(
          1,
          function* play(actor) {
            yield* hold(actor)
            ended = true
          },
          { mortal: true },
        )
        scene.add(2, hold).add(
          3,
          rescuer(() => ended),
        )
      },
      2,
    ),
    model(
      code,
      'a holder dies, and two repair',
      1,
      scene => {
        let ended = false
        scene.add(
          1,
          function* play(actor) {
            yield* hold(actor)
            ended = true
          },
          { mortal: true },
        )
        scene.add(
          2,
          rescuer(() => ended),
        )
        scene.add(
          3,
          rescuer(() => ended),
        )
      },
      3,
    ),
  ]
}
