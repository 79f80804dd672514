// A function out of a message: found under its name, or compiled. Only called for messages of this tree; see tree-capability.ts.
import { createRequire } from 'node:module'
import { NotSerializableError } from '../../base/errors.ts'
import { arena } from '../../memory/arena.ts'
import type { AnyFunction } from '../function-reference.ts'
import type { ValueReader } from '../values/capability.ts'
import { type CodeText, type Closure, makeClosure } from './compile.ts'
import { importMetaOf } from '../modules/import-meta.ts'
import { nameOfModule, readExport } from '../modules/modules.ts'
import type { Cell } from './variables.ts'
import { globalAt } from '../modules/well-known.ts'
import { classOf, type Origin, rememberClass } from './origins.ts'
import {
  FLAG_ARGUMENTS,
  FLAG_IMPORTS,
  FLAG_ORIGIN,
  FLAG_PROPERTIES,
  FLAG_PROTOTYPE,
  FLAG_SOURCE_MAP,
  FLAG_STATEMENT,
  FLAG_STRICT,
  KIND_BOUND,
  KIND_CODE,
  KIND_HOME,
  KIND_KNOWN,
  KIND_OBJECT,
  MEMBER_ACCESSOR,
  MEMBER_CONFIGURABLE,
  MEMBER_ENUMERABLE,
  MEMBER_WRITABLE,
  VARIABLE_KNOWN,
  VARIABLE_META,
  VARIABLE_NAMESPACE,
  VARIABLE_REQUIRE,
  VARIABLE_VALUE,
} from './records.ts'

/** Reads what `writeFunction` wrote. @throws MultiprocessingError for a function that is not where it should be */
export function readFunction(reader: ValueReader): AnyFunction {
  const kind = reader.byte()
  switch (kind) {
    case KIND_KNOWN:
      return filled(reader, readKnown(reader))
    case KIND_OBJECT:
      return readObject(reader) as AnyFunction
    case KIND_BOUND:
      return filled(reader, readBound(reader))
    case KIND_HOME:
      return filled(reader, readHome(reader))
    case KIND_CODE:
      return readCode(reader)
    default:
      return reader.bad(`${kind} is no kind of function`)
  }
}

function filled(reader: ValueReader, found: unknown): AnyFunction {
  if (typeof found !== 'function') return reader.bad(`a ${typeof found} where a function should be`)
  reader.fill(found)
  return found as AnyFunction
}

/** `Math`, `console`: what is known by name like a function. */
function readObject(reader: ValueReader): object {
  const found = readKnown(reader)
  if (typeof found !== 'object' || found === null) return reader.bad(`a ${typeof found} where an object should be`)
  reader.fill(found)
  return found
}

function readKnown(reader: ValueReader): unknown {
  const module = reader.uint32()
  const name = reader.string()
  if (module === 0) return globalAt(name) ?? reader.bad(`this process has no global ${name}`)
  const namespace = reader.module(module - 1)
  const found = readExport(namespace, name)
  if (found === undefined) throw new NotSerializableError(`${nameOfModule(namespace)}#${name}`, 'the module has no such export')
  return found
}

function readBound(reader: ValueReader): AnyFunction {
  const target = reader.value()
  const self = reader.value()
  const args = reader.value()
  if (typeof target !== 'function') return reader.bad('a bound function of nothing')
  return target.bind(self, ...checkArguments(reader, args)) as AnyFunction
}

/** More than V8 spreads into a call; an array may say that it is longer than its message has bytes. */
const MOST_ARGUMENTS = 65_535

function checkArguments(reader: ValueReader, args: unknown): readonly unknown[] {
  if (!Array.isArray(args) || args.length > MOST_ARGUMENTS) return reader.bad('something else where arguments should be')
  return args
}

function readHome(reader: ValueReader): AnyFunction {
  const serial = reader.uint32()
  return classOf({ owner: arena().me, serial }) ?? reader.bad('a class of this process that is no longer in use')
}

function readCode(reader: ValueReader): AnyFunction {
  const flags = reader.byte()
  const code = readText(reader, flags)
  const origin = (flags & FLAG_ORIGIN) === 0 ? null : { owner: reader.uint32(), serial: reader.uint32() }
  const counts = { eager: reader.uint32(), late: reader.uint32(), eagerShared: reader.uint32(), lateShared: reader.uint32() }
  const names = readNames(reader, counts.eager + counts.late)
  const shared = readNames(reader, counts.eagerShared + counts.lateShared)
  const outerArguments = (flags & FLAG_ARGUMENTS) === 0 ? [] : checkArguments(reader, reader.value())
  const arrived = origin === null ? null : classOf(origin)
  if (arrived !== null) return skipRest(reader, arrived, flags, counts)
  const closure = makeClosure(code, { names, shared }, outerArguments)
  const values = readVariables(reader, counts.eager)
  const cells = readCells(reader, counts.eagerShared)
  closure.set(values)
  closure.share(cells)
  const fn = build(closure, origin)
  reader.fill(fn)
  values.push(...readVariables(reader, counts.late))
  cells.push(...readCells(reader, counts.lateShared))
  closure.set(values)
  if ((flags & FLAG_PROPERTIES) !== 0) for (const [name, member] of readMembers(reader)) Object.defineProperty(fn, name, member)
  if ((flags & FLAG_PROTOTYPE) !== 0) readPrototype(reader, fn)
  return fn
}

function readText(reader: ValueReader, flags: number): CodeText {
  return {
    form: reader.byte(),
    text: reader.string(),
    file: reader.string(),
    line: reader.uint32(),
    column: reader.uint32(),
    start: reader.uint32(),
    metaName: reader.string(),
    name: reader.string(),
    sourceMap: (flags & FLAG_SOURCE_MAP) === 0 ? null : reader.string(),
    isStrict: (flags & FLAG_STRICT) !== 0,
    isStatement: (flags & FLAG_STATEMENT) !== 0,
    imports: (flags & FLAG_IMPORTS) !== 0,
  }
}

function build(closure: Closure, origin: Origin | null): AnyFunction {
  const fn = closure.make()
  if (origin !== null) rememberClass(fn, origin)
  return fn
}

/** Of variables; the eager ones come before the function exists. */
interface Counts {
  readonly eager: number
  readonly late: number
  readonly eagerShared: number
  readonly lateShared: number
}

/** The class is here already; what it was sent with is read all the same, since values that follow may refer into it. */
function skipRest(reader: ValueReader, cls: AnyFunction, flags: number, counts: Counts): AnyFunction {
  reader.fill(cls)
  readVariables(reader, counts.eager)
  readCells(reader, counts.eagerShared)
  readVariables(reader, counts.late)
  readCells(reader, counts.lateShared)
  if ((flags & FLAG_PROPERTIES) !== 0) readMembers(reader)
  if ((flags & FLAG_PROTOTYPE) !== 0) {
    reader.value()
    reader.value()
    readMembers(reader)
  }
  return cls
}

function readNames(reader: ValueReader, count: number): string[] {
  const names: string[] = []
  for (let index = 0; index < count; index += 1) names.push(reader.string())
  return names
}

function readCells(reader: ValueReader, count: number): Cell[] {
  const cells: Cell[] = []
  for (let index = 0; index < count; index += 1) {
    const cell = reader.value()
    if (typeof cell !== 'object' || cell === null) return reader.bad('a shared variable is no object')
    cells.push(cell as Cell)
  }
  return cells
}

function readVariables(reader: ValueReader, count: number): unknown[] {
  const values: unknown[] = []
  for (let index = 0; index < count; index += 1) values.push(readVariable(reader))
  return values
}

function readVariable(reader: ValueReader): unknown {
  const kind = reader.byte()
  switch (kind) {
    case VARIABLE_VALUE:
      return reader.value()
    case VARIABLE_KNOWN:
      return readKnown(reader)
    case VARIABLE_NAMESPACE:
      return reader.module(reader.uint32())
    case VARIABLE_REQUIRE:
      return createRequire(reader.string())
    case VARIABLE_META:
      return importMetaOf(reader.string())
    default:
      return reader.bad(`${kind} is no kind of variable`)
  }
}

function readMembers(reader: ValueReader): [key: PropertyKey, member: PropertyDescriptor][] {
  const count = reader.uint32()
  const members: [PropertyKey, PropertyDescriptor][] = []
  for (let index = 0; index < count; index += 1) {
    const key = reader.value()
    if (typeof key !== 'string' && typeof key !== 'symbol') return reader.bad(`a property under a ${typeof key}`)
    members.push([key, readMember(reader, reader.byte())])
  }
  return members
}

function readMember(reader: ValueReader, flags: number): PropertyDescriptor {
  const how = { enumerable: (flags & MEMBER_ENUMERABLE) !== 0, configurable: (flags & MEMBER_CONFIGURABLE) !== 0 }
  if ((flags & MEMBER_ACCESSOR) === 0) return { ...how, value: reader.value(), writable: (flags & MEMBER_WRITABLE) !== 0 }
  const [get, set] = [reader.value(), reader.value()]
  return { ...how, get, set } as PropertyDescriptor
}

function readPrototype(reader: ValueReader, fn: AnyFunction): void {
  const [ofStatics, ofInstances] = [reader.value(), reader.value()]
  const prototype = fn.prototype as object
  if (typeof ofStatics === 'function') Object.setPrototypeOf(fn, ofStatics)
  if (typeof ofInstances === 'function') Object.setPrototypeOf(prototype, ofInstances.prototype as object)
  for (const [key, member] of readMembers(reader)) Object.defineProperty(prototype, key, member)
}
