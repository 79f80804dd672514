import { decodeStored } from '../channel/stored-value.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import { becomeChild, type ChildArgument } from './child-bootstrap.ts'

export interface ProcessArgument extends ChildArgument {
  /** A ProcessCall as a message of its own: it may refer to modules, which are imported first. */
  readonly call: Uint8Array
}

export interface ProcessCall {
  readonly target: AnyFunction | undefined
  readonly args: readonly unknown[]
}

/** What the program of a `Process` does: calls its target. */
export async function runChild(): Promise<void> {
  const { call } = becomeChild<ProcessArgument>()
  // What is thrown here nobody catches: Node prints it with its stack, and the exit code is 1.
  const { target, args } = (await decodeStored(call)) as ProcessCall
  await target?.(...args)
}
