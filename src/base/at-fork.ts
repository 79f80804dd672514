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
