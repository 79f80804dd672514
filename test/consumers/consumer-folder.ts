// A user's project: a folder of its own, in which the package is installed by its name, and the programs that run there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const fixtures = join(repository, 'test/fixtures/consumers')

export interface ConsumerEnd {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A project with copies of these fixtures. It goes when the tests of the file are over. */
export function consumerFolder(files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyprocess-consumer-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(repository, join(folder, 'node_modules/polyprocess'))
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "type": "module", "private": true }\n')
  for (const file of files) copyFileSync(join(fixtures, file), join(folder, file))
  return folder
}

/** `node` with these parameters in the project, as from a user's shell: without what the test runner tells its children. */
export async function runNode(folder: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ConsumerEnd> {
  const child = spawn(process.execPath, parameters, {
    cwd: folder,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_V8_COVERAGE: undefined, NODE_OPTIONS: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const outputs = [text(child.stdout), text(child.stderr)]
  const [status] = (await once(child, 'exit')) as [number | null]
  const [stdout = '', stderr = ''] = await Promise.all(outputs)
  return { status, stdout, stderr }
}

/** What every way of writing the program prints. */
export const EXPECTED_OUTPUT = `closure 21
helper of this file 7
function of this file 7
helper of another file 12 12
instances true true 3
error of another file true no money 402
error of this file true no lines true
async 4
builtin b
json Brno
map 8,9,10
elsewhere true
`
