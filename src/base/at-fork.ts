/** What one floor must do around a fork of this process, as with Python's `os.register_at_fork`. None of them may throw or wait. */
export interface AtFork {
  before?(): void
  inParent?(): void
  inChild?(): void
}

const registered: AtFork[] = []

/** Registers hooks for every fork from now on. `before` is called last registered first, the others in order of registration. */
export function atFork(hooks: AtFork): void {
  registered.push(hooks)
  if (hooks.inChild !== undefined) calledInChild(hooks.inChild)
}

export function runBefore(): void {
  for (const hooks of registered.toReversed()) hooks.before?.()
}

/** Also after a fork that failed. */
export function runInParent(): void {
  for (const hooks of registered) hooks.inParent?.()
}

export function runInChild(): void {
  for (const hooks of registered) hooks.inChild?.()
}

type Callable = (...args: never[]) => unknown
type Class = { readonly prototype: object }

const early = new Set<Callable>()

/**
 * Names what a forked child calls before it comes to the user's code, a class for all of its methods. The parent has it compiled, once for
 * all its children; what is not named is compiled by each of them, which takes some 25 µs a function.
 */
export function calledInChild(...functions: readonly (Callable | Class)[]): void {
  for (const each of functions) for (const callable of callablesOf(each)) early.add(callable)
}

/** Those that were named since the last call; the hooks of `atFork` are among them. */
export function takeCalledInChild(): Callable[] {
  const all = [...early]
  early.clear()
  return all
}

/** Without the constructor of a class: it cannot be called, and has mostly been used. */
function callablesOf(each: Callable | Class): Callable[] {
  const { prototype } = each as { prototype?: object }
  if (prototype === undefined || !/^class\b/.test(Function.prototype.toString.call(each))) return [each as Callable]
  return [prototype, each].flatMap(owner =>
    Object.values(Object.getOwnPropertyDescriptors(owner))
      .flatMap(({ value, get, set }) => [value, get, set])
      .filter((found): found is Callable => typeof found === 'function' && found !== each),
  )
}
