// Finding files and telling by their content whether they changed: modification times lie after a checkout.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/**
 * Every file below a folder of the repository, sorted, as paths relative to the repository; none if there is no such folder.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return []
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter(path => !path.includes('node_modules/'))
    .sort()
}

/**
 * A digest of the names and the content of files and of everything below folders.
 * @param {readonly string[]} paths
 */
export function digestOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(expand)) {
    const content = readFileSync(join(root, path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} path */
function expand(path) {
  const status = statSync(join(root, path), { throwIfNoEntry: false })
  if (!status) return []
  return status.isDirectory() ? filesBelow(path) : [path]
}
