// Turns the sources into what is published (dist) and what is tested (build).
// Usage: node scripts/build.mjs [bundle] [types] [tests]   (all of them without arguments)
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkBundle, restoreClassNames } from './support/check-bundle.mjs'
import { filesBelow, root } from './support/files.mjs'
import { runMain, runNode, ScriptError } from './support/run.mjs'

const builders = { bundle, types, tests }

/**
 * One file loads in 2 ms where forty take 12, so the published library is bundled. The library and all shared chunks lie in
 * dist/process, because src/process finds its program with `new URL('./child-main.js', import.meta.url)`, bundled or not.
 */
async function bundle() {
  const { build } = await import('esbuild')
  const programs = filesBelow('src').filter(path => path.endsWith('-main.ts'))
  const result = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: 'src/index.ts', out: 'process/library' },
      ...programs.map(path => ({ in: path, out: path.slice('src/'.length, -'.ts'.length) })),
    ],
    outdir: 'dist',
    chunkNames: 'process/chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    external: ['#addon'],
    // src/memory/words.ts: the steps at which tests interfere are for tests. Folding constants is what makes them vanish.
    define: { STEPS_COMPILED_OUT: 'true' },
    minifySyntax: true,
    sourcemap: 'linked',
    legalComments: 'none',
    metafile: true,
    write: true,
    logLevel: 'silent',
  }).catch(error => {
    throw new ScriptError(error.message)
  })
  writeFileSync(join(root, 'dist/index.js'), "export * from './process/library.js'\n")
  const outputs = [...Object.keys(result.metafile.outputs), 'dist/index.js']
  removeOthers('dist', path => outputs.includes(path) || path.endsWith('.d.ts') || path.startsWith('dist/native/'))
  const programsAndChunks = outputs.filter(path => path.endsWith('.js'))
  makeExecutable(programsAndChunks)
  restoreClassNames(programsAndChunks)
  checkBundle(programsAndChunks)
}

/** Declarations of what `index.d.ts` leads to; the rest of the sources is nobody's business. */
async function types() {
  await compile('tsconfig.build.json')
  const needed = new Set(['dist/index.d.ts'])
  for (const path of needed) {
    // The compiler rewrites `./file.ts` in JavaScript only; not every reader of a declaration finds file.d.ts behind it.
    const text = readFileSync(join(root, path), 'utf8').replaceAll(/((?:from |import\()['"]\.[^'"]+)\.ts(?=['"])/g, '$1.js')
    writeFileSync(join(root, path), text)
    for (const [, target] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)) {
      needed.add(join(dirname(path), `${target}.d.ts`))
    }
  }
  removeOthers('dist', path => needed.has(path) || !path.endsWith('.d.ts'))
}

/** The tests run against unbundled sources, so that each one meets only the file it is about. */
async function tests() {
  const files = [...filesBelow('src'), ...filesBelow('test')]
  const sources = new Set(files)
  // A test whose source is gone would otherwise run for ever.
  removeOthers('build', path => !/^build\/(src|test)\//.test(path) || sources.has(sourceOf(path)))
  for (const path of files.filter(file => !file.endsWith('.ts'))) {
    mkdirSync(join(root, 'build', dirname(path)), { recursive: true })
    cpSync(join(root, path), join(root, 'build', path))
  }
  // Last, because the compiler writes its files even when it finds an error: the other tests can be run by hand meanwhile.
  await compile('tsconfig.json')
}

/** @param {string} path */
function sourceOf(path) {
  const source = path.slice('build/'.length)
  return source.replace(/\.js(\.map)?$/, '.ts')
}

/** @param {string} project */
async function compile(project) {
  const { status, output } = await runNode(['node_modules/typescript/bin/tsc', '-p', project, '--pretty', 'false'], { quiet: true })
  if (status !== 0) throw new ScriptError(output.trimEnd())
}

/**
 * @param {string} folder
 * @param {(path: string) => boolean} keep
 */
function removeOthers(folder, keep) {
  for (const path of filesBelow(folder)) {
    if (!keep(path)) rmSync(join(root, path))
  }
}

/** @param {readonly string[]} outputs */
function makeExecutable(outputs) {
  for (const path of outputs) {
    if (readFileSync(join(root, path), 'utf8').startsWith('#!')) chmodSync(join(root, path), 0o755)
  }
}

await runMain(async () => {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(builders)
  for (const name of wanted) {
    if (!Object.hasOwn(builders, name)) throw new ScriptError(`Expected one of ${Object.keys(builders).join(', ')}, got ${name}`)
    await builders[/** @type {keyof typeof builders} */ (name)]()
  }
})
