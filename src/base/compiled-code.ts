// What the loader of the bundle (`boot/load-library.ts`) gives the library. The tests' build is loaded by Node itself and has none.

export interface CompiledCode {
  /** What V8 has made of the library by now. */
  make(): Uint8Array
  /** Whether this process did not have to compile it. */
  readonly isFromParent: boolean
  /** `import()` in a file that V8 has compiled here: Node 20 cannot do it for code that V8 compiled elsewhere. */
  importModule(specifier: string): Promise<object>
}

declare const compiledCode: CompiledCode | undefined

export const givenCode: CompiledCode | null = typeof compiledCode === 'undefined' ? null : compiledCode

/** `import()` of an absolute URL or a package. */
export function importModule(specifier: string): Promise<object> {
  return givenCode === null ? import(specifier) : givenCode.importModule(specifier)
}
