// One program in every form in which people run programs. All print the same.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { consumerFolder, EXPECTED_OUTPUT, runNode } from './consumer-folder.ts'

const typescript = ['typescript-app.ts', 'typescript-helper.ts', 'data.json']

async function assertOutput(folder: string, parameters: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await runNode(folder, parameters)
  assert.equal(stdout, EXPECTED_OUTPUT, stderr)
  assert.equal(status, 0, stderr)
}

test('plain ES modules', () => assertOutput(consumerFolder(['esm-app.mjs', 'esm-helper.mjs', 'data.json']), ['esm-app.mjs']))

test('CommonJS', () => assertOutput(consumerFolder(['commonjs-app.cjs', 'commonjs-helper.cjs', 'data.json']), ['commonjs-app.cjs']))

test('the main module without its ending, and a folder', async () => {
  const folder = consumerFolder(['commonjs-app.cjs', 'commonjs-helper.cjs', 'data.json'])
  await assertOutput(folder, ['./commonjs-app.cjs'])
  await assertOutput(folder, ['-e', "require('./commonjs-app.cjs')"])
})

test('code on the command line', async () => {
  const code =
    "const { Pool } = require('polyprocess'); const factor = 2; const pool = new Pool(1); pool.apply(x => x * factor, [21]).then(x => { console.log(x); pool.close() })"
  const { stdout, stderr } = await runNode(consumerFolder([]), ['-e', code])
  assert.equal(stdout, '42\n', stderr)
})

test('TypeScript as Node itself runs it', async context => {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major < 22) return context.skip(`Node ${major} does not run TypeScript`)
  await assertOutput(consumerFolder(typescript), ['--experimental-strip-types', '--no-warnings', 'typescript-app.ts'])
})

test('TypeScript by tsx, as a command and as a loader', async () => {
  const folder = consumerFolder(typescript)
  await assertOutput(folder, [fileURLToPath(import.meta.resolve('tsx/cli')), 'typescript-app.ts'])
  await assertOutput(folder, ['--import', import.meta.resolve('tsx/esm'), 'typescript-app.ts'])
})

for (const format of ['esm', 'cjs'] as const) {
  for (const minify of [false, true]) {
    for (const keepNames of [false, true]) {
      const title = `a bundle: ${format}${minify ? ', minified' : ''}${keepNames ? ', names kept' : ''}`
      test(title, async () => {
        const folder = consumerFolder(typescript)
        const outfile = join(folder, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`)
        await build({
          absWorkingDir: folder,
          entryPoints: ['typescript-app.ts'],
          outfile,
          bundle: true,
          platform: 'node',
          target: 'node20.19',
          external: ['polyprocess'],
          format,
          minify,
          keepNames,
          logLevel: 'silent',
        })
        await assertOutput(folder, [outfile])
      })
    }
  }
}
