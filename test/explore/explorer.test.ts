import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explore, type Model } from './explorer.ts'
import { forgetful, type Operation, pause, type Steps, until } from './operations.ts'
import type { Actor, Scene } from './run.ts'

function load(words: Int32Array, index: number): Steps<number> {
  return step(['load', 'here', words, index])
}

function store(words: Int32Array, index: number, value: number): Steps<number> {
  return step(['store', 'here', words, index, value])
}

function* step(operation: Operation): Steps<number> {
  return (yield operation) as number
}

type Play = (words: Int32Array, dead: ReadonlySet<string>) => Steps<void>

function model(plays: readonly Play[], check: (words: Int32Array) => void, mortal: readonly number[] = []): Model {
  const start = (): Scene => {
    const words = new Int32Array(new SharedArrayBuffer(64))
    const dead = new Set<string>()
    const actors: Actor[] = plays.map((play, index) => ({ name: `${index}`, steps: play(words, dead), mortal: mortal.includes(index) }))
    return { actors, buffers: [words.buffer], dead, check: () => check(words) }
  }
  return { name: 'toy', start }
}

/** Two steps on words that everybody writes, so that no order may be left out. */
function* writeTwice(words: Int32Array): Steps<void> {
  yield* store(words, 0, 1)
  yield* store(words, 0, 2)
}

function* increment(words: Int32Array): Steps<void> {
  yield* store(words, 0, (yield* load(words, 0)) + 1)
}

test('an exploration counts every order of two times two steps', () => {
  assert.equal(explore(model([writeTwice, writeTwice], () => {})).schedules, 6)
  assert.equal(explore(model([writeTwice, writeTwice, writeTwice], () => {})).schedules, 90)
})

test('an exploration leaves out orders of steps that touch different words', () => {
  const apart = [0, 4, 8].map(index => (words: Int32Array) => store(words, index, 1) as Steps<unknown> as Steps<void>)
  assert.equal(explore(model(apart, () => {})).schedules, 1)
})

test('an exploration finds the one order in which an increment is lost', () => {
  const lost = model([increment, increment], words => assert.equal(words[0], 2))
  assert.throws(() => explore(lost), /toy: .*1 !== 2.*0: load here \[0\] → 0.*1: load here \[0\] → 0/s)
})

test('an exploration finds two who wait for each other', () => {
  const wait = (mine: number, other: number): Play =>
    function* play(words) {
      yield* until(() => Atomics.load(words, other) === 1)
      yield* store(words, mine, 1)
    }
  assert.throws(() => explore(model([wait(0, 1), wait(1, 0)], () => {})), /0 and 1 can never go on/)
})

test('an exploration finds the write after which a death does harm', () => {
  const twoWords: Play = function* play(words) {
    yield* store(words, 0, 1)
    yield* store(words, 1, 1)
  }
  const together = model([twoWords], words => assert.equal(words[0], words[1]), [0])
  assert.throws(() => explore(together), /0: store here \[0, 1\] → undefined\s+0: store here \[1, 1\] → dead/)
  assert.equal(explore(model([twoWords], () => {}, [0])).schedules, 3)
})

test('somebody who waits for a death goes on after it', () => {
  const mourner: Play = function* play(words, dead) {
    yield* until(() => dead.size > 0 || Atomics.load(words, 0) === 2)
    yield* store(words, 1, dead.size > 0 ? 1 : 2)
  }
  const ends = new Set<string>()
  explore(model([writeTwice, mourner], words => ends.add(`${words[0]} ${words[1]}`), [0]))
  assert.deepEqual([...ends].sort(), ['0 1', '1 1', '2 2'])
})

test('what a forgetful call has seen makes no state of its own', () => {
  const looker = (wrap: (steps: Steps<number>) => Steps<number>): Play =>
    function* play(words) {
      yield* wrap(
        (function* look() {
          yield* load(words, 0)
          yield* load(words, 0)
          return 7
        })(),
      )
      yield* pause()
    }
  const remembered = explore(model([writeTwice, looker(steps => steps)], () => {}))
  const forgotten = explore(model([writeTwice, looker(forgetful)], () => {}))
  assert.equal(forgotten.schedules, remembered.schedules)
  assert.ok(forgotten.states < remembered.states, `${forgotten.states} states, not fewer than ${remembered.states}`)
})

test('a bound on preemptions runs fewer schedules and says that it is not complete', () => {
  const bounded = explore({ ...model([writeTwice, writeTwice], () => {}), preemptions: 0 })
  assert.equal(bounded.schedules, 2)
  assert.equal(bounded.complete, false)
})

test('something that never ends is reported and not run for ever', () => {
  const spin: Play = function* play(words) {
    while ((yield* load(words, 0)) === 0);
  }
  assert.throws(() => explore(model([spin], () => {})), /does not end within 1000 steps/)
})
