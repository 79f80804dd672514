// Functions as workers get to know them: for each a block in the arena with its address, written once by the parent and read by
// each worker that meets it. A task names the block.
import { loadValue, storeValue } from '../channel/stored-value.ts'
import { arena, type Handle } from '../memory/arena.ts'
import type { Reference } from '../memory/segments.ts'
import { findFunction } from '../wire/find-function.ts'
import type { AnyFunction, FunctionAddress } from '../wire/function-reference.ts'

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
  return loadValue(reference) as FunctionAddress
}

function remember(fn: AnyFunction, address: FunctionAddress): Handle {
  const key = `${address.exportName}#${address.url}`
  const handle = byAddress.get(key) ?? writeDefinition(address)
  byAddress.set(key, handle)
  byFunction.set(fn, handle)
  return handle
}

function writeDefinition(address: FunctionAddress): Handle {
  const reference = storeValue({ url: address.url, exportName: address.exportName }, 'function')
  return { reference, generation: arena().allocator.entries.generationOf(reference) }
}
