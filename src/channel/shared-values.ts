// How values and arrays in shared memory travel: by the name of their block. What arrives is another object on the same memory. All of
// it is for channels inside one tree only, whose capability lets blocks of the arena through.
//
// A name is (reference, generation, bytes, maker), and the lock beside it. If the block was freed meanwhile, its generation is another:
// a value that arrives then is closed, and an array is an error.
import { ClosedError } from '../base/errors.ts'
import { share } from '../value/array-functions.ts'
import type { BlockLock } from '../value/lock-option.ts'
import { scalarOf } from '../value/scalar-types.ts'
import { RawArray, SharedArray } from '../value/shared-array.ts'
import { type BlockName, BlockHold, ValueBlock } from '../value/value-block.ts'
import { bufferOf, sharedBufferOf } from '../value/shared-buffers.ts'
import { partsOfStructArray, StructArrayObject } from '../value/struct/struct-array.ts'
import { layoutOfView } from '../value/struct/assign.ts'
import { fieldsToSend, type Layout, rebuildStruct, Struct, structLayout } from '../value/struct/layout.ts'
import { StructView, viewAt } from '../value/struct/view.ts'
import { partsOfValue, RawValue, rawValueFrom, Value, valueFrom } from '../value/value.ts'
import { nameIntrinsic } from '../wire/modules/well-known.ts'
import { teach } from './teach.ts'
import type { SharedBuffers } from '../wire/tree-capability.ts'

type NameData = readonly [reference: number, generation: number, byteLength: number, maker: number, isOwn: boolean, lock: unknown]

function nameData({ reference, generation, byteLength, maker }: BlockName, lock: BlockLock | null): NameData {
  return [reference, generation, byteLength, maker, lock?.isOwn ?? false, lock?.lock ?? null]
}

function fromNameData([reference, generation, byteLength, maker, isOwn, lock]: NameData): { block: ValueBlock; lock: BlockLock | null } {
  return {
    block: new ValueBlock({ reference, generation, byteLength, maker }),
    lock: lock === null ? null : { lock: lock as BlockLock['lock'], isOwn },
  }
}

/** For the capability of a channel: arrays and their buffers. */
export const SHARED_BUFFERS: SharedBuffers = {
  nameOf(buffer) {
    const shared = sharedBufferOf(buffer)
    if (shared === null) return null
    if (shared.closed || !shared.block.isThere) throw new ClosedError('An array in shared memory that was closed cannot travel')
    return [shared.isOfStructs, ...nameData(shared.block, shared.lock)]
  },
  find(name) {
    const [isOfStructs, ...data] = name as [boolean, ...NameData]
    const { block, lock } = fromNameData(data)
    if (!block.isThere) throw new ClosedError('An array in shared memory arrived that was closed by the thread that made it')
    return bufferOf(block, { lock, isOfStructs }).buffer
  },
}

type ValueData = readonly [type: string | Struct, ...NameData]

function valueData(value: object): ValueData {
  const { type, block, lock } = partsOfValue(value)
  return ['struct' in type ? type.struct : type.name, ...nameData(block, lock)]
}

function layoutFrom(struct: unknown): Layout {
  const layout = structLayout(struct)
  if (layout === null) throw new TypeError('A struct arrived that is none')
  return layout
}

const valueParts = ([type, ...data]: ValueData): Parameters<typeof valueFrom>[0] => ({
  type: typeof type === 'string' ? scalarOf(type, 'type') : layoutFrom(type),
  ...fromNameData(data),
})

teach('RawValue', RawValue, valueData, data => rawValueFrom(valueParts(data)))
teach('Value', Value, valueData, data => valueFrom(valueParts(data)))
teach('Struct', Struct, struct => fieldsToSend(struct as Struct), rebuildStruct)
teach(
  'StructArray',
  StructArrayObject,
  array => {
    const { layout, block, lock } = partsOfStructArray(array as StructArrayObject)
    return [layout.struct, ...nameData(block, lock)] as const
  },
  ([struct, ...data]) => new StructArrayObject({ layout: layoutFrom(struct), ...fromNameData(data) }),
)
teach(
  'StructView',
  StructView,
  view => {
    const { memory, base } = StructView.placeOf(view as StructView)
    return [(layoutOfView(view) as Layout).struct, base, ...nameData(memory.hold.block, memory.shared.lock)] as const
  },
  ([struct, base, ...data]) => {
    const { block, lock } = fromNameData(data)
    const shared = bufferOf(block, { lock, isOfStructs: true })
    return viewAt(layoutFrom(struct), { hold: new BlockHold(block, shared.views), shared }, base)
  },
)
nameIntrinsic('%polyprocess.SharedArray%', SharedArray)
nameIntrinsic('%polyprocess.RawArray%', RawArray)
nameIntrinsic('%polyprocess.share%', share)
