// Small programs that a test runs as a user would: a process of their own, whose end and whose descendants are looked at.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { isRunning } from './conditions.ts'

export interface ProgramOptions {
  readonly execArgv?: readonly string[]
  readonly env?: Record<string, string>
  /** It leads a process group of its own, to which signals can be sent as a terminal does. */
  readonly detached?: boolean
  /** Commands of the shell before the program: `ulimit -n 40`. */
  readonly shell?: string
}

export interface ProgramEnd {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export class Program {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly ended: Promise<ProgramEnd>
  #stderr = ''
  readonly #mark = `POLYPROCESS_TEST_PROGRAM=${randomUUID()}`

  /** Starts a fixture: `url` is its compiled module. */
  constructor(url: URL, parameters: readonly string[] = [], options: ProgramOptions = {}) {
    const { execArgv = [], env = {}, detached = false, shell } = options
    const [name, value] = this.#mark.split('=') as [string, string]
    const command = [process.execPath, ...execArgv, fileURLToPath(url), ...parameters]
    const words = shell === undefined ? command : ['bash', '-c', `${shell}; exec "$0" "$@"`, ...command]
    this.child = spawn(words[0] as string, words.slice(1), {
      detached,
      env: { ...process.env, ...env, [name]: value },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stdin.on('error', () => {}) // It may end without reading.
    this.ended = this.#collect()
  }

  get pid(): number {
    return this.child.pid as number
  }

  /** Its first line on standard output, parsed. */
  async firstLine<T>(): Promise<T> {
    const lines = createInterface({ input: this.child.stdout })
    const [line] = (await once(lines, 'line')) as [string]
    lines.close()
    this.child.stdout.resume()
    return JSON.parse(line) as T
  }

  /** What it has written to standard error so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** Those of the program and all that it started, directly or not, which still run. */
  processes(): number[] {
    const ids = readdirSync('/proc').map(Number).filter(Number.isInteger)
    return ids.filter(id => isRunning(id) && environmentOf(id).includes(this.#mark))
  }

  async #collect(): Promise<ProgramEnd> {
    this.child.stderr.setEncoding('utf8').on('data', (part: string) => {
      this.#stderr += part
    })
    const outputs = [text(this.child.stdout), once(this.child.stderr, 'end')] as const
    const [status, signal] = (await once(this.child, 'exit')) as [number | null, NodeJS.Signals | null]
    const [stdout] = await Promise.all(outputs)
    return { status, signal, stdout, stderr: this.#stderr }
  }
}

/** Runs a fixture to its end. */
export function runProgram(url: URL, parameters?: readonly string[], options?: ProgramOptions): Promise<ProgramEnd> {
  const program = new Program(url, parameters, options)
  program.child.stdin.end()
  return program.ended
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}
