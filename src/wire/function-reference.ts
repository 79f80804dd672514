// A function that another process imports instead of receiving it: a module's URL and the name of an export.
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { importModule } from '../base/compiled-code.ts'
import { NotSerializableError } from '../base/errors.ts'
import { checkString, expected } from '../base/validate.ts'
import { readExport } from './modules/modules.ts'

// biome-ignore lint/suspicious/noExplicitAny: any function at all; unknown[] would refuse functions with typed parameters.
export type AnyFunction = (...args: any[]) => unknown

export type FunctionReference<F extends AnyFunction> = ((...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>>) & {
  readonly url: string
  readonly exportName: string
}

/** Where a function is found: what travels in its place. */
export interface FunctionAddress {
  readonly url: string
  readonly exportName: string
}

const addresses = new WeakMap<AnyFunction, FunctionAddress>()

/**
 * A function by the module and the name under which another process imports it. Accepted wherever a function is; called here, it
 * imports the module and calls the export.
 *
 * `url` is an absolute path, a URL or a package's name; never a relative path, which every process would read differently.
 * @throws TypeError for anything else
 * @example const square = reference<(x: number) => number>(new URL('./work.js', import.meta.url), 'square')
 */
export function reference<F extends AnyFunction>(url: URL | string, exportName = 'default'): FunctionReference<F> {
  const address: FunctionAddress = { url: moduleUrl(url), exportName: checkString(exportName, 'exportName') }
  const call = async (...args: Parameters<F>): Promise<unknown> => (await importFunction(address))(...args)
  const made = Object.defineProperties(call, {
    name: { value: exportName, configurable: true },
    url: { value: address.url, enumerable: true },
    exportName: { value: exportName, enumerable: true },
  })
  addresses.set(made, address)
  return made as unknown as FunctionReference<F>
}

/** The address that `reference` was given; null for every other function. */
export function addressOfReference(fn: AnyFunction): FunctionAddress | null {
  return addresses.get(fn) ?? null
}

function moduleUrl(url: unknown): string {
  if (url instanceof URL) return url.href
  const text = checkString(url, 'url')
  if (isAbsolute(text)) return pathToFileURL(text).href
  if (text === '' || text.startsWith('./') || text.startsWith('../') || text === '.' || text === '..') {
    throw new TypeError(
      `${expected('url', 'an absolute path, a URL or the name of a package', url)}. For a file beside this one: new URL(${JSON.stringify(text)}, import.meta.url)`,
    )
  }
  return text
}

/** @throws what the module throws, or NotSerializableError when it has no such function */
async function importFunction({ url, exportName }: FunctionAddress): Promise<AnyFunction> {
  const found = readExport(await importModule(url), exportName)
  if (typeof found === 'function') return found as AnyFunction
  const what = found === undefined ? 'has no such export' : `exports a ${typeof found} under this name, not a function`
  throw new NotSerializableError(`${url}#${exportName}`, `the module ${what}`)
}
