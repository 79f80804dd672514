// The CPU profile of a forked child under --cpu-prof. Node's own profile is the parent's: the thread that takes the samples does not
// exist in the child, and to end the profile would be to wait for that thread, and to write over the parent's file. So it is left as it
// is, and the child samples itself anew.
import type { Session } from 'node:inspector'
import { calledInChild } from '../base/at-fork.ts'
import { nodeFlags, nodeFlagValue } from '../base/this-node.ts'
import { native } from '../native/load.ts'
import { connect, postTo } from '../wire/functions/inspector.ts'

interface Recording {
  /** Null when it could not be started, or has been written. */
  session: Session | null
  readonly folder: string
}

/** Null: this process is no forked child, or is not profiled. In a child of a child it is at first its parent's, which is left as it is. */
let recording: Recording | null = null

/** To be called in a forked child. Node's test runner passes on the interval alone, which asks for nothing. */
export function startCpuProfile(): void {
  if (!nodeFlags().includes('--cpu-prof')) return
  recording = { session: null, folder: process.getBuiltinModule('node:path').resolve(nodeFlagValue('--cpu-prof-dir') ?? '') }
  guardReallyExit()
  try {
    recording.session = startProfiler()
  } catch (error) {
    report(error)
  }
}

/** Writes the profile of this process. False: it has none of its own, and may end as Node does. */
export function endCpuProfile(): boolean {
  if (recording === null) return false
  try {
    writeProfile(recording)
  } catch (error) {
    report(error)
  }
  return true
}

function startProfiler(): Session {
  const session = connect()
  const interval = Number(nodeFlagValue('--cpu-prof-interval'))
  postTo(session, 'Profiler.enable', {})
  if (interval > 0) postTo(session, 'Profiler.setSamplingInterval', { interval })
  postTo(session, 'Profiler.start', {})
  return session
}

/** Node would end its own profile there. Programs that call it do so instead of `process.exit`. */
function guardReallyExit(): void {
  const reallyExit = (code?: number): never => {
    endCpuProfile()
    return native().exitNow(Number(code ?? process.exitCode ?? 0) & 0xff)
  }
  Object.assign(process, { reallyExit })
}

function writeProfile(ended: Recording): void {
  const { session, folder } = ended
  if (session === null) return
  ended.session = null
  const { mkdirSync, writeFileSync } = process.getBuiltinModule('node:fs')
  const { profile } = postTo<{ profile: object }>(session, 'Profiler.stop', {})
  mkdirSync(folder, { recursive: true })
  writeFileSync(process.getBuiltinModule('node:path').join(folder, fileName()), JSON.stringify(profile))
}

/** What newer versions of Node replace in a name. */
const PID = /\$\{pid\}/g

/** As Node has it: CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile; a name that was given is the parent's, and has the pid added to it. */
function fileName(): string {
  const given = nodeFlagValue('--cpu-prof-name')
  if (given === undefined) return `CPU.${timeInName(new Date())}.${process.pid}.0.001.cpuprofile`
  if (given.search(PID) >= 0) return given.replaceAll(PID, String(process.pid))
  const { dir, name, ext } = process.getBuiltinModule('node:path').parse(given)
  return process.getBuiltinModule('node:path').join(dir, `${name}.${process.pid}${ext}`)
}

function timeInName(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const date = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`
  return `${date}.${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`
}

function report(error: unknown): void {
  const what = error instanceof Error ? error.message : String(error)
  try {
    process.getBuiltinModule('node:fs').writeFileSync(2, `The CPU profile of process ${process.pid} is not written: ${what}\n`)
  } catch {
    // Nobody reads it, or the pipe is full.
  }
}

calledInChild(startCpuProfile)
