import { type FunctionAddress, importFunction } from '../wire/function-reference.ts'
import { becomeChild, type ChildArgument } from './child-bootstrap.ts'

export interface ProcessArgument extends ChildArgument {
  readonly target: FunctionAddress | null
  readonly args: readonly unknown[]
}

/** What the program of a `Process` does: imports its target and calls it. */
export async function runChild(): Promise<void> {
  const { target, args } = becomeChild<ProcessArgument>()
  // What is thrown here nobody catches: Node prints it with its stack, and the exit code is 1.
  if (target !== null) await (await importFunction(target))(...args)
}
