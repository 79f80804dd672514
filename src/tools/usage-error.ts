/** The command was called wrongly. The message says what was expected, what came and what to do; the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
