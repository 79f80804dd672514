// How queues travel: as the places of their header and lists, to other processes of the tree only.
import { teach } from '../channel/teach.ts'
import type { SharedHandle } from '../sync/state/shared-block.ts'
import { MessageQueue, type QueueHandle, type StoreAt } from './message-queue.ts'

export type QueueData = readonly [header: number, ...lists: number[]]

/** @throws ClosedError */
export function toData(messages: MessageQueue): QueueData {
  const { header, lists } = messages.handle
  return [header, ...lists.flatMap(({ reference, generation }) => [reference, generation])]
}

export function toHandle([header, ...numbers]: QueueData): QueueHandle {
  const lists: SharedHandle[] = []
  for (let at = 0; at < numbers.length; at += 2) lists.push({ reference: numbers[at] as number, generation: numbers[at + 1] as number })
  return { header, lists }
}

/** Instances of `cls` travel, under this name. `make`: one for the messages of a queue that is there. */
export function teachQueue<T extends object>(
  name: string,
  cls: object & { readonly prototype: T },
  { messagesOf, make, storeAt }: { messagesOf: (queue: T) => MessageQueue; make: (messages: MessageQueue) => T; storeAt: StoreAt },
): void {
  teach(
    name,
    cls,
    queue => toData(messagesOf(queue)),
    (data: QueueData) => make(MessageQueue.find(toHandle(data), storeAt)),
  )
}
