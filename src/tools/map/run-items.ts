// The far side of `polyprocess map`: runs in the pool's processes. Items arrive and results leave as text, so that parsing and
// printing are spread over the cores too, and so that a result which cannot travel is the failure of its own item only.
import { inspect } from 'node:util'
import type { Target } from './target.ts'

export interface ItemsTask extends Target {
  readonly items: readonly string[]
  readonly format: 'json' | 'text'
}

/** What became of one try of an item: the line to print, or the error as it is listed. */
export type ItemOutcome =
  | { readonly ok: true; readonly line: string }
  | { readonly ok: false; readonly error: string; readonly why: 'thrown' | 'no-item' | 'process' | 'time' }

type ItemFunction = (item: unknown) => unknown

/** Says what is wrong with the target; an empty text: nothing. */
export async function checkTarget({ url, exportName }: Target): Promise<string> {
  let exports: Exports
  try {
    exports = await importExports(url)
  } catch (error) {
    return `Cannot import ${url}:\n${inspect(error)}`
  }
  if (!Object.hasOwn(exports, exportName)) return `${url} has no export '${exportName}'. ${listExports(exports)}`
  if (typeof exports[exportName] === 'function') return ''
  return `Expected the export '${exportName}' of ${url} to be a function, got ${inspect(exports[exportName], { depth: 0 })}.`
}

type Exports = Readonly<Record<string, unknown>>

/** What a CommonJS module exports may be known only as the properties of its default export. */
async function importExports(url: string): Promise<Exports> {
  const exports = (await import(url)) as Exports
  const whole = exports.default
  return typeof whole === 'object' && whole !== null ? { ...whole, ...exports } : exports
}

function listExports(exports: Exports): string {
  const names = Object.keys(exports)
  return names.length === 0 ? 'It exports nothing.' : `It exports: ${names.join(', ')}.`
}

/** Calls the function for one item after the other; never rejects. */
export async function runItems({ url, exportName, items, format }: ItemsTask): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = []
  for (const item of items) {
    try {
      const call = (await importFunction(url, exportName)) as ItemFunction
      const result = await call(format === 'json' ? parseItem(item) : item)
      outcomes.push({ ok: true, line: format === 'json' ? toJson(result) : toText(result) })
    } catch (error) {
      outcomes.push({ ok: false, error: describe(error), why: error instanceof BadItem ? 'no-item' : 'thrown' })
    }
  }
  return outcomes
}

let imported: { readonly url: string; readonly exports: Exports } | undefined

async function importFunction(url: string, exportName: string): Promise<unknown> {
  if (imported?.url !== url) imported = { url, exports: await importExports(url) }
  return imported.exports[exportName]
}

function parseItem(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BadItem(`Expected JSON: ${(error as Error).message}. Strings need quotes; without --json, items are plain text.`)
  }
}

/** Not a failure of the function: there is no stack worth showing. */
class BadItem extends Error {}

function toText(result: unknown): string {
  return typeof result === 'object' && result !== null ? toJson(result) : String(result)
}

/** JSON has no undefined: it is printed as null, so that there is a line for each item. */
function toJson(result: unknown): string {
  return JSON.stringify(result) ?? 'null'
}

/** With the stack, the cause and the error's own properties. */
function describe(error: unknown): string {
  if (error instanceof BadItem) return error.message
  return error instanceof Error ? inspect(error) : `thrown: ${inspect(error)}`
}
