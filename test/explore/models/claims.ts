// Who uses what at this moment, as the actors themselves believe: two must never believe in the same bytes.
import { isDeepStrictEqual } from 'node:util'

interface Claim {
  readonly who: string
  readonly from: number
  readonly to: number
}

export class Claims {
  readonly #claims: Claim[] = []

  /** Bytes of the arena, by granules: `from` on, as far as `byteLength` reaches. */
  take(who: string, reference: number, byteLength: number): void {
    const claim = { who, from: reference * 64, to: reference * 64 + byteLength }
    for (const other of this.#claims) {
      if (claim.from < other.to && other.from < claim.to) {
        throw new Error(`${who} has bytes ${claim.from} to ${claim.to}, and ${other.who} has ${other.from} to ${other.to}`)
      }
    }
    this.#claims.push(claim)
  }

  drop(who: string, reference: number): void {
    const index = this.#claims.findIndex(claim => claim.who === who && claim.from === reference * 64)
    if (index === -1) throw new Error(`${who} gives back ${reference}, which it does not have`)
    this.#claims.splice(index, 1)
  }

  /** What somebody who died had is nobody's now. */
  forget(who: string): void {
    const kept = this.#claims.filter(claim => claim.who !== who)
    if (!isDeepStrictEqual(kept, this.#claims)) this.#claims.splice(0, this.#claims.length, ...kept)
  }
}
