// The matrix once more, played by programs: functions and classes of a main module cannot be imported by another process. And by
// bundles, where everything is the main module.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { PlayedRow } from '../fixtures/matrix/play-tables.ts'
import { type ProgramOptions, runProgram } from '../helpers/programs.ts'

const library = new URL('../../src/index.js', import.meta.url)
const fixtures = new URL('../fixtures/matrix/', import.meta.url)
const repository = fileURLToPath(new URL('../../../', import.meta.url))

/** One subtest a row, and one for the program's end. */
async function playProgram(
  name: string,
  program: URL,
  fewest: number,
  options: ProgramOptions = {},
  parameters: readonly string[] = [],
): Promise<void> {
  const { status, signal, stdout, stderr } = await runProgram(program, parameters, options)
  const played = stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as PlayedRow)
  test(`${name} plays all its rows and ends`, () => {
    assert.deepEqual([status, signal], [0, null], stderr)
    assert.ok(played.length >= fewest, `${played.length} rows: ${stderr}`)
  })
  for (const { title, failure } of played) test(`${name}: ${title}`, () => assert.ok(failure === null, String(failure)))
}

/** All modules in one file, beside the compiled tables. Its library is the published package, as a user's bundler leaves it. */
async function playBundle(name: string, { minify }: { minify: boolean }): Promise<void> {
  const outfile = fileURLToPath(new URL(`bundle-${process.pid}.mjs`, import.meta.url))
  try {
    await build({
      entryPoints: [`${repository}/test/fixtures/matrix/main-program.ts`],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      minify,
      keepNames: minify,
      logLevel: 'silent',
      plugins: [{ name: 'library-is-installed', setup: ({ onResolve }) => onResolve({ filter: /src\/index\.ts$/ }, useInstalledLibrary) }],
    })
    await playProgram(name, pathToFileURL(outfile), 400, { env: { MATRIX_BUNDLE: '1' } })
  } finally {
    rmSync(outfile, { force: true })
  }
}

function useInstalledLibrary(): { path: string; external: boolean } {
  return { path: 'polyprocess', external: true }
}

await playProgram('an ES module', new URL('main-program.js', fixtures), 400)
await playProgram('a CommonJS program', new URL('commonjs-program.cjs', fixtures), 12, {}, [library.href])
await playBundle('a bundle', { minify: false })
await playBundle('a minified bundle', { minify: true })
