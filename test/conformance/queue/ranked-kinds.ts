// The classes that CPython's BaseQueueTestMixin is played with here; the rows of Queue are in files of their own.
import { type JoinableQueue, LifoQueue, PriorityQueue, Queue } from '../../../src/queue.ts'
import type { Form } from '../../fixtures/conformance/forms.ts'
import { FORMS } from '../../fixtures/conformance/forms.ts'
import type { Ends } from '../../fixtures/conformance/ranked-queues.ts'
import type { Scene } from '../scene.ts'

export interface Kind {
  readonly make: (options?: { maxSize?: number }) => JoinableQueue<number>
  /** Of 111, 333, 222. */
  readonly order: readonly number[]
}

export const KINDS: readonly Kind[] = [
  { make: options => new LifoQueue<number>(options), order: [222, 333, 111] },
  { make: options => new PriorityQueue<number>(options), order: [111, 222, 333] },
]

/** One scene for each of the kinds and forms. */
export async function forAll(play: (kind: Kind, form: Form) => Promise<void> | void): Promise<void> {
  for (const kind of KINDS) for (const form of FORMS) await play(kind, form)
}

export function newEnds({ own }: Scene): Ends {
  return own(new Queue<string>())
}

/** So many of them, in no order. */
export async function sorted(ends: Ends, count: number): Promise<string[]> {
  const all: string[] = []
  while (all.length < count) all.push(await ends.get())
  return all.sort()
}
