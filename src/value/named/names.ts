// What named segments are called: plain names of files in /dev/shm. POSIX writes a slash before them, Python's users never see it.
import { checkString, expected } from '../../base/validate.ts'

const LONGEST_NAME = 255

/** The name without its slash. @throws TypeError, RangeError for what cannot be the name of a segment */
export function checkName(value: unknown): string {
  const given = checkString(value, 'name')
  const name = given.startsWith('/') ? given.slice(1) : given
  const isPlain = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)
  if (!isPlain) throw new RangeError(expected('name', 'the name of a segment, without slashes and NUL characters', given))
  // What has no bytes of its own would be written as another name.
  if (hasLoneSurrogate(name)) throw new RangeError(expected('name', 'well-formed Unicode', given))
  if (Buffer.byteLength(name) > LONGEST_NAME) throw new RangeError(expected('name', `at most ${LONGEST_NAME} bytes long`, given))
  return name
}

/** V8 takes a tenth of a ms to make the expression, and few programs need it. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Cs}/u.test(text)
}

/** As Python's: `psm_` and eight hexadecimal digits. Not a secret: what protects a segment are its owner and its mode, 0600. */
export function randomName(): string {
  const number = Math.floor(Math.random() * 2 ** 32)
  return `psm_${number.toString(16).padStart(8, '0')}`
}
