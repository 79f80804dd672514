// Turns the sources into what is published (dist) and what is tested (build).
// Usage: node scripts/build.mjs [bundle] [types] [tests]   (all of them without arguments)
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkBundle, restoreClassNames } from './support/check-bundle.mjs'
import { bundleForTests } from './support/test-library.mjs'
import { filesBelow, root } from './support/files.mjs'
import { runMain, runNode, ScriptError } from './support/run.mjs'

const builders = { bundle, types, tests }

/** What the bundles of the library and of the tools have in common. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: /** @type {const} */ ('node'),
  target: 'node20.19',
  packages: /** @type {const} */ ('external'),
  // Folding constants is what makes the test builds' steps vanish.
  minifySyntax: true,
  sourcemap: /** @type {const} */ ('linked'),
  // The bundle is readable as it is; its sources would be half of the package.
  sourcesContent: false,
  legalComments: /** @type {const} */ ('none'),
  metafile: /** @type {const} */ (true),
  logLevel: /** @type {const} */ ('silent'),
}

/** The ways in (`polyprocess`, `polyprocess/queue`, `polyprocess/futures`), and the source that names what each has. */
const doors = { index: 'src/index.ts', queue: 'src/queue.ts', futures: 'src/futures.ts' }

/** The functions that the programs of child processes call, and the files they are in. */
const programs = { 'programs/child-main': 'runChild', 'programs/template-main': 'runTemplate', 'programs/worker-main': 'runWorker' }

/**
 * The library is one CommonJS file. A child process of it is ready sooner by 14 ms than from forty ES modules and by 4 ms than
 * from one: Node starts its ES module loader only for the user's modules, and not at all if there are none. ES modules get the same
 * file by way of dist/index.js and the other doors, and the library has one state in a process however it is loaded.
 */
async function bundle() {
  const { build } = await import('esbuild')
  const entry = [
    // A name that two doors have is the same thing in both: of two things, the library would have neither.
    ...Object.values(doors).map(path => `export * from './${path}'`),
    "export { runChild } from './src/process/inside/run-child.ts'",
    "export { runTemplate } from './src/process/template/run-template.ts'",
    "export { runWorker } from './src/pool/worker/run-worker.ts'",
  ]
  const library = await build({
    ...common,
    stdin: { contents: entry.join('\n'), resolveDir: root, sourcefile: 'library.ts' },
    outfile: 'dist/process/library.js',
    format: 'cjs',
    // Modules are strict, and what was one file by file must not become sloppy as a script.
    banner: { js: "'use strict'" },
    define: {
      'import.meta.dirname': '__dirname',
      // src/memory/words.ts: the steps at which tests interfere are for tests.
      STEPS_COMPILED_OUT: 'true',
      ADDON_FROM_BUNDLE: JSON.stringify('../native/linux-x64/polyprocess.node'),
    },
  }).catch(bundlerFailed)
  const boot = await build({ ...common, entryPoints: ['src/boot/load-library.ts'], outdir: 'dist/process', format: 'cjs' }).catch(
    bundlerFailed,
  )
  const tools = await bundleTools(build)
  const outputs = [
    ...Object.keys(library.metafile.outputs),
    ...Object.keys(boot.metafile.outputs),
    ...Object.keys(tools.metafile.outputs),
    ...(await writeDoors(build)),
  ]
  removeOthers('dist', path => outputs.includes(path) || path.endsWith('.d.ts') || path.startsWith('dist/native/'))
  const code = outputs.filter(path => path.endsWith('.js'))
  makeExecutable(code)
  restoreClassNames(code)
  checkBundle(code)
}

/**
 * The tools see of the library what its users see: dist/index.js.
 * @param {typeof import('esbuild').build} build
 */
function bundleTools(build) {
  const mains = filesBelow('src/tools').filter(path => path.endsWith('-main.ts'))
  return build({
    ...common,
    entryPoints: mains.map(path => ({ in: path, out: path.slice('src/'.length, -'.ts'.length) })),
    outdir: 'dist',
    chunkNames: 'tools/chunk-[hash]',
    splitting: true,
    format: 'esm',
    plugins: [
      {
        name: 'library-is-beside',
        setup: ({ onResolve }) => onResolve({ filter: /\/index\.ts$/ }, () => ({ path: '../index.js', external: true })),
      },
    ],
  }).catch(bundlerFailed)
}

/**
 * @param {Error} error
 * @returns {never}
 */
function bundlerFailed(error) {
  throw new ScriptError(error.message)
}

/**
 * @param {typeof import('esbuild').build} build
 * @param {string} path
 */
async function exportsOf(build, path) {
  const { metafile } = await build({ ...common, entryPoints: [path], outdir: 'dist', format: 'esm', write: false }).catch(bundlerFailed)
  const output = Object.values(metafile.outputs).find(each => each.entryPoint === path)
  return output?.exports ?? []
}

/**
 * What is written and not compiled: the ways in for ES modules, and the programs of child processes.
 * @param {typeof import('esbuild').build} build
 * @returns {Promise<string[]>} the files
 */
async function writeDoors(build) {
  /** @type {Record<string, string>} */
  const files = {}
  for (const [name, path] of Object.entries(doors)) files[`dist/${name}.js`] = doorFor(await exportsOf(build, path))
  for (const [program, name] of Object.entries(programs)) {
    const folder = dirname(program)
    files[`dist/${program}.js`] = `require('../process/load-library.js').${name}()\n`
    files[`dist/${folder}/package.json`] = '{ "type": "commonjs" }\n'
  }
  files['dist/process/package.json'] = '{ "type": "commonjs" }\n'
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return Object.keys(files)
}

/** @param {readonly string[]} names */
function doorFor(names) {
  const lines = [
    "import { createRequire } from 'node:module'",
    "const library = createRequire(import.meta.url)('./process/load-library.js')",
    `export const { ${names.join(', ')} } = library`,
  ]
  return `${lines.join('\n')}\n`
}

/** Declarations of what the doors lead to; the rest of the sources is nobody's business. */
async function types() {
  await compile('tsconfig.build.json')
  const needed = new Set(Object.keys(doors).map(name => `dist/types/${name}.d.ts`))
  for (const path of needed) {
    // The compiler rewrites `./file.ts` in JavaScript only; not every reader of a declaration finds file.d.ts behind it.
    const text = readFileSync(join(root, path), 'utf8').replaceAll(/((?:from |import |import\()['"]\.[^'"]+)\.ts(?=['"])/g, '$1.js')
    writeFileSync(join(root, path), text)
    for (const [, target] of text.matchAll(/(?:from |import |import\()['"](\.[^'"]+)\.js['"]/g)) {
      needed.add(join(dirname(path), `${target}.d.ts`))
    }
  }
  removeOthers('dist', path => needed.has(path) || !path.endsWith('.d.ts'))
}

/** The tests meet each file of the sources by its own name, and with its steps (src/memory/words.ts). */
async function tests() {
  const files = [...filesBelow('src'), ...filesBelow('test')]
  const sources = new Set(files)
  // A test whose source is gone would otherwise run for ever.
  removeOthers('build', path => !/^build\/(src|test)\//.test(path) || path.startsWith('build/src/whole/') || sources.has(sourceOf(path)))
  for (const path of files.filter(file => !file.endsWith('.ts'))) {
    mkdirSync(join(root, 'build', dirname(path)), { recursive: true })
    cpSync(join(root, path), join(root, 'build', path))
  }
  // Last, because the compiler writes its files even when it finds an error: the other tests can be run by hand meanwhile.
  try {
    await compile('tsconfig.json')
  } finally {
    await bundleForTests(common)
  }
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
