// The program's main module in a child. Functions of it travel as code, so it is not imported there; but a module that the child
// needs may import it all the same. Then the program would begin again, and start its processes again, and so on without end.
//
// So a child asks, before it starts a process, on whose account it does: whose code is at the bottom of the stack. That is the task
// that it was given, or a module; if it is the main module, not as code that was sent but as it was imported, the program has begun
// again. (Asynchronous functions count: V8 shows who awaits them.)
import { MultiprocessingError } from '../../base/errors.ts'
import { isOurs } from '../../base/own-files.ts'
import { wasCompiledHere } from '../../wire/functions/compile.ts'
import { isMainModule } from '../../wire/modules/main-module.ts'
import { hasMainRun } from './current.ts'

/** @throws MultiprocessingError `ERR_BOOTSTRAPPING` in a child that runs the main module as a program */
export function checkBootstrapping(): void {
  if (hasMainRun()) return
  const places = stackOfFiles()
  const bottom = places.findLast(({ file }) => !file.startsWith('node:') && !isOurs(file))
  if (bottom === undefined || !isMainModule(bottom.file) || wasCompiledHere(bottom.file, bottom.line)) return
  throw new MultiprocessingError(
    `A child process has imported the program's main module (${bottom.file}), and that starts processes. A module that the child needs imports it: move what they share to a module of its own`,
    { code: 'ERR_BOOTSTRAPPING' },
  )
}

interface Place {
  readonly file: string
  /** From 1 on. */
  readonly line: number
}

/** As V8 has it: source maps would name other files. */
function stackOfFiles(): Place[] {
  const { stackTraceLimit, prepareStackTrace } = Error
  try {
    Error.stackTraceLimit = 200
    Error.prepareStackTrace = (_error, sites) => sites
    const sites = new Error('Where are we?').stack as unknown as NodeJS.CallSite[]
    return sites.flatMap(site => {
      const file = site.getFileName()
      return typeof file === 'string' && file !== '' ? [{ file, line: site.getLineNumber() ?? 0 }] : []
    })
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    Error.prepareStackTrace = prepareStackTrace
  }
}
