// What a stopped actor is about to do: either one access to shared memory, or one of the three things below that only models do.
import { add, exchange, load, store, type Words } from '../../src/memory/words.ts'

export type Operand = Words | number | (() => boolean)
/** The primitive's name, the place of the call, and the operands. */
export type Operation = readonly [name: string, place: string, ...operands: Operand[]]
/** A function of the code under test, stopped before each access. */
export type Steps<Result> = Generator<Operation, Result, unknown>

const PAUSE: Operation = ['pause', 'model']
const DEPART: Operation = ['depart', 'model']

/** A place where others may go on while this actor is between two operations of its own, and where it may die. */
export function* pause(): Steps<void> {
  yield PAUSE
}

/** Nothing further happens before the condition holds; it must depend on nothing but shared words and who has died. */
export function* until(condition: () => boolean): Steps<void> {
  yield ['until', 'model', condition]
}

/** From here on the actor does not die. */
export function* outOfDanger(): Steps<void> {
  yield DEPART
}

/** Runs steps without letting anybody else in. */
export function runAlone<Result>(steps: Steps<Result>): Result {
  let state = steps.next()
  while (!state.done) state = steps.next(execute(state.value))
  return state.value
}

export function execute(operation: Operation): number | boolean | undefined {
  const [name, , words, index, ...operands] = operation as readonly [string, string, Words, number, ...number[]]
  switch (name) {
    case 'load':
      return load(words, index)
    case 'store':
      return store(words, index, operands[0] as number) as undefined
    case 'exchange':
      return exchange(words, index, operands[0] as number, operands[1] as number)
    case 'add':
      return add(words, index, operands[0] as number)
    default:
      return undefined
  }
}

export function isAccess(operation: Operation): boolean {
  return operation.length > 3
}

export function isWrite(operation: Operation): boolean {
  return isAccess(operation) && operation[0] !== 'load'
}

/** Whether the actor could go on now. */
export function isEnabled(operation: Operation): boolean {
  return operation[0] !== 'until' || (operation[2] as () => boolean)()
}
