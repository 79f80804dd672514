import { fileURLToPath } from 'node:url'
import { checkStrings, expected } from '../../base/validate.ts'

let chosen: string | null = null

/** The node that `spawn` and `forkserver` start from now on. Default: the one that this process runs. @throws TypeError */
export function setExecutable(path: string | URL): void {
  if (path instanceof URL) {
    chosen = fileURLToPath(path)
    return
  }
  if (typeof path !== 'string' || !path.startsWith('/')) throw new TypeError(expected('path', 'an absolute path or a file URL', path))
  chosen = checkStrings([path], 'path')[0] as string
}

export function executable(): string {
  return chosen ?? process.execPath
}
