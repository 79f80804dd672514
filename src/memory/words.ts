// The only way to touch a word that several processes write. In test builds every access is a numbered step, at which a test
// may let the process die or let another actor run (test/memory/crash-points, test/explore); esbuild compiles the steps out of
// the package. V8 inlines these functions; on x86-64 a load is a plain load, a store an xchg, the rest a locked instruction.

declare const STEPS_COMPILED_OUT: boolean | undefined

export type Words = Int32Array

/** What a step does; `write` steps are the crash points. */
export type StepKind = 'load' | 'write'
export type StepHook = (kind: StepKind, words: Words, index: number) => void

const stepsCompiledIn = typeof STEPS_COMPILED_OUT === 'undefined'
let stepHook: StepHook | null = null

/** Called before every access to shared state, in test builds only. */
export function setStepHook(hook: StepHook | null): void {
  if (!stepsCompiledIn) throw new Error('Steps are compiled out of this build')
  stepHook = hook
}

export function load(words: Words, index: number): number {
  if (stepsCompiledIn && stepHook !== null) stepHook('load', words, index)
  return Atomics.load(words, index)
}

/**
 * A look that costs nothing, and may be old or early: for what only this thread changes, or what changes for good. It is no step: nothing
 * may depend on when it happens.
 */
export function peek(words: Words, index: number): number {
  return words[index] as number
}

const EXCHANGES_FENCE = process.arch === 'x64'

/**
 * A load that must not happen before the exchange that this thread has just made. On x86-64 a locked instruction is a fence for all that
 * follows, and a plain load is 3 ns quicker than V8's atomic one. No step, either: it is for the way out of code that has been stepped through.
 */
export function loadAfterExchange(words: Words, index: number): number {
  return EXCHANGES_FENCE ? (words[index] as number) : Atomics.load(words, index)
}

export function store(words: Words, index: number, value: number): void {
  if (stepsCompiledIn && stepHook !== null) stepHook('write', words, index)
  Atomics.store(words, index, value)
}

/** A plain write, for what only the holder of a lock writes: others see it when they see the `store` that comes after it. */
export function write(words: Words, index: number, value: number): void {
  if (stepsCompiledIn && stepHook !== null) stepHook('write', words, index)
  words[index] = value
}

/** True: the word was `from` and is now `to`. */
export function exchange(words: Words, index: number, from: number, to: number): boolean {
  if (stepsCompiledIn && stepHook !== null) stepHook('write', words, index)
  return Atomics.compareExchange(words, index, from, to) === from
}

/** Returns what the word was before. */
export function add(words: Words, index: number, amount: number): number {
  if (stepsCompiledIn && stepHook !== null) stepHook('write', words, index)
  return Atomics.add(words, index, amount)
}

/** Makes the word at least `value`. */
export function raise(words: Words, index: number, value: number): void {
  for (let now = load(words, index); now < value; now = load(words, index)) exchange(words, index, now, value)
}
