// What the program of a `Process` does: what its `run()` does, and then what its `target` makes.
import { calledInChild } from '../../base/at-fork.ts'
import { decodeForOne } from '../../channel/stored-value.ts'
import { offerProgram } from '../methods/run-program.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import { becomeChild } from './become-child.ts'
import type { ChildArgument } from './child-argument.ts'

export interface ProcessArgument extends ChildArgument {
  /** A ProcessCall as a message of its own: it may refer to modules, which are imported first. Null under fork, where it is at hand. */
  readonly call: Uint8Array | null
}

export interface ProcessCall {
  readonly target: AnyFunction | undefined
  readonly args: readonly unknown[]
  /** The process object itself, if its class has a `run()` of its own. */
  readonly self: { run(): unknown } | undefined
}

export async function runChild(): Promise<void> {
  const { call } = becomeChild<ProcessArgument>()
  // What is thrown here nobody catches: Node prints it with its stack, and the exit code is 1.
  const { target, args, self } = (await decodeForOne(call as Uint8Array)) as ProcessCall
  await toItsEnd(self === undefined ? target?.(...args) : self.run())
}

/** The same in a forked child, which has the process object of its parent. */
export async function runForked(self: { run(): unknown }, argument: ProcessArgument): Promise<void> {
  becomeChild({ argument })
  await toItsEnd(self.run())
}

async function toItsEnd(result: unknown): Promise<void> {
  const value = await result
  if (!isGenerator(value)) return
  for await (const _ of value) {
    // A generator runs as far as somebody asks.
  }
}

const GENERATORS = ['[object Generator]', '[object AsyncGenerator]']

function isGenerator(value: unknown): value is AsyncIterable<unknown> {
  return GENERATORS.includes(Object.prototype.toString.call(value))
}

offerProgram('programs/child-main', runChild)
calledInChild(runChild, runForked, toItsEnd, isGenerator)
