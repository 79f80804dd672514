// A function's description into a message.
import type { OwnerId } from '../../memory/identity.ts'
import type { AnyFunction } from '../function-reference.ts'
import type { ValueWriter } from '../values/capability.ts'
import type { CodeSite } from './code-site.ts'
import { declaredName } from './compile.ts'
import { type Code, describeFunction, type Variable } from './describe.ts'
import { type Content, type Known, wellKnown } from './variables.ts'
import type { BoundFunction } from './inspector.ts'
import { type Origin, originOf } from './origins.ts'
import {
  FLAG_ARGUMENTS,
  FLAG_IMPORTS,
  FLAG_ORIGIN,
  FLAG_PROPERTIES,
  FLAG_PROTOTYPE,
  FLAG_SOURCE_MAP,
  FLAG_STATEMENT,
  FLAG_STRICT,
  FORM_EXPRESSION,
  FORM_GETTER,
  FORM_METHOD,
  FORM_SETTER,
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

/** Writes what `readFunction` reads. `receiver`: the thread that the message is for; 0: any. @throws NotSerializableError by way of the writer */
export function writeFunction(writer: ValueWriter, fn: AnyFunction | object, receiver: OwnerId): void {
  if (typeof fn !== 'function') return writeObject(writer, fn)
  const description = describeFunction(fn as AnyFunction)
  switch (description.kind) {
    case 'refused':
      return writer.refuse(description.reason)
    case 'known':
      writer.byte(KIND_KNOWN)
      return writeKnown(writer, description)
    case 'bound':
      return writeBound(writer, description)
    case 'code':
      return writeCode(writer, fn as AnyFunction, description, receiver)
  }
}

/** Of the objects only those that are known by name. */
function writeObject(writer: ValueWriter, value: object): void {
  const found = wellKnown(value)
  if (found === null) return writer.refuse('it is known in this process only')
  writer.byte(KIND_OBJECT)
  writeKnown(writer, found)
}

function writeKnown(writer: ValueWriter, { module, exportName }: Known): void {
  writer.uint32(module === null ? 0 : writer.module(module) + 1)
  writer.string(exportName as string)
}

function writeBound(writer: ValueWriter, { target, self, args }: BoundFunction): void {
  writer.byte(KIND_BOUND)
  writer.value(target, { label: 'bound function' })
  writer.value(self, { label: 'bound this' })
  writer.value(args, { label: 'bound arguments' })
}

/** What there is of a function beside its text and its variables. */
interface Extras {
  readonly origin: Origin | null
  readonly sourceMap: string | null
  readonly properties: readonly PropertyKey[]
  readonly prototype: PrototypeMembers | null
}

function writeCode(writer: ValueWriter, fn: AnyFunction, code: Code, receiver: OwnerId): void {
  const origin = originOfClass(fn, code)
  if (origin !== null && origin.owner === receiver) {
    writer.byte(KIND_HOME)
    return writer.uint32(origin.serial)
  }
  const { sourceMap } = code.site.script
  const extras: Extras = { origin, sourceMap, properties: ownMembers(fn, code), prototype: prototypeMembers(fn, code) }
  writer.byte(KIND_CODE)
  writer.byte(flagsOf(code, extras) | (reassignedName(fn, code) === null ? 0 : FLAG_STATEMENT))
  writeSite(writer, code.site, fn)
  if (sourceMap !== null) writer.string(sourceMap)
  if (origin !== null) {
    writer.uint32(origin.owner)
    writer.uint32(origin.serial)
  }
  writeVariables(writer, code)
  if (extras.properties.length > 0) writeMembers(writer, fn, extras.properties)
  if (extras.prototype !== null) writePrototype(writer, extras.prototype)
}

/** An old constructor that has methods, or inherits some, is a class too. */
function originOfClass(fn: AnyFunction, code: Code): Origin | null {
  return code.site.analysis.form === 'class' || prototypeMembers(fn, code) !== null ? originOf(fn) : null
}

function flagsOf({ site, outerArguments }: Code, { origin, sourceMap, properties, prototype }: Extras): number {
  return (
    (site.analysis.isStrict ? FLAG_STRICT : 0) |
    (site.analysis.usesDynamicImport ? FLAG_IMPORTS : 0) |
    (sourceMap === null ? 0 : FLAG_SOURCE_MAP) |
    (origin === null ? 0 : FLAG_ORIGIN) |
    (outerArguments === null ? 0 : FLAG_ARGUMENTS) |
    (properties.length === 0 ? 0 : FLAG_PROPERTIES) |
    (prototype === null ? 0 : FLAG_PROTOTYPE)
  )
}

function writeSite(writer: ValueWriter, site: CodeSite, fn: AnyFunction): void {
  const { text, form } = memberText(site)
  writer.byte(form)
  writer.string(text)
  writer.string(site.file)
  writer.uint32(site.line)
  writer.uint32(site.column)
  writer.uint32(site.start)
  writer.string(site.metaName)
  writer.string(ownName(fn))
}

function ownName(fn: AnyFunction): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value
  return typeof name === 'string' ? name : ''
}

/** A computed key is replaced by one as long: what it was is in the function's name. */
function memberText({ text, analysis }: CodeSite): { text: string; form: number } {
  const form = {
    arrow: FORM_EXPRESSION,
    function: FORM_EXPRESSION,
    class: FORM_EXPRESSION,
    method: FORM_METHOD,
    getter: FORM_GETTER,
    setter: FORM_SETTER,
  }[analysis.form]
  if (analysis.computedKey === null) return { text, form }
  const { start, end } = analysis.computedKey
  return { text: `${text.slice(0, start)}${'"x"'.padEnd(end - start)}${text.slice(end)}`, form }
}

/** The name of a function declaration whose variable is given other values: by now, as after `f = memoize(f)`, or when the function runs. */
function reassignedName(fn: AnyFunction, { site, variables }: Code): string | null {
  if (!site.analysis.isDeclaration || site.analysis.form !== 'function') return null
  const name = declaredName(site.text)
  const variable = variables.find(each => each.name === name)
  if (variable === undefined) return null
  const isOther = variable.content.kind !== 'value' || variable.content.value !== fn
  return isOther || site.analysis.free.some(each => each.name === name && each.binding === 'variable') ? variable.name : null
}

function writeVariables(writer: ValueWriter, { site, variables, outerArguments }: Code): void {
  const all: Variable[] = [...variables]
  if (site.metaName !== '') all.push({ name: site.metaName, eager: true, content: { kind: 'meta', file: site.file } })
  const own = site.analysis.isDeclaration ? declaredName(site.text) : undefined
  const isShared = ({ name, content }: Variable): boolean => content.kind === 'cell' && name !== own
  const [eager, late, eagerShared, lateShared] = [
    all.filter(variable => variable.eager && !isShared(variable)),
    all.filter(variable => !variable.eager && !isShared(variable)),
    all.filter(variable => variable.eager && isShared(variable)),
    all.filter(variable => !variable.eager && isShared(variable)),
  ] as const
  for (const group of [eager, late, eagerShared, lateShared]) writer.uint32(group.length)
  for (const { name } of [...eager, ...late, ...eagerShared, ...lateShared]) writer.string(name)
  if (outerArguments !== null) writer.value(outerArguments, { label: 'arguments' })
  for (const { name, content } of eager) writeContent(writer, content, name)
  for (const variable of eagerShared) writeCell(writer, variable)
  for (const { name, content } of late) writeContent(writer, content, name)
  for (const variable of lateShared) writeCell(writer, variable)
}

function writeCell(writer: ValueWriter, { name, content }: Variable): void {
  writer.value(content.kind === 'cell' ? content.cell : undefined, { label: `variable ${name}` })
}

function writeContent(writer: ValueWriter, content: Content, name: string): void {
  switch (content.kind) {
    case 'value':
    case 'cell':
      writer.byte(VARIABLE_VALUE)
      return writer.value(content.kind === 'cell' ? content.cell.value : content.value, { label: `variable ${name}` })
    case 'require':
    case 'meta':
      writer.byte(content.kind === 'meta' ? VARIABLE_META : VARIABLE_REQUIRE)
      return writer.string(content.file)
    case 'known':
      if (content.exportName !== null) {
        writer.byte(VARIABLE_KNOWN)
        return writeKnown(writer, content)
      }
      writer.byte(VARIABLE_NAMESPACE)
      return writer.uint32(writer.module(content.module as string))
  }
}

function writeMembers(writer: ValueWriter, holder: object, keys: readonly PropertyKey[]): void {
  writer.uint32(keys.length)
  for (const key of keys) {
    const name = String(key)
    writer.value(key, name)
    const { value, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(holder, key) as PropertyDescriptor
    const isAccessor = get !== undefined || set !== undefined
    writer.byte(
      (isAccessor ? MEMBER_ACCESSOR : 0) |
        (writable ? MEMBER_WRITABLE : 0) |
        (enumerable ? MEMBER_ENUMERABLE : 0) |
        (configurable ? MEMBER_CONFIGURABLE : 0),
    )
    if (isAccessor) {
      writer.value(get, `get ${name}`)
      writer.value(set, `set ${name}`)
    } else writer.value(value, name)
  }
}

const OF_EVERY_FUNCTION: ReadonlySet<PropertyKey> = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])

/** The properties that were given to a function, and the static fields of a class as they are now. */
export function ownMembers(fn: AnyFunction, code: Code): PropertyKey[] {
  return addedTo(fn, fn, code).filter(key => !OF_EVERY_FUNCTION.has(key))
}

interface PrototypeMembers {
  readonly prototype: object
  readonly keys: readonly PropertyKey[]
  /** Of an old constructor: what it has its static methods from, and the constructor that its prototype inherits from; undefined: none. */
  readonly parents: readonly [ofStatics: unknown, ofInstances: unknown]
}

/** What was put on a prototype beside the methods in a class's text: by decorators, by mixins, in the old style. Null: nothing. */
export function prototypeMembers(fn: AnyFunction, code: Code): PrototypeMembers | null {
  const { form } = code.site.analysis
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value
  if ((form !== 'class' && form !== 'function') || typeof prototype !== 'object' || prototype === null) return null
  const keys = addedTo(prototype, fn, code).filter(key => key !== 'constructor')
  const parents = form === 'class' ? ([undefined, undefined] as const) : oldParents(fn, prototype)
  return keys.length === 0 && parents[1] === undefined ? null : { prototype, keys, parents }
}

function oldParents(fn: AnyFunction, prototype: object): readonly [unknown, unknown] {
  const above: unknown = Object.getPrototypeOf(prototype)
  const inherits = Object.hasOwn(prototype, 'constructor') && typeof above === 'object' && above !== null && above !== Object.prototype
  if (!inherits) return [undefined, undefined]
  const ofStatics: unknown = Object.getPrototypeOf(fn)
  return [ofStatics === Function.prototype ? undefined : ofStatics, (above as { constructor?: unknown }).constructor]
}

/** Symbols that only this process knows are left out, as they are of every object. */
function addedTo(holder: object, fn: AnyFunction, { site }: Code): PropertyKey[] {
  const keys = Reflect.ownKeys(holder).filter(key => typeof key === 'string' || Symbol.keyFor(key) !== undefined || WELL_KNOWN.has(key))
  return site.analysis.form === 'class' ? keys.filter(key => !isInText(holder, key, fn)) : keys
}

const WELL_KNOWN: ReadonlySet<unknown> = new Set(
  Reflect.ownKeys(Symbol).map(key => (Symbol as unknown as Record<PropertyKey, unknown>)[key]),
)

/** Methods by the class whose text they are in. */
const methods = new WeakMap<object, AnyFunction>()

/** Whether a member is a method or an accessor that the text of the class makes under this key. */
function isInText(holder: object, key: PropertyKey, cls: AnyFunction): boolean {
  const { value, get, set, enumerable } = Object.getOwnPropertyDescriptor(holder, key) as PropertyDescriptor
  const made = [value, get, set].filter(each => each !== undefined) as unknown[]
  return enumerable !== true && made.length > 0 && made.every(each => typeof each === 'function' && isMethod(each as AnyFunction, key, cls))
}

function isMethod(fn: AnyFunction, key: PropertyKey, cls: AnyFunction): boolean {
  const name = typeof key === 'symbol' ? `[${key.description}]` : String(key)
  if (ownName(fn).replace(/^[gs]et /, '') !== name.replace(/^[gs]et /, '')) return false
  if (methods.get(fn) === cls) return true
  const { toString } = Function.prototype
  const isIt = toString.call(cls).includes(toString.call(fn))
  if (isIt) methods.set(fn, cls)
  return isIt
}

function writePrototype(writer: ValueWriter, { prototype, keys, parents }: PrototypeMembers): void {
  writer.value(parents[0], { label: 'parent class' })
  writer.value(parents[1], { label: 'parent class' })
  writeMembers(writer, prototype, keys)
}
