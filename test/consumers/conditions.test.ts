// Programs under conditions that make a difference to who reads functions out of V8: test runner, coverage, debugger, source maps,
// permissions.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { consumerFolder, EXPECTED_OUTPUT, runNode } from './consumer-folder.ts'

const esm = ['esm-app.mjs', 'esm-helper.mjs', 'data.json']
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

test('under node --test, functions of a test file travel', async () => {
  const folder = consumerFolder(['node-test-app.mjs', 'esm-helper.mjs'])
  const { status, stdout } = await runNode(folder, ['--test', '--test-reporter=tap', 'node-test-app.mjs'])
  assert.match(stdout, /# pass 3\n/)
  assert.equal(status, 0, stdout)
})

interface Coverage {
  readonly result: readonly {
    url: string
    functions: readonly { functionName: string; ranges: readonly { startOffset: number; count: number }[] }[]
  }[]
}

test('under NODE_V8_COVERAGE a program works, and what its functions did in a worker is counted in its own file', async () => {
  const folder = consumerFolder(esm)
  const reports = join(folder, 'coverage')
  const { status, stdout, stderr } = await runNode(folder, ['esm-app.mjs'], { NODE_V8_COVERAGE: reports })
  assert.deepEqual([status, stdout], [0, EXPECTED_OUTPUT], stderr)
  const url = pathToFileURL(join(folder, 'esm-app.mjs')).href
  const source = readFileSync(join(folder, 'esm-app.mjs'), 'utf8')
  const all = readdirSync(reports).map(name => JSON.parse(readFileSync(join(reports, name), 'utf8')) as Coverage)
  const functions = all.flatMap(({ result }) => result.filter(script => script.url === url)).flatMap(script => script.functions)
  assert.ok(functions.length > 0, 'the program is in the report')
  const place = source.indexOf('function discount')
  const runs = functions.filter(({ ranges }) => ranges[0]?.startOffset === place && (ranges[0]?.count ?? 0) > 0)
  assert.ok(runs.length > 0, 'discount() runs in the worker only')
})

test('with a debugger’s port open', async () => {
  const { status, stdout, stderr } = await runNode(consumerFolder(esm), ['--inspect=0', 'esm-app.mjs'])
  assert.deepEqual([status, stdout], [0, EXPECTED_OUTPUT], stderr)
  assert.equal(stderr.match(/Debugger listening/g)?.length, 1)
})

for (const sourcemap of ['linked', 'inline'] as const) {
  test(`with source maps (${sourcemap}), stacks from a worker point at the user’s lines`, async () => {
    const sources = ['source-map-app.ts', 'source-map-helper.ts']
    const folder = consumerFolder(sources)
    const outfile = join(folder, 'out/bundle.mjs')
    await build({
      absWorkingDir: folder,
      entryPoints: ['source-map-app.ts'],
      outfile,
      bundle: true,
      platform: 'node',
      external: ['polyprocess'],
      format: 'esm',
      minify: true,
      sourcemap,
      logLevel: 'silent',
    })
    const { stdout, stderr } = await runNode(folder, ['--enable-source-maps', outfile])
    const stacks = JSON.parse(stdout || 'null') as string[] | null
    assert.ok(stacks !== null, stderr)
    for (const [index, file] of sources.entries()) {
      const lines = readFileSync(join(folder, file), 'utf8').split('\n')
      const line = 1 + lines.findIndex(text => text.includes('This line is looked for'))
      assert.match(stacks[index] ?? '', new RegExp(`at .*${join(folder, file).replaceAll('.', '\\.')}:${line}:\\d+`))
    }
  })
}

test('where the permission model forbids the inspector, functions by reference work', async context => {
  const folder = consumerFolder(['reference-app.mjs', 'reference-app-worker.mjs', 'esm-helper.mjs'])
  const flags = [
    major >= 24 ? '--permission' : '--experimental-permission',
    '--allow-fs-read=*',
    '--allow-fs-write=*',
    '--allow-child-process',
    ...(major >= 22 || minor >= 13 ? ['--allow-addons'] : []),
    '--no-warnings',
  ]
  const { stdout, stderr } = await runNode(folder, [...flags, 'reference-app.mjs'])
  if (/bad option/.test(stderr)) return context.skip(`this Node has no ${flags.join(' ')}`)
  assert.equal(stdout, 'reference 12\nargument 24\nclosure ERR_NOT_SUPPORTED true true\n', stderr)
})
