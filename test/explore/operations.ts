// What a stopped actor is about to do: either one access to shared memory, or one of the three things below that only models do.
import { add, exchange, load, store, type Words, write } from '../../src/memory/words.ts'

export type Operand = Words | number | (() => boolean) | string
/** The primitive's name (with a `;` when it is a statement of its own), the place of the call, and the operands. */
export type Operation = readonly [name: string, place: string, ...operands: Operand[]]
/** A function of the code under test, stopped before each access. */
export type Steps<Result> = Generator<Operation, Result, unknown>

const PAUSE: Operation = ['pause', 'model']
const ENTER: Operation = ['enter', 'model']
const DEPART: Operation = ['depart', 'model']

/** A place where others may go on while this actor is between two operations of its own, and where it may die. */
export function* pause(): Steps<void> {
  yield PAUSE
}

/** An access of the model's own. */
export function* access<Result>(name: string, words: Words, index: number, ...operands: number[]): Steps<Result> {
  return (yield [name, 'model', words, index, ...operands]) as Result
}

/** Nothing further happens before the condition holds; it must depend on nothing but shared words and who has died. */
export function* until(condition: () => boolean): Steps<void> {
  yield ['until', 'model', condition]
}

/** From here on the actor does not die. */
export function* outOfDanger(): Steps<void> {
  yield DEPART
}

/**
 * Steps of which nothing but the result matters to what the actor does afterwards: no variable or field outside changes. What was
 * seen on the way is then no part of the actor's state any more, and schedules that differ in it only come to the same.
 */
export function* forgetful<Result>(steps: Steps<Result>): Steps<Result> {
  yield ENTER
  const result = yield* steps
  yield ['leave', 'model', JSON.stringify(result) ?? '']
  return result
}

/** Runs steps without letting anybody else in. */
export function runAlone<Result>(steps: Steps<Result>): Result {
  let state = steps.next()
  while (!state.done) state = steps.next(execute(state.value))
  return state.value
}

export function execute(operation: Operation): number | boolean | undefined {
  const [, , words, index, ...operands] = operation as readonly [string, string, Words, number, ...number[]]
  switch (kindOf(operation)) {
    case 'load':
      return load(words, index)
    case 'store':
      return store(words, index, operands[0] as number) as undefined
    case 'write':
      return write(words, index, operands[0] as number) as undefined
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
  return isAccess(operation) && kindOf(operation) !== 'load'
}

/** Of a call that is a statement of its own nobody sees the result: the rewriting marks it so. */
export function isResultUsed(operation: Operation): boolean {
  return isAccess(operation) && !operation[0].endsWith(';')
}

function kindOf([name]: Operation): string {
  return name.endsWith(';') ? name.slice(0, -1) : name
}

/** Whether the actor could go on now. */
export function isEnabled(operation: Operation): boolean {
  return operation[0] !== 'until' || (operation[2] as () => boolean)()
}
