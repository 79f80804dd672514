// The program of a `Process`: imports its target and calls it.
import { type FunctionAddress, importFunction } from '../wire/function-reference.ts'
import { becomeChild, type ChildArgument } from './child-bootstrap.ts'

export interface ProcessArgument extends ChildArgument {
  readonly target: FunctionAddress | null
  readonly args: readonly unknown[]
}

const { target, args } = becomeChild<ProcessArgument>()
// What is thrown here is printed by Node with its stack, and the exit code is 1.
if (target !== null) await (await importFunction(target))(...args)
