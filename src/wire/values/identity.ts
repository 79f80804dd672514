// Which objects of a message were met before. Each gets a number in the order in which their writing begins. For a few objects, as
// most messages have, a list is searched; a Map takes over beyond.

const FEW = 12

export class Identity {
  readonly #few: unknown[] = new Array(FEW).fill(null)
  #map: Map<unknown, number> | null = null
  count = 0

  /** The number that the object got before; -1: it is new and has the next number. */
  find(object: object): number {
    const { count } = this
    if (count >= FEW) return this.#findInMap(object)
    const few = this.#few
    for (let number = 0; number < count; number += 1) if (few[number] === object) return number
    few[count] = object
    this.count = count + 1
    return -1
  }

  #findInMap(object: object): number {
    const map = this.#map ?? this.#makeMap()
    const number = map.get(object)
    if (number !== undefined) return number
    map.set(object, this.count++)
    return -1
  }

  #makeMap(): Map<unknown, number> {
    const map = new Map(this.#few.map((object, number) => [object, number] as const))
    this.#map = map
    return map
  }

  /** Lets go of all objects. */
  clear(): void {
    const few = this.#few
    for (let number = Math.min(this.count, FEW) - 1; number >= 0; number -= 1) few[number] = null
    this.#map = null
    this.count = 0
  }
}
