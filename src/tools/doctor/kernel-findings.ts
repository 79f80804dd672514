import { createServer } from 'node:net'
import type { Diagnostics } from '../../index.ts'
import type { Finding } from './finding.ts'

interface Mechanism {
  readonly name: string
  /** The version of Linux that brought it. */
  readonly since: string
  readonly purpose: string
}

// By the names under which the library reports them.
const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  memfd: { name: 'memfd_create', since: '3.17', purpose: 'shared memory' },
  seals: { name: 'memfd seals', since: '3.17', purpose: 'shared memory that nobody can shrink' },
  futex: { name: 'futex', since: '2.6', purpose: 'blocking waits' },
  pidfdOpen: { name: 'pidfd_open', since: '5.3', purpose: 'learning that a process has ended' },
  pidfdSignal: { name: 'pidfd_send_signal', since: '5.1', purpose: 'ending that process and no other' },
  waitidPidfd: { name: 'waitid(P_PIDFD)', since: '5.4', purpose: 'exit codes' },
  closeRange: { name: 'close_range', since: '5.9', purpose: 'starting processes without foreign descriptors' },
}

export function findKernel(kernel: Readonly<Record<string, boolean>>): Finding[] {
  return Object.entries(kernel).map(([key, present]) =>
    kernelFinding(MECHANISMS[key] ?? { name: key, since: '', purpose: 'the library' }, present),
  )
}

/** The library's own report leaves this out, because Node.js can tell by itself. */
export async function findAbstractSockets(): Promise<Finding> {
  const server = createServer()
  const works = await new Promise<boolean>(resolve => {
    server.on('error', () => resolve(false))
    server.listen({ path: `\0polyprocess-doctor-${process.pid}` }, () => resolve(true))
  })
  if (works) await new Promise(resolve => server.close(resolve))
  return kernelFinding({ name: 'abstract sockets', since: '2.2', purpose: 'waking the event loop of another process' }, works)
}

function kernelFinding({ name, since, purpose }: Mechanism, present: boolean): Finding {
  return {
    area: 'kernel',
    name,
    state: present ? 'ok' : 'missing',
    required: true,
    value: present ? 'works' : `refused; needed for ${purpose}`,
    advice: present ? null : adviseOn(since),
  }
}

function adviseOn(since: string): string {
  const kernel = since === '' ? 'A newer kernel may have it' : `Linux has it since ${since}`
  return `${kernel}. If this one is new enough, a container's seccomp profile forbids it: allow it there.`
}

/** One of them is enough, and `spawn` is the one that works wherever the addon does. */
export function findStartMethods(startMethods: Diagnostics['startMethods']): Finding[] {
  return Object.entries(startMethods).map(([name, { available, reason }]) => ({
    area: 'start methods',
    name,
    state: available ? 'ok' : 'missing',
    required: name === 'spawn',
    value: available ? 'works' : (reason ?? 'does not work here'),
    advice: available || name === 'spawn' ? null : "Use 'spawn'.",
  }))
}
