// The files of Unix sockets, which nobody else removes. A listener removes its own when it is closed, also at the end of its process; not in a
// child that was forked off that process, and not when the path means another file by now.
import type { Stats } from 'node:fs'
import { join, resolve } from 'node:path'
import { atFork } from '../../base/at-fork.ts'
import { MultiprocessingError } from '../../base/errors.ts'
import { checkAddress, isShortEnough, type SystemAddress } from './addresses.ts'

const made = new Set<SocketFile>()

atFork({
  inChild() {
    made.clear()
  },
})

export class SocketFile {
  readonly #path: string
  readonly #folder: string | null
  readonly #file: Stats | undefined

  /** The socket is bound to `path`. `folder`: what was made for it and goes with it. */
  constructor(path: string, folder: string | null) {
    // The working directory may be another by the time.
    this.#path = resolve(path)
    this.#folder = folder
    this.#file = statOf(this.#path)
    made.add(this)
  }

  /** May be called twice. */
  remove(): void {
    if (!made.delete(this)) return
    const { rmSync } = fileSystem()
    const file = statOf(this.#path)
    if (file !== undefined && file.ino === this.#file?.ino && file.dev === this.#file.dev) rmSync(this.#path, { force: true })
    if (this.#folder !== null) removeFolder(this.#folder)
  }
}

function statOf(path: string): Stats | undefined {
  return fileSystem().lstatSync(path, { throwIfNoEntry: false })
}

/** Loaded with the first such file: every process that starts would pay for it. */
function fileSystem(): typeof import('node:fs') {
  return process.getBuiltinModule('node:fs')
}

export interface FreshPath {
  readonly path: string
  readonly folder: string
  readonly address: SystemAddress
}

/**
 * A path that nothing else has, in a new folder that only this user can enter. Where the folder for temporary files has too long a name for a
 * socket, it is in /tmp.
 * @throws MultiprocessingError when there can be no such folder
 */
export function freshPath(): FreshPath {
  const { tmpdir } = process.getBuiltinModule('node:os')
  // mkdtemp adds six characters.
  const parent = [tmpdir(), '/tmp'].find(each => isShortEnough(join(each, 'polyprocess-XXXXXX', 'listener'))) ?? '/tmp'
  const folder = makeFolder(parent)
  const path = join(folder, 'listener')
  return { path, folder, address: checkAddress(path) as SystemAddress }
}

function makeFolder(parent: string): string {
  try {
    return fileSystem().mkdtempSync(join(parent, 'polyprocess-'))
  } catch (cause) {
    throw new MultiprocessingError(`There can be no folder for the listener's socket in ${parent}: pass an \`address\``, {
      code: (cause as NodeJS.ErrnoException).code ?? 'ERR_MULTIPROCESSING',
      cause,
    })
  }
}

/** Somebody may have put something there, which is not ours to remove. */
export function removeFolder(folder: string): void {
  try {
    fileSystem().rmdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error
  }
}
