import { InvalidArgumentError } from 'commander'

/** The value of an option that counts something. @throws InvalidArgumentError, which commander reports with the option's name. */
export function parseCount(text: string): number {
  return parseInteger(text, 1)
}

/** The same for what may be none at all. @throws InvalidArgumentError */
export function parseRetries(text: string): number {
  return parseInteger(text, 0)
}

function parseInteger(text: string, minimum: number): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= minimum) return count
  throw new InvalidArgumentError(`Expected an integer of at least ${minimum}, got '${text}'.`)
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Returns ms. The unit has to be there: some take a bare number for seconds, some for milliseconds. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const duration = Number(number) * (MILLISECONDS[unit] ?? Number.NaN)
  if (duration > 0) return duration
  throw new InvalidArgumentError(`Expected a duration above zero with its unit, such as 500ms, 30s, 5m or 1h, got '${text}'.`)
}

const POWERS = 'kmgt'

/** Returns bytes: K, M, G and T are powers of 1024, with or without `iB`; KB, MB, GB and TB of 1000. @throws InvalidArgumentError */
export function parseSize(text: string): number {
  const [, number, letter = '', ending = ''] = /^(\d+(?:\.\d+)?)([kmgt])(i?b)?$/i.exec(text) ?? []
  const base = ending.toLowerCase() === 'b' ? 1000 : 1024
  const size = Math.round(Number(number) * base ** (POWERS.indexOf(letter.toLowerCase()) + 1))
  if (Number.isSafeInteger(size) && size >= 1) return size
  throw new InvalidArgumentError(`Expected a size above zero with its unit, such as 512M or 2G, got '${text}'.`)
}
