// Reads a message as a child's first one is, so that V8 has compiled what that takes by the time that this process is forked. Nothing
// comes of it; the function in it is never called.
import { decodeMessage } from './messages.ts'
import { treeCapability } from './tree-capability.ts'
import { FLAG_STRICT, FORM_EXPRESSION, KIND_CODE, VARIABLE_VALUE } from './functions/records.ts'
import type { ValueWriter } from './values/capability.ts'
import { encode } from './values/encoder.ts'

const MESSAGE = { target: (): void => {}, args: [1, 0.5, -1, 'text', null, true, { one: [1] }, new Uint8Array(8)], self: undefined }

export function rehearseReading(): void {
  const capability = treeCapability({ receiver: 0, blocks: null })
  const message = encode(MESSAGE, 'rehearsal', { capability: { ...capability, writeFunction: writeSample } })
  const bytes = new Uint8Array(message)
  decodeMessage(bytes, 0, bytes.length, capability)
}

/** A function with a variable of its own and a shared one, as `records.ts` says. Of this library's own functions the parser would have to read a long file. */
function writeSample(writer: ValueWriter): void {
  writer.byte(KIND_CODE)
  writer.byte(FLAG_STRICT)
  writer.byte(FORM_EXPRESSION)
  writer.string('() => own + shared')
  writer.string('/rehearsal.js')
  for (const place of [0, 0, 0]) writer.uint32(place) // Line, column, distance from the start.
  writer.string('')
  writer.string('rehearsed')
  for (const count of [0, 1, 0, 1]) writer.uint32(count)
  writer.string('own')
  writer.string('shared')
  writer.byte(VARIABLE_VALUE)
  writer.value(1, { label: 'own' })
  writer.value({ value: 1 }, { label: 'shared' })
}
