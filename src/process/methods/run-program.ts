import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** In the bundle, programs are CommonJS and are there at once; in the tests' build they are ES modules. */
const IS_BUNDLE = typeof module === 'object'

/** Runs a program in this process, a forked one. What it throws is an uncaught error. */
export function runProgram(file: string): void {
  if (IS_BUNDLE) {
    const require = createRequire(file)
    // It may have run in the process that this one was forked off.
    delete require.cache[file]
    require(file)
    return
  }
  const url = `${pathToFileURL(file).href}?process=${process.pid}`
  void import(url)
}
