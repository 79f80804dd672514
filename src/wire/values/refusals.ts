// Why a value cannot travel, and where it is.
import * as types from 'node:util/types'
import type { AnyFunction } from '../function-reference.ts'
import type { PathStep } from './capability.ts'

const LONGEST_PATH = 200

/** As JavaScript would lead to the value, `args[0].options.onData`, and in words where it has none. */
export function formatPath(root: string, steps: readonly PathStep[]): string {
  let path = root
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`
    else if (typeof step === 'object') path += ` ‹${step.label}›`
    else if (isIdentifier(step)) path += path === '' ? step : `.${step}`
    else path += `[${JSON.stringify(step)}]`
    if (path.length > LONGEST_PATH) return `${path.slice(0, LONGEST_PATH)}…`
  }
  return path
}

/** V8 takes 0.3 ms for this expression, which only errors need. */
function isIdentifier(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text)
}

export const IS_KEY = Symbol('key')
export const IS_ITEM = Symbol('item')

/** The step to a part of a Map or Set. Its label is made when an error needs it. */
export class EntryStep {
  readonly #index: number
  readonly #key: unknown

  /** `key`: of the entry whose value it leads to, or what else it leads to. */
  constructor(index: number, key: unknown) {
    this.#index = index
    this.#key = key
  }

  get label(): string {
    if (this.#key === IS_KEY) return `key ${this.#index}`
    if (this.#key === IS_ITEM) return `item ${this.#index}`
    return typeof this.#key === 'string' ? `value of ${JSON.stringify(this.#key)}` : `value ${this.#index}`
  }
}

/** In this order: a Proxy is whatever it wants to be. */
const NATIVE: readonly (readonly [(value: unknown) => boolean, string])[] = [
  [types.isProxy, 'a Proxy cannot travel: its traps are code of this process. Send a copy of what it shows'],
  [types.isPromise, 'a Promise cannot travel: await it first'],
  [types.isGeneratorObject, 'a generator that runs cannot travel: send its function, or an array of what it yields'],
  [types.isMapIterator, 'an iterator cannot travel: send an array of what it yields'],
  [types.isSetIterator, 'an iterator cannot travel: send an array of what it yields'],
  [types.isWeakMap, 'a WeakMap cannot travel: nobody can list what it holds. Send a Map'],
  [types.isWeakSet, 'a WeakSet cannot travel: nobody can list what it holds. Send a Set'],
  [value => value instanceof WeakRef, 'a WeakRef cannot travel: send what it refers to'],
  [value => value instanceof FinalizationRegistry, 'a FinalizationRegistry cannot travel'],
  [types.isSharedArrayBuffer, 'a SharedArrayBuffer cannot leave its process: send a copy of its bytes'],
  [types.isExternal, 'a native pointer means nothing in another process'],
  [types.isModuleNamespaceObject, 'the namespace of a module cannot travel as data'],
  [types.isKeyObject, 'a KeyObject cannot travel: send what its export() gives, for those who may see it'],
  [types.isCryptoKey, 'a CryptoKey cannot travel: send what crypto.subtle.exportKey gives, for those who may see it'],
]

/** Why this object cannot travel, whatever its class says; null: nothing is known against it. */
export function refusalOfKind(value: object): string | null {
  for (const [isIt, reason] of NATIVE) if (isIt(value)) return reason
  return null
}

const STREAM = 'a stream cannot travel: it stands for something open in this process. Send what it carries, or a path to open over there'
const HANDLE = 'it stands for something open in this process. Send what is needed to open it over there'

/** Classes whose instances are worth a word of their own, by the name of the class or of one that it extends. */
const NATIVE_CLASSES = new Map<string, string>([
  ['Stream', STREAM],
  ['ReadableStream', STREAM],
  ['WritableStream', STREAM],
  ['TransformStream', STREAM],
  ['FileHandle', `a FileHandle cannot travel: ${HANDLE}`],
  ['Server', `a server cannot travel: ${HANDLE}`],
  ['Worker', `a Worker cannot travel: ${HANDLE}`],
  ['ChildProcess', `a ChildProcess cannot travel: ${HANDLE}`],
  ['MessagePort', 'a MessagePort cannot travel to another process'],
  ['MessageChannel', 'a MessageChannel cannot travel to another process'],
  ['BroadcastChannel', 'a BroadcastChannel cannot travel to another process'],
  ['EventEmitter', 'an EventEmitter cannot travel: its listeners are functions of this process'],
  ['EventTarget', 'an EventTarget cannot travel: its listeners are functions of this process'],
  ['AbortSignal', 'an AbortSignal cannot travel: send a message when it aborts'],
  ['AbortController', 'an AbortController cannot travel: send a message when it aborts'],
  ['Timeout', 'a timer cannot travel: start it over there'],
  ['Immediate', 'a timer cannot travel: start it over there'],
  ['Blob', 'a Blob cannot travel: send its bytes, await blob.arrayBuffer()'],
  ['File', 'a File cannot travel: send its bytes, await file.arrayBuffer()'],
  ['Response', 'a Response cannot travel: send what its body gives'],
  ['Request', 'a Request cannot travel: send its URL and options'],
  ['Headers', 'a Headers cannot travel: send Object.fromEntries(headers)'],
  ['FormData', 'a FormData cannot travel: send an array of its entries'],
  ['Hash', `a Hash cannot travel: ${HANDLE}`],
  ['Hmac', `an Hmac cannot travel: ${HANDLE}`],
  ['AsyncLocalStorage', 'an AsyncLocalStorage cannot travel: send what it holds'],
])

/** Why an instance of a class of this name, which no JavaScript of the user's defined, cannot travel. */
export function nativeRefusal(name: string, owner = "Node's"): string {
  return NATIVE_CLASSES.get(name) ?? `an instance of ${name}, a class of ${owner} own, cannot travel: send the data that it was made from`
}

export function isNative(cls: AnyFunction): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(cls))
}

const answers = new WeakMap<AnyFunction, string | null>()

/** Why no instance of this class can travel: because of the class, or one that it extends; null: it can. */
export function refusalOfClass(cls: AnyFunction): string | null {
  let answer = answers.get(cls)
  if (answer === undefined) {
    const names = nativeAncestors(cls)
    const known = names.find(name => NATIVE_CLASSES.has(name))
    answer = names.length === 0 ? null : nativeRefusal(known ?? (names[0] as string))
    answers.set(cls, answer)
  }
  return answer
}

/** The names of Node's own classes among those that it extends, the nearest first, itself included. */
function nativeAncestors(cls: AnyFunction): string[] {
  const names: string[] = []
  for (let prototype: unknown = cls.prototype; prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const ancestor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
    if (typeof ancestor === 'function' && isNodesOwn(ancestor as AnyFunction, ancestor.name)) names.push(ancestor.name)
  }
  // What extends EventEmitter is its properties and listeners; if there are listeners, they are refused or not as every function.
  return names.length === 1 && names[0] === 'EventEmitter' && cls.name !== 'EventEmitter' ? [] : names
}

/** Classes of Node's that travel, and so do those that extend them. */
const BASES = new Set(['URL', 'URLSearchParams', 'DOMException', 'Buffer'])

function isNodesOwn(cls: AnyFunction, name: string): boolean {
  if (BASES.has(name)) return false
  // Other built-in classes of the language are bases that travel; those that do not were found out before.
  if (isNative(cls)) return !Object.hasOwn(globalThis, name) && name !== 'TypedArray'
  if (isGlobalOfNode(cls, name)) return true
  if (name === 'FileHandle' || name === 'Timeout' || name === 'Immediate') return hasAnyOf(cls.prototype as object)
  return exportsOfNode().has(cls)
}

/** What a program defines globally can be enumerated, what Node does cannot. */
function isGlobalOfNode(cls: AnyFunction, name: string): boolean {
  const property = Object.getOwnPropertyDescriptor(globalThis, name)
  if (property === undefined || property.enumerable === true) return false
  return (property.value ?? (globalThis as Record<string, unknown>)[name]) === cls
}

/** Classes that no module exports, by methods of theirs. */
function hasAnyOf(prototype: object): boolean {
  return ['createReadStream', 'hasRef'].some(method => Object.hasOwn(prototype, method))
}

let classesOfNode = new WeakSet<object>()
let modulesSeen = 0

/** What the modules of Node.js export that were loaded up to now: without one of them there is no instance of its classes. */
function exportsOfNode(): WeakSet<object> {
  const { moduleLoadList = [] } = process as unknown as { moduleLoadList?: readonly string[] }
  if (moduleLoadList.length === modulesSeen) return classesOfNode
  modulesSeen = moduleLoadList.length
  classesOfNode = new WeakSet()
  const loaded = moduleLoadList
    .filter(entry => /^NativeModule (?!internal\/|_)/.test(entry))
    .map(entry => entry.slice('NativeModule '.length))
  for (const id of loaded) for (const cls of exportsOf(id)) classesOfNode.add(cls)
  return classesOfNode
}

/** Getters are left alone: some of them warn that they are old. */
function exportsOf(id: string): object[] {
  const exports = process.getBuiltinModule(id) as object | undefined
  if (exports === undefined) return []
  const values = Object.values(Object.getOwnPropertyDescriptors(exports)).map(({ value }) => value as unknown)
  return [exports, ...values].filter((value): value is AnyFunction => typeof value === 'function')
}
