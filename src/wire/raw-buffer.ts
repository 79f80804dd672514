// Methods that every Node since 6 has and its types leave out: `write` and `toString` with the choice of encoding already made.

export interface RawBuffer extends Buffer<ArrayBuffer> {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
  utf8Write(text: string, offset: number): number
  ucs2Write(text: string, offset: number): number
}

/** Whether UTF-8 can hold the string: no surrogate without its partner. */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}
