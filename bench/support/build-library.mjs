/**
 * The library bundled as `dist/` has it, with inner doors open that its users do not see: what the bars of `codec` and
 * `function-send` are about is no public function. The one file here that names places inside the sources.
 *
 * Of the sources as they are, so that no forgotten build is measured. The options are those of `scripts/build.mjs`: file by file, as
 * in `build/`, the codec would be a tenth slower.
 */

import { buildSync } from 'esbuild'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { libraryPath } from './open-library.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

const entry = [
  "export * from './src/index.ts'",
  "export { runChild } from './src/process/inside/run-child.ts'",
  "export { runTemplate } from './src/process/template/run-template.ts'",
  "export { runWorker } from './src/pool/worker/run-worker.ts'",
  "export { WorkerFunctions } from './src/pool/worker/worker-functions.ts'",
  "export { defineFunction } from './src/pool/definitions.ts'",
  "export { encodeStored, storeMessage } from './src/channel/stored-value.ts'",
  "export { encodeForTree, TREE_MESSAGES } from './src/channel/tree-messages.ts'",
  "export { readMessage, storeInBlock, takeFromBlock } from './src/channel/payload.ts'",
  "export { arena } from './src/memory/arena.ts'",
]

/** Writes the bundle and the programs of its child processes, unless they are there already. */
export function buildLibrary() {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    stdin: { contents: entry.join('\n'), resolveDir: root, sourcefile: 'library.ts' },
    outfile: libraryPath,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    format: 'cjs',
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: "'use strict'" },
    define: {
      'import.meta.dirname': '__dirname',
      STEPS_COMPILED_OUT: 'true',
      ADDON_FROM_BUNDLE: JSON.stringify('../../../dist/native/linux-x64/polyprocess.node'),
    },
  })
  const folder = dirname(dirname(libraryPath))
  writeWhereNew(libraryPath, outputFiles[0]?.text ?? '')
  writeWhereNew(`${folder}/package.json`, '{ "type": "commonjs" }\n')
  for (const [program, run] of Object.entries({ child: 'runChild', template: 'runTemplate', worker: 'runWorker' })) {
    writeWhereNew(`${folder}/programs/${program}-main.js`, `require('../process/library.js').${run}()\n`)
  }
}

/**
 * @param {string} path
 * @param {string} text
 */
function writeWhereNew(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
