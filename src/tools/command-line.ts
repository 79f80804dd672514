// The commands and their options. A command returns the status that the program exits with:
// 0 all succeeded, 1 something failed, 2 called wrongly, 128 + n ended by signal n (141, SIGPIPE: nobody reads the output).
import { Command, CommanderError } from 'commander'
import { runDoctor } from './doctor/run-doctor.ts'
import { tolerateClosedPipes } from './closed-pipes.ts'
import type { MapOptions } from './map/map-run.ts'
import { runMap } from './map/run-map.ts'
import { parseCount, parseDuration, parseRetries, parseSize } from './option-values.ts'
import { UsageError } from './usage-error.ts'

const USAGE_STATUS = 2

export interface ProgramFacts {
  readonly version: string
  /** The module of which the pool's processes call the exports. */
  readonly mapTaskUrl: URL
}

/** Runs the program with these arguments and returns its exit status. */
export async function runCommandLine(words: readonly string[], facts: ProgramFacts): Promise<number> {
  tolerateClosedPipes()
  let status = 0
  const program = makeProgram(facts)
  program.addCommand(
    makeMapCommand(async (target, items, options) => {
      status = await runMap(target, items, options, facts.mapTaskUrl)
    }),
  )
  program.addCommand(
    makeDoctorCommand(async options => {
      status = await runDoctor(options)
    }),
  )
  try {
    await program.parseAsync(words, { from: 'user' })
    return status
  } catch (error) {
    return statusOfUsage(error)
  }
}

function statusOfUsage(error: unknown): number {
  // Commander has printed its own message by now. Its status is 0 after --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_STATUS
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`polyprocess: ${error.message}\n`)
  return USAGE_STATUS
}

function makeProgram({ version }: ProgramFacts): Command {
  return command('polyprocess').description("Python's multiprocessing for Node.js, from the command line.").version(version)
}

function makeMapCommand(action: (target: string, items: string[], options: MapOptions) => Promise<void>): Command {
  return command('map')
    .description('Call a function for each item, on all cores. Items are arguments, else the lines of standard input.')
    .argument('<function>', "<module>#<export>: a path, file URL or package, and the export, 'default' unless given")
    .argument('[items...]', 'items; after --, they may begin with a dash')
    .option('-j, --jobs <n>', 'how many processes (default: the cores that this process may use)', parseCount)
    .option('-c, --chunk-size <n>', 'items that travel together; more is faster for short calls', parseCount, 1)
    .option('-o, --ordered', "print results in the items' order, not as they come", false)
    .option('--progress', 'show progress on standard error (default: if it is a terminal)')
    .option('--no-progress', 'show no progress')
    .option('--timeout <duration>', 'what an item may take, such as 500ms, 30s, 5m or 1h; its process is ended then', parseDuration)
    .option('--retries <n>', 'how many more times an item is tried that has failed, whatever the reason', parseRetries, 0)
    .option('--max-memory <size>', 'replace a process that has more, such as 512M or 2G, when its items are done', parseSize)
    .option('--json', 'items are JSON, and results are printed as JSON', false)
    .addHelpText('after', MAP_HELP)
    .action(action)
}

const MAP_HELP = `
Results are printed one per line. Without --json an item is a string, and a result is printed as String(result), an object as JSON.
A failed item does not stop the others; failures are listed on standard error when all is done.

Of --chunk-size items that travel together, --timeout bounds the sum: so many times the duration. What failed is tried again item by item.

Exit status: 0 every item succeeded, 1 an item failed, 2 called wrongly, 130 or 143 interrupted or terminated,
141 standard output was closed by its reader.

Example: ls *.png | polyprocess map ./thumbnail.js#shrink --jobs 4`

function makeDoctorCommand(action: (options: { json: boolean }) => Promise<void>): Command {
  return command('doctor')
    .description('Tell what this machine offers, and what to do about what is missing.')
    .option('--json', 'print one JSON object', false)
    .action(action)
}

/** Commander would call process.exit, which loses output that a slow reader has not taken yet. */
function command(name: string): Command {
  return new Command(name).exitOverride().showHelpAfterError('(--help says more)')
}
