// What the program of a template does: load what is to be loaded, say hello, serve.
import { isBuiltin } from 'node:module'
import { hasLoaderThread } from '../../fork/dangers.ts'
import { prepareFork } from '../../fork/fork.ts'
import { forkSupport } from '../../fork/support.ts'
import { arena } from '../../memory/arena.ts'
import { native } from '../../native/load.ts'
import { ring } from '../../sync/waiting/doorbell.ts'
import { importModule } from '../../base/compiled-code.ts'
import { nodeFlags } from '../../base/this-node.ts'
import { changedEnvironment } from '../methods/command-line.ts'
import { becomeChild } from '../inside/become-child.ts'
import type { ChildArgument } from '../inside/child-argument.ts'
import { HELLO, SOCKET_FD, USELESS } from './protocol.ts'
import { becomeChildOf, serve } from './serve.ts'

export interface TemplateArgument extends ChildArgument {
  readonly preload: readonly string[]
  readonly onError: 'ignore' | 'warn' | 'fail'
}

export async function runTemplate(): Promise<void> {
  const environment = changedEnvironment()
  const { preload, onError, parent } = becomeChild<TemplateArgument>({ isTemplate: true })
  native().setCloseOnExec(SOCKET_FD, true)
  const owner = openOwner(parent.pid)
  for (const module of preload) await load(module, onError)
  const mayFork = canFork(preload)
  sayHello(mayFork ? HELLO : USELESS)
  ring(arena().slots.responsibleFor(arena().slot))
  // While the first order is on its way.
  if (mayFork) prepareFork()
  // With no promise beneath, so that children begin with an empty stack.
  setImmediate(() => becomeChildOf(serve({ socket: SOCKET_FD, owner, environment })))
}

/** The owner's pid is its own as long as its socket is open, which is looked at next. */
function openOwner(pid: number): number {
  try {
    return native().pidfdOpen(pid)
  } catch {
    return native().exitNow(0)
  }
}

/** Where a flag or a module may have changed what Node can do, it is tried; otherwise the inspector, which takes 3 ms, is loaded afterwards. */
function canFork(preload: readonly string[]): boolean {
  const isPlain = preload.length === 0 && nodeFlags().every(flag => flag === '')
  if (isPlain) return forkSupport().available && process.features.inspector
  try {
    prepareFork()
    return !hasLoaderThread()
  } catch {
    return false
  }
}

/** Who is gone by now needs no template. */
function sayHello(word: typeof HELLO | typeof USELESS): void {
  try {
    native().sendDescriptor(SOCKET_FD, 0, word)
  } catch {
    native().exitNow(0)
  }
}

async function load(module: string, onError: TemplateArgument['onError']): Promise<void> {
  try {
    if (!isBuiltin(module)) await importModule(module)
    else process.getBuiltinModule(module)
  } catch (error) {
    if (onError === 'ignore') return
    process.stderr.write(`polyprocess: the module ${module} of the preload list could not be loaded\n`)
    if (onError === 'fail') throw error
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  }
}
