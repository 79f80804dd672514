// The first steps of a child that was forked, by its parent or by the template, before it is like any other child.
import { calledInChild } from '../../base/at-fork.ts'
import type { OwnerId } from '../../memory/identity.ts'
import { native } from '../../native/load.ts'
import type { Outputs } from '../methods/launch.ts'
import { changedEnvironment } from '../methods/command-line.ts'
import { takePlace } from './become-child.ts'

export interface ForkedAs {
  readonly id: OwnerId
  readonly outputs: Outputs
  readonly env?: Record<string, string | undefined> | undefined
  readonly inspectPort?: number | 'auto' | undefined
  /**
   * fork(2) itself, which changes nothing else. Otherwise standard input is nothing, since two processes would take it from each other,
   * and the parent's listeners for its end and its errors are gone: they are about the parent.
   */
  readonly isRaw?: boolean
}

const ABOUT_THE_PARENT = ['exit', 'beforeExit', 'uncaughtException', 'uncaughtExceptionMonitor', 'unhandledRejection', 'rejectionHandled']

export function enterForked({ id, outputs, env, inspectPort, isRaw = false }: ForkedAs): void {
  takePlace(id)
  if (!isRaw) {
    native().replaceDescriptor(-1, 0)
    for (const event of ABOUT_THE_PARENT) if (process.listenerCount(event) > 0) process.removeAllListeners(event)
  }
  if (outputs.stdout !== 1) native().replaceDescriptor(outputs.stdout, 1)
  if (outputs.stderr !== 2) native().replaceDescriptor(outputs.stderr, 2)
  if (env !== undefined) setEnvironment(changedEnvironment(env))
  if (inspectPort !== undefined) openInspector(inspectPort)
}

/** What reads a variable at its start has read it; all others see these. */
export function setEnvironment(variables: Record<string, string>): void {
  for (const key of Object.keys(process.env)) if (!Object.hasOwn(variables, key)) delete process.env[key]
  for (const [key, value] of Object.entries(variables)) if (process.env[key] !== value) process.env[key] = value
}

function openInspector(port: number | 'auto'): void {
  const { open } = process.getBuiltinModule('node:inspector')
  open(port === 'auto' ? 0 : port, '127.0.0.1')
}

calledInChild(enterForked, setEnvironment)
