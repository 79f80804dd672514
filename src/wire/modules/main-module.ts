// The program's main module: another process must not import it, or the program would run again there.
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** What Node calls a program that is in no file: `[eval1]` of the working directory, for one. */
const NO_FILE = /(^|\/)\[(eval|stdin|worker eval)\d*\]$/

/** Whether the script with this URL or path is the main module, however it was imported, or a program that is in no file. */
export function isMainModule(url: string): boolean {
  if (url === '' || NO_FILE.test(url)) return true
  const main = mainModule()
  return main !== null && (url === main.path || url.replace(/[?#].*$/s, '') === main.url)
}

/** Its path and its URL; null: `node -e` and the like have no file. */
export function mainModule(): { path: string; url: string } | null {
  const main = process.argv[1]
  if (main === undefined) return null
  if (main !== resolvedFor) {
    resolvedFor = main
    resolved = resolveMain(main)
  }
  return resolved
}

let resolvedFor: string | null = null
let resolved: { path: string; url: string } | null = null

function resolveMain(main: string): { path: string; url: string } | null {
  try {
    // `node work` and `node .` leave the name as it was given: it is resolved as Node does for a main module.
    const path = keepsLinks() && existsSync(main) ? main : realpathSync(createRequire(`${main}/`).resolve(main))
    return { path, url: pathToFileURL(path).href }
  } catch {
    return null
  }
}

/** Whether Node has been told to call the main module by the name of a symbolic link. */
function keepsLinks(): boolean {
  const { NODE_OPTIONS = '', NODE_PRESERVE_SYMLINKS_MAIN } = process.env
  return NODE_PRESERVE_SYMLINKS_MAIN === '1' || [...process.execArgv, ...NODE_OPTIONS.split(' ')].includes('--preserve-symlinks-main')
}
