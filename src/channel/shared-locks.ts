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
import { rebuild, reduce } from '../wire/classes.ts'
import { nameIntrinsic } from '../wire/modules/well-known.ts'

type Data = readonly [reference: number, generation: number, ...rest: unknown[]]

// biome-ignore lint/suspicious/noExplicitAny: classes with parameters of any kind.
type SharedClass<T> = (new (...args: any[]) => T) & { readonly name: string; readonly prototype: T }

/** Every process has the class; its instances travel as their handle and what `rest` gives. */
function teach<T extends object>(
  cls: SharedClass<T>,
  blockOf: (object: T) => SharedBlock,
  fromBlock: (block: SharedBlock, rest: readonly unknown[]) => T,
  rest: (object: T) => readonly unknown[] = () => [],
): void {
  nameIntrinsic(`%polyprocess.${cls.name}%`, cls)
  Object.defineProperty(cls.prototype, reduce, {
    value(this: T): Data {
      const block = blockOf(this)
      block.check()
      return [block.reference, block.generation, ...rest(this)]
    },
  })
  Object.defineProperty(cls, rebuild, {
    value: ([reference, generation, ...more]: Data) => fromBlock(SharedBlock.find({ reference, generation }), more),
  })
}

/** With what only this file gives a constructor: the block of an object that is there. */
function make<T>(cls: SharedClass<T>, ...args: unknown[]): T {
  return new cls(...args)
}

teach(Lock, blockOfLock, block => make(Lock, block))
teach(RLock, blockOfRLock, block => make(RLock, block))
teach(Semaphore, blockOfSemaphore, block => make(Semaphore, block))
teach(BoundedSemaphore, blockOfBoundedSemaphore, block => make(BoundedSemaphore, block))
teach(Event, blockOfEvent, block => make(Event, block))
teach<Condition<Lock | RLock>>(
  Condition as SharedClass<Condition<Lock | RLock>>,
  blockOfCondition,
  (block, [lock]) => make(Condition as SharedClass<Condition<Lock | RLock>>, lock, block),
  condition => [condition.lock],
)
teach(
  Barrier,
  blockOfBarrier,
  (block, [options]) => make(Barrier, block, options),
  barrier => [{ ...optionsOfBarrier(barrier) }],
)
