import { Writable } from 'node:stream'

/** A stream that keeps what is written to it. */
export class Written extends Writable {
  text = ''
  isTTY: boolean | undefined
  columns: number | undefined

  constructor({ isTTY, columns }: { isTTY?: boolean; columns?: number } = {}) {
    super()
    this.isTTY = isTTY
    this.columns = columns
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.text += chunk.toString()
    callback()
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }
}

/** What the last redraw of a bar has left on its line. */
export function lastDrawn(text: string): string {
  return (text.split('\r').at(-1) ?? '').replace('\u001b[K', '').trimEnd()
}
