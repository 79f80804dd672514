import { InvalidArgumentError } from 'commander'

/** The value of an option that counts something. @throws InvalidArgumentError, which commander reports with the option's name. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= 1) return count
  throw new InvalidArgumentError(`Expected an integer of at least 1, got '${text}'.`)
}
