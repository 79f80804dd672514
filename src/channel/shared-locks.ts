// How locks and their like travel: as the name of their block, to other processes of the tree only. What arrives is another handle of the
// same object; if that was closed meanwhile, every use says so.
import { Barrier, blockOfBarrier, optionsOfBarrier } from '../sync/barrier.ts'
import { blockOfBoundedSemaphore, BoundedSemaphore } from '../sync/bounded-semaphore.ts'
import { blockOfCondition, Condition } from '../sync/condition.ts'
import { blockOfEvent, Event } from '../sync/event.ts'
import { blockOfLock, Lock } from '../sync/lock.ts'
import { blockOfRLock, RLock } from '../sync/rlock.ts'
import { blockOfSemaphore, Semaphore } from '../sync/semaphore.ts'
import { SharedBlock } from '../sync/state/shared-block.ts'
import { teach } from './teach.ts'

type Data = readonly [reference: number, generation: number, ...rest: unknown[]]

// biome-ignore lint/suspicious/noExplicitAny: classes with parameters of any kind.
type SharedClass<T> = (new (...args: any[]) => T) & { readonly name: string; readonly prototype: T }

/** Its instances travel as their handle and what `rest` gives. */
function teachShared<T extends object>(
  cls: SharedClass<T>,
  blockOf: (object: T) => SharedBlock,
  fromBlock: (block: SharedBlock, rest: readonly unknown[]) => T,
  rest: (object: T) => readonly unknown[] = () => [],
): void {
  const toData = (object: T): Data => {
    const block = blockOf(object)
    block.check()
    return [block.reference, block.generation, ...rest(object)]
  }
  teach(cls.name, cls, toData, ([reference, generation, ...more]) => fromBlock(SharedBlock.find({ reference, generation }, cls.name), more))
}

/** With what only this file gives a constructor: the block of an object that is there. */
function make<T>(cls: SharedClass<T>, ...args: unknown[]): T {
  return new cls(...args)
}

teachShared(Lock, blockOfLock, block => make(Lock, block))
teachShared(RLock, blockOfRLock, block => make(RLock, block))
teachShared(Semaphore, blockOfSemaphore, block => make(Semaphore, block))
teachShared(BoundedSemaphore, blockOfBoundedSemaphore, block => make(BoundedSemaphore, block))
teachShared(Event, blockOfEvent, block => make(Event, block))
teachShared<Condition<Lock | RLock>>(
  Condition as SharedClass<Condition<Lock | RLock>>,
  blockOfCondition,
  (block, [lock]) => make(Condition as SharedClass<Condition<Lock | RLock>>, lock, block),
  condition => [condition.lock],
)
teachShared(
  Barrier,
  blockOfBarrier,
  (block, [options]) => make(Barrier, block, options),
  barrier => [{ ...optionsOfBarrier(barrier) }],
)
