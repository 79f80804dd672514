/** The rivals' packages: installed here, on demand, exactly as the lock file pins them. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../', import.meta.url)

/** Installs the rivals unless the pinned versions are there. npm's output goes to standard error. */
export function ensureRivals() {
  if (rivalVersions().every(({ pinned, installed }) => pinned === installed)) return
  process.stderr.write('bench: installing the rivals (npm ci)\n')
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: fileURLToPath(folder),
    stdio: ['ignore', 2, 2],
  })
  if (error) throw new Error('npm could not be started; it installs the rivals', { cause: error })
  if (status !== 0) throw new Error(`npm ci in bench/ failed with status ${status}; leave rivals out with --driver`)
}

/** @returns {{ name: string, pinned: string, installed: string | undefined }[]} */
function rivalVersions() {
  const { dependencies } = readJson('package.json')
  return Object.entries(dependencies).map(([name, pinned]) => ({
    name,
    pinned: String(pinned),
    installed: installedVersion(name),
  }))
}

/** @param {string} name */
function installedVersion(name) {
  try {
    return readJson(`node_modules/${name}/package.json`).version
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8'))
}
