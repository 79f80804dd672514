import type { Readable } from 'node:stream'

/** Items that travel together. `first` counts from 1, as people do. */
export interface Chunk {
  readonly index: number
  readonly first: number
  readonly items: readonly string[]
}

export async function* toChunks(items: Iterable<string> | AsyncIterable<string>, chunkSize: number): AsyncGenerator<Chunk> {
  let index = 0
  let first = 1
  let gathered: string[] = []
  for await (const item of items) {
    gathered.push(item)
    if (gathered.length < chunkSize) continue
    yield { index, first, items: gathered }
    index += 1
    first += gathered.length
    gathered = []
  }
  if (gathered.length > 0) yield { index, first, items: gathered }
}

/**
 * The lines of a stream, without their ends. Reads a piece only when its last line has been taken: `readline` would read ahead.
 * The end of the last line may be missing.
 */
export async function* readLines(input: Readable): AsyncGenerator<string> {
  input.setEncoding('utf8')
  // A line may be spread over many pieces; joining them once keeps a very long line from costing its length squared.
  let begun: string[] = []
  for await (const piece of input as AsyncIterable<string>) {
    let start = 0
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      begun.push(piece.slice(start, end))
      yield withoutReturn(begun.join(''))
      begun = []
      start = end + 1
    }
    if (start < piece.length) begun.push(piece.slice(start))
  }
  if (begun.length > 0) yield withoutReturn(begun.join(''))
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

/** JSON lines may be parted by blank ones. */
export async function* withoutBlanks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) {
    if (line.trim() !== '') yield line
  }
}
