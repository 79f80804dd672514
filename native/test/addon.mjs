// The addon, with a note of which of its functions have been called.
import { createRequire } from 'node:module'

/** @type {import('../../src/native/binding.ts').Native} */
export const addon = createRequire(import.meta.url)('../../dist/native/linux-x64/polyprocess.node')

/** @type {Set<string>} */
export const calledNames = new Set()

export const native = new Proxy(addon, {
  get(target, name) {
    calledNames.add(String(name))
    return Reflect.get(target, name)
  },
})
