// Does node_modules hold what package-lock.json asks for? npm leaves a record of what it installed, node_modules/.package-lock.json,
// so no stamp of ours can go out of step with an `npm install` by hand.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './files.mjs'

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} Entry */

export function arePackagesInstalled() {
  const installed = readEntries('node_modules/.package-lock.json')
  if (!installed) return false
  const wanted = readEntries('package-lock.json') ?? {}
  delete wanted['']
  return Object.entries(wanted).every(([path, entry]) => isInstalled(path, entry, installed[path]))
}

/**
 * @param {string} path
 * @param {Entry} wanted
 * @param {Entry | undefined} installed
 */
function isInstalled(path, wanted, installed) {
  // Packages for other systems are optional and leave no record.
  if (!installed) return wanted.optional === true
  return installed.version === wanted.version && installed.integrity === wanted.integrity && existsSync(join(root, path))
}

/**
 * @param {string} path
 * @returns {Record<string, Entry> | null}
 */
function readEntries(path) {
  if (!existsSync(join(root, path))) return null
  return JSON.parse(readFileSync(join(root, path), 'utf8')).packages
}
