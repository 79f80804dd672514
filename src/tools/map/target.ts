// Which module and which export `<module>#<export>` names. Nothing is imported here: that is left to the pool's processes,
// so that what the module does when it is loaded cannot disturb this one.
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { UsageError } from '../usage-error.ts'

export interface Target {
  readonly url: string
  readonly exportName: string
}

/** @throws UsageError when the module cannot be found. */
export async function resolveTarget(text: string): Promise<Target> {
  const { module, exportName } = splitTarget(text)
  return { url: await resolveModule(module), exportName }
}

/** At the last '#', because a package's own private imports begin with one. */
function splitTarget(text: string): { module: string; exportName: string } {
  const at = text.lastIndexOf('#')
  const module = at < 0 ? text : text.slice(0, at)
  const exportName = at < 0 ? 'default' : text.slice(at + 1)
  if (module !== '' && exportName !== '') return { module, exportName }
  throw new UsageError(`Expected <module>#<export>, got '${text}'. Name a file and one of its exports, such as ./work.js#square.`)
}

async function resolveModule(module: string): Promise<string> {
  if (module.startsWith('file:')) return urlOfFile(pathOfUrl(module), module)
  if (/^\.{0,2}\//.test(module)) return urlOfFile(resolve(module), module)
  // As with `node work.js`, a file in the current folder needs no './'.
  if (isFile(resolve(module))) return urlOfFile(resolve(module), module)
  return resolvePackage(module)
}

function pathOfUrl(module: string): string {
  try {
    return fileURLToPath(module)
  } catch (error) {
    throw new UsageError(
      `Cannot find the module '${module}': ${(error as Error).message}. Give a path, or a URL such as file:///folder/work.js.`,
    )
  }
}

function urlOfFile(path: string, module: string): string {
  if (isFile(path)) return pathToFileURL(path).href
  throw new UsageError(`Cannot find the module '${module}': there is no file ${path}. Give the whole name with its extension.`)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

const RESOLVE = `
try { console.log(JSON.stringify({ url: import.meta.resolve(process.argv[1]) })) }
catch (error) { console.log(JSON.stringify({ error: error.message })) }`

/** Resolved as a module in the current folder would. Node does that for its own modules only, hence a process that has one there. */
async function resolvePackage(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', RESOLVE, '--', name])
  const answer = JSON.parse(stdout) as { url: string } | { error: string }
  if ('url' in answer) return answer.url
  // The process had its program from the command line, and calls that a file.
  const reason = answer.error.replace(/\/\[eval\d*\]/, '')
  throw new UsageError(`Cannot find the module '${name}': ${reason}. Install the package, or give the path of a file.`)
}
