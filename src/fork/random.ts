// Random numbers in a forked child. V8's generator and Node's caches would give parent and all children the same ones; OpenSSL's
// generator sees a fork by itself.
import { calledInChild } from '../base/at-fork.ts'
import type { ForkAddon } from './addon.ts'
import { isLoadedInNode } from '../base/this-node.ts'

const UUIDS_IN_CACHE = 128
const INTEGERS_IN_CACHE = 1024

// The state of the generator below.
let a = 1
let b = 0
let c = 0
let d = 0

/** xoshiro128** of Blackman and Vigna: 32 bits a step, all in small integers. */
function step(): number {
  const product = Math.imul(b, 5)
  const result = Math.imul((product << 7) | (product >>> 25), 9)
  const shifted = b << 9
  c ^= a
  d ^= b
  b ^= c
  a ^= d
  c ^= shifted
  d = (d << 11) | (d >>> 21)
  return result
}

function random(): number {
  return ((step() >>> 5) * 0x4000000 + (step() >>> 6)) / 0x20000000000000
}

const before = Math.random
let isReplaceable: boolean | undefined

/** To be called in the parent before each fork: what children will need is made once for all of them. */
export function prepareRandom(addon: ForkAddon): void {
  hasCaches ||= isLoadedInNode('internal/crypto/random')
  if (isReplaceable !== undefined) return
  // Whoever has put a generator of his own there wants what it gives.
  isReplaceable = /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(before))
  seed(addon)
  random()
}

// Made in the parent, as all that is here: a child has little to allocate.
const words = new Int32Array(4)
let hasCaches = false

function seed(addon: Pick<ForkAddon, 'seed'>): void {
  addon.seed(words)
  a = words[0] as number
  b = words[1] as number
  c = words[2] as number
  d = words[3] as number
}

/** Gives this process random numbers of its own, of every kind that is in use. */
export function reseed(addon: Pick<ForkAddon, 'seed'>): void {
  seed(addon)
  if (isReplaceable && Math.random === before)
    Object.defineProperty(Math, 'random', { value: random, writable: true, enumerable: false, configurable: true })
  if (hasCaches) drainCaches()
}

/** Uses up what Node has in store. */
function drainCaches(): void {
  const { randomInt, randomUUID } = process.getBuiltinModule('node:crypto')
  for (let count = 0; count < UUIDS_IN_CACHE; count += 1) randomUUID()
  for (let count = 0; count < INTEGERS_IN_CACHE; count += 1) randomInt(2)
}

calledInChild(reseed)
