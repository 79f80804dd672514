import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

const SOURCE = new Set(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx', '.json', '.md', '.c', '.h', '.cc', '.css', '.html'])

export interface SourceFile {
  readonly path: string
  readonly bytes: number
}

/**
 * Every source file beneath the folder, the first `limit` bytes of them by path. Links are not followed, so that nothing is counted
 * twice, and neither are folders with a dot, which hold caches and not packages. Each file is read, which puts it into the
 * system's cache. The largest come first, so that the small ones are left to even out the end.
 */
export function readSourceFiles(folder: string, limit = Infinity): SourceFile[] {
  const files: SourceFile[] = []
  let bytes = 0
  for (const path of listFiles(folder).sort()) {
    if (bytes >= limit) break
    files.push({ path, bytes: readFileSync(path).length })
    bytes += files.at(-1)?.bytes ?? 0
  }
  return files.sort((a, b) => b.bytes - a.bytes)
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : listFiles(path)
    return isSource(entry) ? [path] : []
  })
}

function isSource(entry: Dirent): boolean {
  return entry.isFile() && SOURCE.has(extname(entry.name))
}

/** Files that follow one another in the whole list. */
export interface Batch {
  readonly first: number
  readonly paths: readonly string[]
  readonly bytes: number
}

/**
 * Batches that get smaller towards the end (guided self-scheduling; Polychronopoulos and Kuck, 1987): large ones first, because
 * each costs a table of its own to merge, small ones last, so that all processes end together.
 */
export function toBatches(files: readonly SourceFile[], processes: number, smallest: number): Batch[] {
  const batches: Batch[] = []
  let left = files.reduce((sum, file) => sum + file.bytes, 0)
  let first = 0
  while (first < files.length) {
    const batch = takeBatch(files, first, Math.max(smallest, left / (1.5 * processes)))
    batches.push(batch)
    left -= batch.bytes
    first += batch.paths.length
  }
  return batches
}

function takeBatch(files: readonly SourceFile[], first: number, size: number): Batch {
  const paths: string[] = []
  let bytes = 0
  for (let file = files[first]; file !== undefined && bytes < size; file = files[first + paths.length]) {
    paths.push(file.path)
    bytes += file.bytes
  }
  return { first, paths, bytes }
}
