// What stands around a value: a header in front of it when it needs more than its bytes, and the lists at its end.
//
//   header: TAG_HEADER, flags, two bytes 0, where the trailer begins or 0 (4)
//   trailer, from a multiple of eight on: number of modules (4), that many strings, number of attachments (4), for each of them
//   reference, generation and byte length (8 each)
import type { Attachment } from './capability.ts'
import { Input } from './input.ts'
import type { Output } from './output.ts'
import { HEADER_BYTES, TAG_HEADER } from './tags.ts'

export interface Trailer {
  readonly modules: readonly string[]
  readonly attachments: readonly Attachment[]
  /** Where the value ends. */
  readonly start: number
}

const NONE: readonly never[] = Object.freeze([])
const BYTES_OF_ATTACHMENT = 24

/** Puts the header in front of what was written. Gives the whole message. */
export function writeTrailer(output: Output, flags: number, modules: readonly string[], attachments: readonly Attachment[]): Uint8Array {
  let start = 0
  if (modules.length > 0 || attachments.length > 0) {
    output.reserve(8)
    output.align()
    start = output.position
    output.uint32(modules.length)
    for (const key of modules) output.string(key)
    output.uint32(attachments.length)
    for (const { reference, generation, byteLength } of attachments) {
      output.float(reference)
      output.float(generation)
      output.float(byteLength)
    }
  }
  output.bytes[0] = TAG_HEADER
  output.bytes[1] = flags
  output.view.setUint16(2, 0, true)
  output.view.setUint32(4, start, true)
  return output.bytes.subarray(0, output.position)
}

/** Reads the header behind its tag, and the trailer; leaves the position at the value. */
export function readTrailer(input: Input): { flags: number; trailer: Trailer | null } {
  const flags = input.byte()
  input.skip(2)
  const offset = input.uint32()
  if (offset === 0) return { flags, trailer: null }
  const value = input.position
  const start = input.start + offset
  if (offset % 8 !== 0 || start < value || start > input.end) input.bad('its trailer lies outside of it')
  input.position = start
  const trailer = { modules: readModules(input), attachments: readAttachments(input), start }
  if (input.position !== input.end) input.bad('there are bytes behind its trailer')
  input.position = value
  return { flags, trailer }
}

function readModules(input: Input): string[] {
  const count = input.count(1)
  const modules: string[] = []
  for (let index = 0; index < count; index += 1) modules.push(input.string())
  return modules
}

function readAttachments(input: Input): Attachment[] {
  const count = input.count(BYTES_OF_ATTACHMENT)
  const attachments: Attachment[] = []
  for (let index = 0; index < count; index += 1) {
    const [reference, generation, byteLength] = [input.float(), input.float(), input.float()]
    if (![reference, generation, byteLength].every(each => Number.isSafeInteger(each) && each >= 0)) input.bad('an attachment is nowhere')
    attachments.push({ reference, generation, byteLength })
  }
  return attachments
}

/** The modules that have to be loaded before the message can be decoded. @throws MultiprocessingError `ERR_BAD_MESSAGE` */
export function modulesOf(from: Uint8Array, offset = 0, length = from.length - offset): readonly string[] {
  return trailerOf(from, offset, length)?.modules ?? NONE
}

/** The blocks beside the message, which somebody has to free if it is never decoded. @throws MultiprocessingError `ERR_BAD_MESSAGE` */
export function attachmentsOf(from: Uint8Array, offset = 0, length = from.length - offset): readonly Attachment[] {
  return trailerOf(from, offset, length)?.attachments ?? NONE
}

function trailerOf(from: Uint8Array, offset: number, length: number): Trailer | null {
  if (length < HEADER_BYTES || from[offset] !== TAG_HEADER) return null
  const input = new Input()
  input.use(from, offset, length)
  input.skip(1)
  const { trailer } = readTrailer(input)
  input.forget()
  return trailer
}
