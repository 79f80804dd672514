import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { fileOf, type Program } from '../programs.ts'

/** In the bundle, programs are CommonJS and are there at once; in the tests' build they are ES modules. */
const IS_BUNDLE = typeof module === 'object'

const loaded = new Map<Program, () => unknown>()

/** Says what a program does, for forked processes that have it in their memory and need not load its file. */
export function offerProgram(program: Program, run: () => unknown): void {
  loaded.set(program, run)
}

/** Runs a program in this process, a forked one. What it throws is an uncaught error. */
export function runProgram(program: Program): void {
  const run = loaded.get(program)
  if (run !== undefined) run()
  else if (IS_BUNDLE) createRequire(fileOf(program))(fileOf(program))
  else void import(pathToFileURL(fileOf(program)).href)
}
