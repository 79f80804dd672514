// Loads the library in the bundle: compiles its one file, with what V8 made of it in another process of the tree if there is such a
// thing. Compiling takes V8 some 9 ms, reading what it made before 2.
//
// A child that loads the library anew (a fresh `node`, a thread) finds it in the arena: the reference of the block stands in a word
// of the arena's first segment, and is read here by pread(2), long before anything of the library is there. V8 looks itself whether
// what it gets was made by the same V8, with the same flags, of a text as long.
//
// A bundle of its own, which imports of the library only constants and which thread this is.
import { readFileSync, readSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { CODE_WORD, GRANULE_BYTES, MAGIC, MAGIC_WORD, VERSION, VERSION_WORD, WORD_BYTES } from '../memory/layout.ts'
import { workerData } from '../base/this-node.ts'
import type { CompiledCode } from '../base/compiled-code.ts'
import { ARENA_FD, CHILD_MARKER } from '../process/handed-down.ts'

const LARGEST_CODE = 4 * 1024 * 1024

/** In front of the text; the names are those of Node's own wrapper, and how to have the code made for others. */
const WRAPPER = '(function(exports,require,module,__filename,__dirname,compiledCode){'

/** The bundler writes ASCII, which is read soonest as what it is. */
function load(): unknown {
  const file = join(__dirname, 'library.js')
  const cachedData = findCode()
  const script = new Script(`${WRAPPER}${readFileSync(file, 'latin1')}\n})`, {
    filename: file,
    columnOffset: -WRAPPER.length,
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  const requireThere = createRequire(file)
  // As Node would have it: what the library exports is found under its file.
  const library = new Module(file)
  requireThere.cache[file] = Object.assign(library, { filename: file, loaded: true })
  const run = script.runInThisContext() as (...args: unknown[]) => void
  const compiledCode: CompiledCode = {
    make: () => script.createCachedData(),
    isFromParent: script.cachedDataRejected === false,
    importModule: specifier => import(specifier),
  }
  run.call(library.exports, library.exports, requireThere, library, file, dirname(file), compiledCode)
  return library.exports
}

function findCode(): Buffer | undefined {
  const fd = arenaHere()
  if (fd < 0) return undefined
  try {
    if (readWord(fd, MAGIC_WORD) !== MAGIC || readWord(fd, VERSION_WORD) !== VERSION) return undefined
    const reference = readWord(fd, CODE_WORD) >>> 0
    if (reference === 0) return undefined
    const start = reference * GRANULE_BYTES
    const length = readBytes(fd, start, WORD_BYTES).readInt32LE()
    return length > 0 && length <= LARGEST_CODE ? readBytes(fd, start + WORD_BYTES, length) : undefined
  } catch {
    return undefined // Then it is compiled.
  }
}

/** -1: this is no child, or has no arena of its own to look into. */
function arenaHere(): number {
  const thread = (workerData as { polyprocessThread?: { fd: number } } | null)?.polyprocessThread
  if (thread !== undefined) return thread.fd
  return process.argv[2]?.startsWith(CHILD_MARKER) ? ARENA_FD : -1
}

const readWord = (fd: number, word: number): number => readBytes(fd, word * WORD_BYTES, WORD_BYTES).readInt32LE()

function readBytes(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  if (readSync(fd, bytes, 0, length, position) !== length) throw new Error('The arena ends')
  return bytes
}

module.exports = load()
