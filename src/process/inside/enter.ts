// The first steps of a child that was forked, by its parent or by the template, before it is like any other child.
import { calledInChild } from '../../base/at-fork.ts'
import type { OwnerId } from '../../memory/identity.ts'
import { native } from '../../native/load.ts'
import type { Outputs } from '../methods/launch.ts'
import { takePlace } from './become-child.ts'

export interface ForkedAs {
  readonly id: OwnerId
  readonly outputs: Outputs
  readonly env?: Record<string, string | undefined> | undefined
  readonly inspectPort?: number | 'auto' | undefined
}

const ABOUT_THE_PARENT = ['exit', 'beforeExit', 'uncaughtException', 'uncaughtExceptionMonitor', 'unhandledRejection', 'rejectionHandled']

export function enterForked({ id, outputs, env, inspectPort }: ForkedAs): void {
  takePlace(id)
  if (outputs.stdout !== 1) native().replaceDescriptor(outputs.stdout, 1)
  if (outputs.stderr !== 2) native().replaceDescriptor(outputs.stderr, 2)
  if (env !== undefined) changeEnvironment(env)
  if (inspectPort !== undefined) openInspector(inspectPort)
}

/**
 * Standard input is nothing, since two processes would take it from each other, and the parent's listeners for its end and its errors are
 * gone, with the exit code that it may have in mind: they are about the parent.
 */
export function detachFromParent(): void {
  native().replaceDescriptor(-1, 0)
  process.exitCode = undefined
  for (const event of ABOUT_THE_PARENT) if (process.listenerCount(event) > 0) process.removeAllListeners(event)
}

/** What reads a variable at its start has read it; all others see these. */
export function changeEnvironment(changes: Record<string, string | undefined>): void {
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete process.env[key]
    else process.env[key] = value
  }
}

function openInspector(port: number | 'auto'): void {
  const { open } = process.getBuiltinModule('node:inspector')
  open(port === 'auto' ? 0 : port, '127.0.0.1')
}

calledInChild(enterForked, detachFromParent, changeEnvironment)
