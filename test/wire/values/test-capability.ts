// A capability for tests: functions travel by a name in a list, blocks lie in a map. It says what was called.
import type { AnyFunction } from '../../../src/wire/function-reference.ts'
import type { Attachment, Capability, ValueReader, ValueWriter } from '../../../src/wire/values/capability.ts'
import { decode } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'

export class TestCapability implements Capability {
  readonly functions: AnyFunction[] = []
  readonly modules = new Map<string, object>()
  readonly blocks = new Map<number, ArrayBuffer>()
  readonly freed: number[] = []
  /** What a function's message contains beside its number: values it captured. */
  readonly captured = new Map<AnyFunction, unknown>()

  writeFunction(writer: ValueWriter, fn: AnyFunction): void {
    const known = this.functions.indexOf(fn)
    writer.uint32(known === -1 ? this.functions.push(fn) - 1 : known)
    writer.byte(this.captured.has(fn) ? 1 : 0)
    if (this.captured.has(fn)) writer.value(this.captured.get(fn), { label: 'variable captured' })
  }

  readFunction(reader: ValueReader): AnyFunction {
    const fn = this.functions[reader.uint32()] ?? reader.bad('no such function')
    reader.fill(fn)
    if (reader.byte() === 1) this.captured.set(fn, reader.value())
    return fn
  }

  loadedModule(key: string): object | undefined {
    return this.modules.get(key)
  }

  storeBytes(bytes: Uint8Array): Attachment {
    const reference = this.blocks.size + 1
    this.blocks.set(reference, Uint8Array.from(bytes).buffer)
    return { reference, generation: 7, byteLength: bytes.length }
  }

  takeBytes({ reference }: Attachment): ArrayBuffer {
    this.freed.push(reference)
    return this.blocks.get(reference) ?? new ArrayBuffer(0)
  }
}

/** There and back, in memory of its own. */
export function roundTrip(value: unknown, capability: Capability | null = null): unknown {
  const message = Uint8Array.from(encode(value, 'value', { capability }))
  return decode(message, 0, message.length, capability)
}
