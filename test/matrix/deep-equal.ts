// Whether a copy is what was sent: the same graph of objects and not only the same leaves. Everything that a copy may lose without
// `assert.deepEqual` noticing counts: which references are shared, prototypes, -0, holes, keys with undefined, the order of keys.

export interface Tolerance {
  /** For two values that were made at different places: their stacks differ. */
  readonly stacks?: 'ignored'
}

/** Where and how `actual` differs from `expected`; null: it does not. */
export function differenceOf(expected: unknown, actual: unknown, tolerance: Tolerance = {}): string | null {
  return new Comparison(tolerance).compare(expected, actual, 'value')
}

class Comparison {
  readonly #tolerance: Tolerance
  /** Both ways: one object there for one object here, and not the same one for two. */
  readonly #copies = new Map<object, object>()
  readonly #originals = new Map<object, object>()

  constructor(tolerance: Tolerance) {
    this.#tolerance = tolerance
  }

  compare(expected: unknown, actual: unknown, path: string): string | null {
    if (!isObject(expected) || !isObject(actual)) {
      return Object.is(expected, actual) ? null : `${path}: expected ${show(expected)}, got ${show(actual)}`
    }
    if (this.#copies.has(expected) || this.#originals.has(actual)) {
      const same = this.#copies.get(expected) === actual && this.#originals.get(actual) === expected
      return same ? null : `${path}: an object is shared on one side and not on the other`
    }
    this.#copies.set(expected, actual)
    this.#originals.set(actual, expected)
    return this.#compareObjects(expected, actual, path)
  }

  #compareObjects(expected: object, actual: object, path: string): string | null {
    if (typeof expected === 'function' || typeof actual === 'function') return this.#compareFunctions(expected, actual, path)
    const [here, there] = [Object.getPrototypeOf(expected), Object.getPrototypeOf(actual)]
    if (here !== there) return `${path}: expected the prototype of ${nameOf(here)}, got that of ${nameOf(there)}`
    const kinds = [kindOf(expected), kindOf(actual)]
    if (kinds[0] !== kinds[1]) return `${path}: expected ${kinds[0]}, got ${kinds[1]}`
    return this.#compareContents(expected, actual, path) ?? this.#compareProperties(expected, actual, path)
  }

  /** A function by value is another function with the same text. */
  #compareFunctions(expected: object, actual: object, path: string): string | null {
    if (expected === actual) return null
    if (typeof expected !== 'function' || typeof actual !== 'function') return `${path}: a function on one side only`
    const [here, there] = [String(expected), String(actual)]
    if (here !== there) return `${path}: expected the function ${here}, got ${there}`
    if (expected.name !== actual.name) return `${path}: expected a function named ${expected.name}, got ${actual.name}`
    if (expected.length !== actual.length) return `${path}: expected ${expected.length} parameters, got ${actual.length}`
    return this.#compareProperties(expected, actual, path)
  }

  #compareContents(expected: object, actual: object, path: string): string | null {
    if (expected instanceof Map) return this.compare([...expected].flat(), [...(actual as typeof expected)].flat(), `${path}‹entries›`)
    if (expected instanceof Set) return this.compare([...expected], [...(actual as typeof expected)], `${path}‹items›`)
    const [here, there] = [leafOf(expected), leafOf(actual)]
    if (!Object.is(here, there)) return `${path}: expected ${show(here)}, got ${show(there)}`
    return null
  }

  #compareProperties(expected: object, actual: object, path: string): string | null {
    const [here, there] = [this.#keysOf(expected), this.#keysOf(actual)]
    if (JSON.stringify(here) !== JSON.stringify(there)) return `${path}: expected the keys ${show(here.join())}, got ${show(there.join())}`
    for (const key of here) {
      const difference = this.compare(valueAt(expected, key), valueAt(actual, key), `${path}${step(key)}`)
      if (difference !== null) return difference
    }
    return null
  }

  /** Enumerable keys in their order; of errors the others too, for that is where an error keeps what it says. */
  #keysOf(object: object): string[] {
    if (ArrayBuffer.isView(object)) return [] // Their bytes were compared, and to list a million keys takes a while.
    if (!(object instanceof Error)) return Array.isArray(object) ? [...Object.keys(object), 'length'] : Object.keys(object)
    const hidden = Object.getOwnPropertyNames(object).filter(key => !Object.prototype.propertyIsEnumerable.call(object, key))
    const compared = this.#tolerance.stacks === 'ignored' ? hidden.filter(key => key !== 'stack') : hidden
    // The order of the hidden ones is V8's business, and they are marked so that a visible `message` is a difference.
    return [...compared.sort().map(key => `(${key})`), ...Object.keys(object)]
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function valueAt(object: object, key: string): unknown {
  const hidden = object instanceof Error && /^\(.*\)$/.test(key) ? key.slice(1, -1) : key
  return (object as Record<string, unknown>)[hidden]
}

/** What has no prototype to tell it by: an object may be made with the prototype of a Date without being one. */
function kindOf(object: object): string {
  if (ArrayBuffer.isView(object)) return `a view of ${object.byteLength} bytes`
  return Object.prototype.toString.call(object)
}

/** What objects with an inner value hold, as something that Object.is compares. */
function leafOf(object: object): unknown {
  if (object instanceof Date) return object.getTime()
  if (object instanceof RegExp) return `${object} at ${object.lastIndex}`
  if (object instanceof ArrayBuffer) return hexOf(new Uint8Array(object))
  if (ArrayBuffer.isView(object)) return hexOf(new Uint8Array(object.buffer, object.byteOffset, object.byteLength))
  if (object instanceof URL || object instanceof URLSearchParams) return String(object)
  if (/^\[object (Number|String|Boolean|BigInt|Symbol)\]$/.test(Object.prototype.toString.call(object))) return unboxed(object)
  return null
}

/** A plain object may pretend to be a boxed one by its Symbol.toStringTag. */
function unboxed(object: object): unknown {
  const value: unknown = object.valueOf()
  return value === object ? null : value
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function nameOf(prototype: object | null): string {
  if (prototype === null) return 'no class'
  const name = (prototype as { constructor?: { name?: string } }).constructor?.name
  return `${name ?? 'an unknown class'}`
}

function step(key: string): string {
  if (/^\d+$/.test(key)) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function show(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : Object.is(value, -0)
        ? '-0'
        : typeof value === 'bigint'
          ? `${value}n`
          : textOf(value)
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

function textOf(value: unknown): string {
  try {
    return isObject(value) ? `${Object.prototype.toString.call(value)} of ${nameOf(Object.getPrototypeOf(value))}` : String(value)
  } catch {
    return typeof value
  }
}
