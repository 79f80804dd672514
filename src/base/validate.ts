// Checks of what users pass in. One form of message: "Expected `processes` to be an integer of at least 1, got 0".

/** A short picture of any value, for error messages. Never throws, never runs code of the value's. */
export function show(value: unknown): string {
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'an anonymous function'
  // Loaded when there is an error to show: every process that starts would pay for it.
  const { inspect } = process.getBuiltinModule('node:util')
  const text = inspect(value, { depth: 0, maxArrayLength: 3, maxStringLength: 60, breakLength: Infinity, customInspect: false })
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}

export function expected(name: string, what: string, value: unknown): string {
  return `Expected \`${name}\` to be ${what}, got ${show(value)}`
}

/** An integer between `minimum` and `maximum`, both included. @throws TypeError for another type, RangeError outside. */
export function checkInteger(value: unknown, name: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  const what = maximum === Number.MAX_SAFE_INTEGER ? `an integer of at least ${minimum}` : `an integer from ${minimum} to ${maximum}`
  if (typeof value !== 'number') throw new TypeError(expected(name, what, value))
  if (!Number.isInteger(value) || value < minimum || value > maximum) throw new RangeError(expected(name, what, value))
  return value
}

export function checkFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') throw new TypeError(expected(name, 'a function', value))
}

export function checkBoolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(expected(name, 'a boolean', value))
  return value
}

export function checkString(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new TypeError(expected(name, 'a string', value))
  return value
}

export function checkArray(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(expected(name, 'an array', value))
  return value
}

/** Strings that can be handed to a program: the system ends them at a NUL. */
export function checkStrings(value: unknown, name: string): readonly string[] {
  for (const [index, item] of checkArray(value, name).entries()) checkPassable(item, `${name}[${index}]`)
  return value as readonly string[]
}

/** Variables of an environment; undefined removes one. */
export function checkEnvironment(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(expected(name, 'an object', value))
  for (const [key, item] of Object.entries(value)) {
    if (key === '' || key.includes('=')) throw new RangeError(expected(name, 'an object of variables, whose names have no "="', key))
    if (item !== undefined) checkPassable(item, `${name}.${key}`)
  }
}

function checkPassable(value: unknown, name: string): void {
  if (checkString(value, name).includes('\0')) throw new RangeError(expected(name, 'a string without NUL characters', value))
}

/**
 * The options as an object without a prototype that has just the `known` names: what somebody put on `Object.prototype`
 * is never read as an option, and a misspelt option is an error instead of nothing.
 * @param example how to say instead what Python takes by its place: "an object like …"
 */
export function readOptions<O extends object>(options: unknown, known: readonly (keyof O & string)[], example?: string): O {
  const read: Record<string, unknown> = Object.create(null)
  if (options === undefined) return read as O
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(expected('options', example === undefined ? 'an object' : `an object like ${example}`, options))
  }
  for (const [key, value] of Object.entries(options)) {
    if (!(known as readonly string[]).includes(key)) {
      throw new TypeError(`Unknown option \`${key}\`; expected ${known.map(each => `\`${each}\``).join(', ')}`)
    }
    if (value !== undefined) read[key] = value
  }
  return read as O
}

/** Milliseconds to wait: absent or Infinity is for ever, zero or less is at once. */
export function checkTimeout(value: unknown, name = 'timeout'): number {
  if (value === undefined) return Infinity
  if (typeof value !== 'number') throw new TypeError(expected(name, 'a number of milliseconds', value))
  if (Number.isNaN(value)) throw new RangeError(expected(name, 'a number of milliseconds', value))
  return Math.max(0, value)
}
