import { join } from 'node:path'

/** The folders of this library's files, the same in every process of a tree; source maps put the bundle's code into `src`. */
const FOLDERS = [join(import.meta.dirname, '../'), join(import.meta.dirname, '../../src/')]

/** Whether a frame of a stack, or the name of a file, is of this library. */
export function isOurs(place: string): boolean {
  return FOLDERS.some(folder => place.includes(folder))
}
