// The secret by which processes know that they belong together, Python's authkey. A tree of processes has one, made when it is first
// asked for: whoever asks first writes it into the arena, word by word, and whoever asks at the same time reads what stands there.
import { calledInChild } from '../base/at-fork.ts'
import { expected } from '../base/validate.ts'
import { arena } from '../memory/arena.ts'
import { SECRET_WORD_COUNT, SECRET_WORDS } from '../memory/layout.ts'
import { exchange, load } from '../memory/words.ts'

/** Null: the tree's. */
let own: Uint8Array | null = null

export function authKey(): Uint8Array {
  return own ?? treeKey()
}

export function setAuthKey(key: Uint8Array): void {
  own = checkAuthKey(key)
}

/** What children are told: null, as long as nobody gave this process a key of its own. */
export function ownAuthKey(): Uint8Array | null {
  return own
}

/** In a child. */
export function startWithKey(key: Uint8Array | null): void {
  own = key
}

/** @throws TypeError */
export function checkAuthKey(key: unknown): Uint8Array {
  if (key instanceof Uint8Array) return Uint8Array.from(key)
  throw new TypeError(expected('authKey', 'bytes (a Uint8Array)', key))
}

function treeKey(): Uint8Array {
  const { root } = arena()
  if (load(root, SECRET_WORDS + SECRET_WORD_COUNT - 1) === 0) write()
  const words = Int32Array.from({ length: SECRET_WORD_COUNT }, (_, index) => load(root, SECRET_WORDS + index))
  return new Uint8Array(words.buffer)
}

/** A word that stands is never changed, so all who read after they tried to write read the same; who dies half way leaves the rest to others. */
function write(): void {
  const { root } = arena()
  const { randomFillSync } = process.getBuiltinModule('node:crypto')
  const words = randomFillSync(new Int32Array(SECRET_WORD_COUNT))
  for (const [index, word] of words.entries()) exchange(root, SECRET_WORDS + index, 0, word === 0 ? 1 : word)
}

calledInChild(startWithKey)
