// What a row of the matrix is, and the kinds of rows there are. A row knows nothing of start methods and of where it runs: it plays
// against an Elsewhere, which is a function to call functions in another process.
import assert from 'node:assert/strict'
import type * as polyprocess from '../../src/index.ts'
import { differenceOf, type Tolerance } from './deep-equal.ts'

// biome-ignore lint/suspicious/noExplicitAny: a row has values of every type, and the far side gives any.
export type Any = any

/** Another process. */
export interface Elsewhere {
  /** The library, as the program that plays the rows has loaded it. */
  readonly library: typeof polyprocess
  /** Calls the function there. */
  run(fn: (...args: Any[]) => unknown, args?: readonly unknown[]): Promise<Any>
}

export interface Row {
  readonly title: string
  readonly play: (there: Elsewhere) => Promise<void> | void
  /** It is about modules that another process imports: not for a bundle, where everything is in the main module. */
  readonly needsModules?: true
}

/**
 * A value travels as an argument and back, as a captured variable, as a result; and it is looked at over there, beside one that was
 * made there.
 */
export function value(title: string, make: () => unknown): Row {
  const play = async (there: Elsewhere): Promise<void> => {
    const sent = make()
    same('as an argument and back', sent, await there.run(echo, [sent]))
    const captured = make()
    same('as a captured variable and back', captured, await there.run(() => captured))
    same('made there', make(), await there.run(make), { stacks: 'ignored' })
    const seen = await there.run(
      (remake: () => unknown, arrived: unknown) => differenceOf(remake(), arrived, { stacks: 'ignored' }),
      [make, sent],
    )
    assert.equal(seen, null, `as an argument, seen there: ${seen}`)
  }
  return { title, play }
}

/**
 * Something that can be used: what `use` makes of it is the same here, there as an argument, there as a captured variable, and here
 * again after it was returned.
 */
export function used<T>(title: string, make: () => T, use: (made: T) => unknown, gives: unknown): Row {
  const play = async (there: Elsewhere): Promise<void> => {
    same('here', gives, await use(make()))
    same('as an argument', gives, await there.run((made: T) => use(made), [make()]))
    same('deep in an argument', gives, await there.run((args: { list: [T] }) => use(args.list[0]), [{ list: [make()] }]))
    const captured = make()
    same('as a captured variable', gives, await there.run(() => use(captured)))
    const home = make()
    same('returned', gives, await use(await there.run(() => home)))
  }
  return { title, play }
}

/** A function is called with these arguments: here, as the task itself, and in every way of `used`. */
export function called(title: string, make: () => (...args: Any[]) => unknown, args: readonly unknown[], gives: unknown): Row {
  const { play } = used(title, make, fn => fn(...args), gives)
  const playAll = async (there: Elsewhere): Promise<void> => {
    same('as the task', gives, await there.run(make(), args))
    await play(there)
  }
  return { title, play: playAll }
}

/** A row that is a small story of its own. */
export function scene(title: string, play: (there: Elsewhere) => Promise<void> | void): Row {
  return { title, play }
}

/** For rows about what a bundle does not have: modules beside the main one. */
export function aboutModules(row: Row): Row {
  return { ...row, needsModules: true }
}

/** What is thrown there arrives here. */
export function thrown(title: string, fn: () => unknown, check: (error: Any, there: Elsewhere) => void): Row {
  const play = async (there: Elsewhere): Promise<void> => check(await failureOf(() => there.run(fn)), there)
  return { title, play }
}

/** What cannot travel is refused at once, with the way to it and a reason that helps. */
export function refused(
  title: string,
  make: (there: Elsewhere) => unknown,
  { path, reason }: { path: string | RegExp; reason: RegExp },
): Row {
  const play = async (there: Elsewhere): Promise<void> => {
    const error = await failureOf(() => there.run(echo, [make(there)]))
    assert.ok(error instanceof there.library.NotSerializableError, `Expected a NotSerializableError, got ${error}`)
    assert.equal(error.code, 'ERR_NOT_SERIALIZABLE')
    if (typeof path === 'string') assert.equal(error.path, path)
    else assert.match(error.path, path)
    assert.match(error.message, reason)
    assert.ok(error.message.startsWith(`${error.path}: `), error.message)
    // The next one travels as if nothing had been.
    assert.equal(await there.run(echo, [7]), 7)
  }
  return { title, play }
}

export function echo(sent: unknown): unknown {
  return sent
}

export function same(where: string, expected: unknown, actual: unknown, tolerance?: Tolerance): void {
  const difference = differenceOf(expected, actual, tolerance)
  if (difference !== null) assert.fail(`${where}: ${difference}`)
}

/** What the promise rejects with. @throws AssertionError when it does not */
export async function failureOf(act: () => Promise<unknown>): Promise<unknown> {
  let result: unknown
  try {
    result = await act()
  } catch (error) {
    return error
  }
  return assert.fail(`Expected a failure, got ${typeof result === 'function' ? `function ${result.name}` : JSON.stringify(result)}`)
}
