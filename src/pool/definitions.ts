// Functions as workers get to know them: for each a block in the arena with its address, written once by the parent and read by
// each worker that meets it. A task names the block.
import { arena, type Handle } from '../memory/arena.ts'
import { GRANULE_BYTES } from '../memory/layout.ts'
import { granuleOf, type Reference, segmentOf } from '../memory/segments.ts'
import { decode } from '../wire/decoder.ts'
import { encode } from '../wire/encoder.ts'
import { findFunction } from '../wire/find-function.ts'
import type { AnyFunction, FunctionAddress } from '../wire/function-reference.ts'

const LENGTH_BYTES = 8

const byFunction = new WeakMap<AnyFunction, Handle>()
const byAddress = new Map<string, Handle>()

/** The block that defines `fn`; a promise only at the first call for a function. @throws NotSerializableError */
export function defineFunction(fn: AnyFunction): Handle | Promise<Handle> {
  const known = byFunction.get(fn)
  if (known !== undefined) return known
  const address = findFunction(fn)
  return address instanceof Promise ? address.then(found => remember(fn, found)) : remember(fn, address)
}

export function readDefinition(reference: Reference): FunctionAddress {
  const segment = arena().segments.bytes(segmentOf(reference))
  const start = granuleOf(reference) * GRANULE_BYTES
  const length = new DataView(segment.buffer, segment.byteOffset + start).getUint32(0, true)
  return decode(segment, start + LENGTH_BYTES, length) as FunctionAddress
}

function remember(fn: AnyFunction, address: FunctionAddress): Handle {
  const key = `${address.exportName}#${address.url}`
  const handle = byAddress.get(key) ?? writeDefinition(address)
  byAddress.set(key, handle)
  byFunction.set(fn, handle)
  return handle
}

function writeDefinition(address: FunctionAddress): Handle {
  const bytes = encode({ url: address.url, exportName: address.exportName }, 'function')
  const reference = arena().allocate(LENGTH_BYTES + bytes.length)
  const block = arena().view(reference, LENGTH_BYTES + bytes.length)
  new DataView(block.buffer, block.byteOffset).setUint32(0, bytes.length, true)
  block.set(bytes, LENGTH_BYTES)
  return { reference, generation: arena().allocator.entries.generationOf(reference) }
}
