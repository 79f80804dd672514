// `import.meta` of code that was sent to another process.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface ImportMeta {
  readonly url: string
  readonly filename?: string
  readonly dirname?: string
  resolve(specifier: string): string
}

const files = new WeakMap<object, string>()

/** What `import.meta` is in a file: a path or URL. */
export function importMetaOf(file: string): ImportMeta {
  const url = file.startsWith('/') ? pathToFileURL(file).href : file
  const resolve = (specifier: string): string => resolveFrom(url, specifier)
  const filename = url.startsWith('file:') ? fileURLToPath(url) : undefined
  const meta: ImportMeta = filename === undefined ? { url, resolve } : { url, filename, dirname: dirname(filename), resolve }
  files.set(meta, file)
  return meta
}

/** The file whose `importMetaOf` this is; null: it is none. */
export function fileOfMeta(value: object): string | null {
  return files.get(value) ?? null
}

function resolveFrom(url: string, specifier: string): string {
  if (/^(\.{0,2}\/)/.test(specifier)) return new URL(specifier, url).href
  if (URL.canParse(specifier)) return specifier
  const found = createRequire(url).resolve(specifier)
  return found.startsWith('/') ? pathToFileURL(found).href : found
}
