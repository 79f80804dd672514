import { release } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Diagnostics } from '../../index.ts'
import type { Finding } from './finding.ts'

const OLDEST_NODE = [20, 19] as const

export function findSystem(addon: Diagnostics['addon']): Finding[] {
  return [findPlatform(), findNode(), kernelVersion(), findAddon(addon)]
}

function findPlatform(): Finding {
  const works = process.platform === 'linux' && process.arch === 'x64'
  return {
    area: 'system',
    name: 'platform',
    state: works ? 'ok' : 'missing',
    required: true,
    value: `${process.platform} ${process.arch}`,
    advice: works ? null : 'This version works on Linux x64. Elsewhere, a Linux container or virtual machine does.',
  }
}

function findNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const works = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  return {
    area: 'system',
    name: 'node',
    state: works ? 'ok' : 'missing',
    required: true,
    value: process.version,
    advice: works ? null : `Install Node.js ${OLDEST_NODE.join('.')} or newer.`,
  }
}

function kernelVersion(): Finding {
  return { area: 'system', name: 'kernel', state: 'ok', required: false, value: release(), advice: null }
}

function findAddon({ loaded, path, error }: Diagnostics['addon']): Finding {
  return {
    area: 'system',
    name: 'addon',
    state: loaded ? 'ok' : 'missing',
    required: true,
    value: loaded ? pathOf(path) : (error ?? 'not loaded'),
    advice: loaded ? null : 'Install the package anew; in a clone of the repository, run `npm run build` (it needs gcc).',
  }
}

function pathOf(location: string | null): string {
  if (location === null) return 'loaded'
  return location.startsWith('file:') ? fileURLToPath(location) : location
}
