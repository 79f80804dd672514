// CPython: _TestEvent, and EventTests of lock_tests.py, whose threads are processes of the start method here.
import { inspect } from 'node:util'
import { FORMS, timed, wait } from '../../fixtures/conformance/forms.ts'
import { findSet, setWhenAwaited, waitInVain, waitOnce, waitTwice } from '../../fixtures/conformance/events.ts'
import { playRows, row } from '../row.ts'

row(
  '_TestEvent',
  'test_event',
  'an event that is not set is waited for, until another process sets it',
  async ({ ctx, check, own, start }) => {
    const event = own(new ctx.Event())
    for (const form of FORMS) {
      check.equal(event.isSet, false)
      check.equal(await wait(form, event, { timeout: 0 }), false)
      const [happened, elapsed] = await timed(() => wait(form, event, { timeout: 82 }))
      check.equal(happened, false)
      check.lasted(elapsed, 82)
      event.set()
      check.equal(event.isSet, true)
      check.equal(await wait(form, event), true)
      check.equal(await wait(form, event, { timeout: 0 }), true)
      check.equal(await wait(form, event, { timeout: 60_000 }), true)
      event.clear()
      check.equal(event.isSet, false)
      await start(form, setWhenAwaited, event)
      check.equal(await wait(form, event), true)
      check.equal(event.isSet, true)
      event.clear()
    }
  },
)

row(
  '_TestEvent',
  'test_repr',
  'an event that is shown says whether it is set',
  ({ ctx, check, own }) => {
    const event = own(new ctx.Event())
    check.equal(inspect(event), 'Event { not set }')
    event.set()
    check.equal(inspect(event), 'Event { set }')
    event.clear()
    check.equal(inspect(event), 'Event { not set }')
  },
  'the text: Event { not set } instead of <Event at 0x… unset>',
)

row('EventTests', 'test_is_set', 'an event is set and cleared, and a second time makes no difference', ({ ctx, check, own }) => {
  const event = own(new ctx.Event())
  check.equal(event.isSet, false)
  for (const [act, isSet] of [
    ['set', true],
    ['set', true],
    ['clear', false],
    ['clear', false],
  ] as const) {
    event[act]()
    check.equal(event.isSet, isSet)
  }
})

row('EventTests', 'test_notify', 'all who wait go on when the event is set, also after it was set and cleared before', async scene => {
  const { ctx, check, own } = scene
  const event = own(new ctx.Event())
  for (let round = 0; round < 2; round += 1) {
    const [first, second] = [own(new ctx.Semaphore(0)), own(new ctx.Semaphore(0))]
    await scene.team(5, waitTwice, event, first, second)
    await scene.waiting(event, 5)
    check.equal([first.value, second.value], [0, 0])
    event.set()
    await scene.joined()
    check.equal([first.value, second.value], [5, 5])
    event.clear()
  }
})

row('EventTests', 'test_timeout', 'a wait for an event ends when its time is up, and lasts no time once it is set', async scene => {
  const event = scene.own(new scene.ctx.Event())
  await scene.team(5, waitInVain, event, 250)
  await scene.joined()
  event.set()
  await scene.team(5, findSet, event, 60_000)
  await scene.joined()
  scene.check.equal(event.isSet, true)
})

row('EventTests', 'test_set_and_clear', 'who waits goes on also if the event is cleared at once', async scene => {
  const { ctx, check, own } = scene
  const [event, happened] = [own(new ctx.Event()), own(new ctx.Semaphore(0))]
  await scene.team(5, waitOnce, event, happened)
  await scene.waiting(event, 5)
  event.set()
  event.clear()
  await scene.joined()
  check.equal([happened.value, event.isSet], [5, false])
})

row(
  'EventTests',
  'test_repr',
  'an event that is shown says whether it is set, and how many wait for it',
  async scene => {
    const { ctx, check, own } = scene
    const [event, happened] = [own(new ctx.Event()), own(new ctx.Semaphore(0))]
    check.equal(inspect(event), 'Event { not set }')
    await scene.team(2, waitOnce, event, happened)
    await scene.waiting(event, 2)
    check.equal(inspect(event), 'Event { not set, waiting 2 }')
    event.set()
    await scene.joined()
    check.equal(inspect(event), 'Event { set }')
  },
  'the text: Event { set } instead of <Event at 0x…: set>',
)

playRows({ crew: 5 })
