// The file of a trace: whole lines, a piece at a time.
import { MultiprocessingError } from '../../base/errors.ts'
import { expected } from '../../base/validate.ts'

const PIECE = 64 * 1024

export class TraceOutput {
  readonly path: string
  readonly #fd: number
  #lines = ''
  /** So many bytes are whole lines; what is beyond them was being written when the file failed. */
  #written = 0
  #isOpen = true

  /** Empties or makes the file, and writes the first event. @throws as TraceFile */
  constructor(file: unknown, first: string) {
    this.path = checkFile(file)
    try {
      this.#fd = fs().openSync(this.path, 'w')
    } catch (error) {
      throw traceError(this.path, error)
    }
    try {
      this.#lines = `[\n${first}`
      this.flush()
    } catch (error) {
      this.abandon()
      throw traceError(this.path, error)
    }
  }

  /** @throws the system's error, as `flush()` and `end()` */
  add(event: string): void {
    this.#lines += `,\n${event}`
    if (this.#lines.length >= PIECE) this.flush()
  }

  flush(): void {
    if (this.#lines === '') return
    const bytes = Buffer.from(this.#lines)
    fs().writeFileSync(this.#fd, bytes)
    this.#written += bytes.length
    this.#lines = ''
  }

  end(): void {
    this.#lines += '\n]\n'
    this.flush()
    this.#close()
  }

  /** After a failure: leaves a file that can be loaded, if the system lets it. */
  abandon(): void {
    this.#lines = ''
    if (!this.#isOpen) return
    attempt(() => fs().ftruncateSync(this.#fd, this.#written))
    if (this.#written > 0) attempt(() => fs().writeSync(this.#fd, '\n]\n', this.#written))
    attempt(() => this.#close())
  }

  /** Once: whether it fails or not, the number may be another file's afterwards. */
  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    fs().closeSync(this.#fd)
  }
}

/** The failure of a trace's file, with the system's code, and its error as the cause. */
export function traceError(path: string, cause: unknown): MultiprocessingError {
  const { code, message } = cause as NodeJS.ErrnoException
  return new MultiprocessingError(`The trace cannot be written to ${path}: ${message}`, { cause, ...(code === undefined ? {} : { code }) })
}

/** The failure that led here is what people are told. */
function attempt(call: () => void): void {
  try {
    call()
  } catch {
    // Devices and pipes have no length, and a full disk stays full.
  }
}

function checkFile(file: unknown): string {
  if (file instanceof URL) {
    if (file.protocol !== 'file:') throw new TypeError(expected('file', 'a path or a file: URL', file.href))
    return process.getBuiltinModule('node:url').fileURLToPath(file)
  }
  if (typeof file !== 'string' || file === '' || file.includes('\0')) throw new TypeError(expected('file', 'a path or a file: URL', file))
  return file
}

/** Loaded with the first trace. */
function fs(): typeof import('node:fs') {
  return process.getBuiltinModule('node:fs')
}
