import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { type Connection, Event, Pipe } from '../../src/index.ts'
import { assertNoGrowth, resources } from '../helpers/resources.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests send what they like.
export type AnyConnection = Connection<any, any>

/** What the first message and the first shared object of all make stays. */
export function prepare(): void {
  for (const end of Pipe()) end.close()
  new Event().close()
}

type Body = (first: AnyConnection, second: AnyConnection) => Promise<void> | void

/** Both ends are closed in the end, and no descriptor is left. */
export async function withPipe(body: Body): Promise<void>
export async function withPipe(options: { duplex?: boolean }, body: Body): Promise<void>
export async function withPipe(...given: [Body] | [{ duplex?: boolean }, Body]): Promise<void> {
  const [options, body] = given.length === 1 ? [{}, given[0]] : given
  prepare()
  const before = resources()
  const [first, second] = Pipe(options)
  try {
    await body(first, second)
  } finally {
    first.close()
    second.close()
  }
  await assertNoGrowth(before)
}

/** Whether the promise is pending after the event loop has turned a few times. */
export async function assertPending(promise: Promise<unknown>): Promise<void> {
  let settled = false
  const note = (): void => {
    settled = true
  }
  promise.then(note, note)
  for (let count = 0; count < 5; count += 1) await turn()
  assert.equal(settled, false)
}
