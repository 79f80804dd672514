import type { Chunk } from './items.ts'

// Enough to see what is wrong, and little enough that a failure of every one of millions of items does not fill the memory.
const MAXIMUM_LISTED = 1000
const MAXIMUM_ITEM_LENGTH = 200

interface Failure {
  readonly number: number
  readonly item: string
  readonly error: string
  readonly tries: number
}

/** The failed items with their last errors, kept to be listed when all is done. */
export class FailureList {
  readonly #listed: Failure[] = []
  #count = 0

  add(chunk: Chunk, at: number, { error, tries }: { error: string; tries: number }): void {
    this.#count += 1
    if (this.#listed.length === MAXIMUM_LISTED) return
    this.#listed.push({ number: chunk.first + at, item: chunk.items[at] ?? '', error, tries })
  }

  /** The list as text, in the items' order. */
  format(): string {
    const lines: string[] = []
    const inOrder = this.#listed.toSorted((a, b) => a.number - b.number)
    for (const { number, item, error, tries } of inOrder) {
      lines.push(`  item ${number}: ${shorten(item)}${tries > 1 ? ` (${tries} tries)` : ''}`, indent(error))
    }
    if (this.#count > this.#listed.length) lines.push(`  and ${this.#count - this.#listed.length} more`)
    return lines.map(line => `${line}\n`).join('')
  }
}

function shorten(item: string): string {
  return item.length > MAXIMUM_ITEM_LENGTH ? `${item.slice(0, MAXIMUM_ITEM_LENGTH)}… (${item.length} characters)` : item
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}
