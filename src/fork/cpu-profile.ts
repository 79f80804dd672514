// `--cpu-prof` in a forked child. The profiler that Node has started samples from a thread, which a fork does not copy, and would wait for
// that thread at the end for ever. So a child has a profiler of its own, and leaves without stopping the other one.
import type { Session } from 'node:inspector'
import { calledInChild } from '../base/at-fork.ts'

let session: Session | null = null
/** Of its parents: what disposes of one waits for its thread. */
const inherited: Session[] = []

/** The words of Node's command line and of NODE_OPTIONS. */
function flags(): string[] {
  const { NODE_OPTIONS = '' } = process.env
  return [...process.execArgv, ...NODE_OPTIONS.split(/\s+/)]
}

/** `--flag=value` or `--flag value`; the last one counts. */
function valueOf(flag: string): string | undefined {
  const words = flags()
  const place = words.findLastIndex(word => word === flag || word.startsWith(`${flag}=`))
  const word = words[place]
  return word === flag ? words[place + 1] : word?.slice(flag.length + 1)
}

let isAskedFor = false

/** To be called in the parent: a child has no time to read flags. */
export function findProfiling(): void {
  isAskedFor = flags().includes('--cpu-prof')
}

/** In a forked child, at its start. */
export function startOwnProfile(): void {
  if (!isAskedFor) return
  if (session !== null) inherited.push(session)
  const { Session: Own } = process.getBuiltinModule('node:inspector')
  session = new Own()
  session.connect()
  session.post('Profiler.enable')
  const interval = Number(valueOf('--cpu-prof-interval'))
  if (interval > 0) session.post('Profiler.setSamplingInterval', { interval })
  session.post('Profiler.start')
}

/** At its end. False: there is none. */
export function writeOwnProfile(): boolean {
  if (session === null) return false
  // The inspector of one's own process answers within the call.
  session.post('Profiler.stop', (error, result) => {
    if (error === null) write(JSON.stringify(result.profile))
  })
  return true
}

function write(profile: string): void {
  const { mkdirSync, writeFileSync } = process.getBuiltinModule('node:fs')
  const { join } = process.getBuiltinModule('node:path')
  const folder = valueOf('--cpu-prof-dir') ?? process.cwd()
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, fileName()), profile)
  } catch (error) {
    process
      .getBuiltinModule('node:fs')
      .writeSync(2, `polyprocess: the CPU profile of process ${process.pid} could not be written: ${String(error)}\n`)
  }
}

/** As Node's own are called. A name that was given is its parent's, which would be overwritten. */
function fileName(): string {
  const given = valueOf('--cpu-prof-name')
  if (given !== undefined) return `${given.replace(/\.cpuprofile$/, '')}.${process.pid}.cpuprofile`
  const now = new Date()
  const digits = (count: number, ...numbers: number[]): string => numbers.map(number => String(number).padStart(count, '0')).join('')
  const date = `${now.getFullYear()}${digits(2, now.getMonth() + 1, now.getDate())}`
  const time = digits(2, now.getHours(), now.getMinutes(), now.getSeconds())
  return `CPU.${date}.${time}.${process.pid}.0.001.cpuprofile`
}

calledInChild(startOwnProfile, writeOwnProfile)
