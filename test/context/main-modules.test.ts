// Programs of every form whose main module starts processes with functions of its own: no guard is needed, and nothing runs twice.
// CPython: test_multiprocessing_main_handling (test_basic_script, test_module_in_package, -c and standard input), TestNoForkBomb.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { ALL, FRESH, perMethod, type StartMethod } from '../process/methods.ts'

const folder = temporaryFolder()
const library = new URL('../../src/index.js', import.meta.url).href

const BODY = `
const factor = 41
function greet(word) { console.log(word + (factor + 1)) }
async function main(method) {
  console.log('program')
  const child = await new (getContext(method).Process)({ target: greet, args: ['child '] }).start()
  await child.join()
  console.log('exit code', child.exitCode)
}
`
const esModule = (method: string): string => `import { getContext } from '${library}'\n${BODY}\nawait main('${method}')\n`
const script = (method: string): string =>
  `let getContext\n${BODY}\nimport('${library}').then(all => { getContext = all.getContext; return main('${method}') })\n`

async function run(parameters: readonly string[], input = '', cwd = folder): Promise<string> {
  const program = spawn(process.execPath, ['--no-warnings', ...parameters], { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  program.stdin.end(input)
  const outputs = Promise.all([text(program.stdout), text(program.stderr)])
  const [status] = (await once(program, 'exit')) as [number | null]
  const [stdout, stderr] = await outputs
  assert.deepEqual([status, stderr], [0, ''])
  return stdout
}

const EXPECTED = 'program\nchild 42\nexit code 0\n'

function write(name: string, code: string): string {
  const path = join(folder, name)
  writeFileSync(path, code)
  return path
}

perMethod(ALL, 'an ES module', async (_, method) => {
  assert.equal(await run([write(`${method}.mjs`, esModule(method))]), EXPECTED)
})

perMethod(ALL, 'a CommonJS module', async (_, method) => {
  assert.equal(await run([write(`${method}.cjs`, script(method))]), EXPECTED)
})

perMethod(ALL, 'a relative path, and one without its extension', async (_, method) => {
  write(`relative-${method}.js`, script(method))
  writeFileSync(join(folder, 'package.json'), '{"type": "commonjs"}')
  assert.equal(await run([`./relative-${method}.js`]), EXPECTED)
  assert.equal(await run([`relative-${method}`]), EXPECTED)
})

perMethod(ALL, 'a folder with an index.js', async (_, method) => {
  const inner = join(folder, `folder-${method}`)
  mkdirSync(inner)
  copyFileSync(write(`index-${method}.cjs`, script(method)), join(inner, 'index.js'))
  assert.equal(await run([inner]), EXPECTED)
})

perMethod(ALL, 'a link to an ES module', async (_, method) => {
  const link = join(folder, `link-${method}.mjs`)
  symlinkSync(write(`linked-${method}.mjs`, esModule(method)), link)
  assert.equal(await run([link]), EXPECTED)
})

perMethod(ALL, 'code on the command line', async (_, method) => {
  assert.equal(await run(['--input-type=module', '-e', esModule(method)]), EXPECTED)
  assert.equal(await run(['--input-type=commonjs', '-e', script(method)]), EXPECTED)
})

perMethod(ALL, 'code on standard input', async (_, method) => {
  assert.equal(await run(['--input-type=module', '-'], esModule(method)), EXPECTED)
})

perMethod(ALL, 'a name with spaces, a hash and a letter that is not ASCII', async (_, method) => {
  assert.equal(await run([write(`a program # é ${method}.mjs`, esModule(method))]), EXPECTED)
})

/** A helper that imports the main module makes a child run it again: it must not start processes without end. */
perMethod(FRESH, 'a child that imports the main module all the same starts nothing there, and says why', async (_, method) => {
  const main = `bomb-${method}.mjs`
  write(`helper-${method}.mjs`, `import * as main from './${main}'\nexport function work() { return main.value }\n`)
  const code = `import { getContext } from '${library}'
import { work } from './helper-${method}.mjs'
export const value = 1
const child = await new (getContext('${method}').Process)({ target: work, stderr: 'pipe' }).start()
const errors = []
child.stderr.on('data', bytes => errors.push(bytes))
await child.join()
console.log('exit code', child.exitCode, String(Buffer.concat(errors)).includes('ERR_BOOTSTRAPPING'))
`
  assert.equal(await run([write(main, code)]), 'exit code 1 true\n')
})

perMethod(['fork'], 'a forked child that imports the main module has it as it is', async (_, method: StartMethod) => {
  const main = `no-bomb-${method}.mjs`
  write(`helper-${method}.mjs`, `import * as main from './${main}'\nexport function work() { process.exit(main.value) }\n`)
  const code = `import { getContext } from '${library}'
import { work } from './helper-${method}.mjs'
export let value = 1
value = 123
const child = await new (getContext('fork').Process)({ target: work }).start()
await child.join()
console.log('exit code', child.exitCode)
`
  assert.equal(await run([write(main, code)]), 'exit code 123\n')
})
