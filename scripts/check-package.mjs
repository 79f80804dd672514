// Looks at the package as npm would publish it: what is in it, how large it is, and whether other people's tools understand it.
import { filesBelow } from './support/files.mjs'
import { run, runMain, runNode, ScriptError } from './support/run.mjs'

/** A third of it is the addons for fork, one for each version of Node. */
const maxPackedBytes = 600_000
const required = [
  'dist/index.js',
  'dist/types/index.d.ts',
  'dist/queue.js',
  'dist/types/queue.d.ts',
  'dist/futures.js',
  'dist/types/futures.d.ts',
  'dist/tools/cli-main.js',
  'dist/native/linux-x64/polyprocess.node',
  'dist/native/linux-x64/polyprocess-names',
  ...[115, 127, 137, 147].map(modules => `dist/native/linux-x64/fork-${modules}.node`),
  'README.md',
  'LICENSE',
]
const permitted =
  /^(dist\/.*\.(js|js\.map|d\.ts|node)|dist\/native\/linux-x64\/polyprocess-names|dist\/(programs|process)\/package\.json|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/

/** `npm run package` does it by itself; a bare `npm pack`, as here, runs no scripts (.npmrc). */
async function buildAddons() {
  const { status, output } = await runNode(['scripts/build-native.mjs', '--all'], { quiet: true })
  if (status !== 0) throw new ScriptError(output)
}

async function checkContent() {
  const { status, output } = await run('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], { quiet: true })
  if (status !== 0) throw new ScriptError(output)
  // Newer versions of npm key the list by package name.
  const [packed] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))))
  const paths = /** @type {{ path: string }[]} */ (packed.files).map(file => file.path)
  process.stdout.write(`${paths.length} files, ${packed.size} bytes packed, ${packed.unpackedSize} bytes unpacked\n`)
  const problems = [
    ...required.filter(path => !paths.includes(path)).map(path => `${path} is missing`),
    ...paths.filter(path => !permitted.test(path)).map(path => `${path} does not belong there`),
    ...(packed.size > maxPackedBytes ? [`${packed.size} bytes, the limit is ${maxPackedBytes}`] : []),
    ...filesBelow('.')
      .filter(path => path === 'binding.gyp')
      .map(path => `${path} would make npm run a compiler`),
  ]
  if (problems.length > 0) throw new ScriptError(problems.map(problem => `package: ${problem}`).join('\n'))
}

async function checkWithPublint() {
  const { publint } = await import('publint')
  const { formatMessage } = await import('publint/utils')
  const { messages, pkg } = await publint({ strict: true })
  if (messages.length > 0) throw new ScriptError(messages.map(message => `publint: ${formatMessage(message, pkg)}`).join('\n'))
}

/** ESM only, which is what the profile says. */
async function checkTypesResolve() {
  const program = 'node_modules/@arethetypeswrong/cli/dist/index.js'
  const { status, output } = await runNode([program, '--pack', '.', '--profile', 'esm-only', '--no-color', '--no-emoji'], { quiet: true })
  if (status !== 0) throw new ScriptError(output)
}

await runMain(async () => {
  await buildAddons()
  await checkContent()
  await checkWithPublint()
  await checkTypesResolve()
})
