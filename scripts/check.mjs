// Everything about the sources that a machine can find. All checks run even when one fails; any finding fails the whole.
// Usage: node scripts/check.mjs [--fix] [check…]
import { filesBelow, root } from './support/files.mjs'
import { run, runMain, runNode, ScriptError } from './support/run.mjs'

const fix = process.argv.includes('--fix')
const named = process.argv.slice(2).filter(argument => !argument.startsWith('--'))

/** @param {string[]} parameters */
const node = parameters => runNode(parameters, { quiet: true })

/** @type {Record<string, () => Promise<import('./support/run.mjs').RunResult>>} */
const checks = {
  'format-and-lint': () =>
    node(['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=100', ...(fix ? ['--write'] : [])]),
  'c-format': formatC,
  floors: () => node(['scripts/check-floors.mjs']),
  types: () => compile('tsconfig.json', ['--incremental', 'false']),
  'script-types': () => compile('tsconfig.scripts.json', []),
  unused: () => node(['node_modules/knip/bin/knip.js', '--no-progress']),
  package: checkPackage,
}

/**
 * @param {string} project
 * @param {string[]} options
 */
function compile(project, options) {
  return node(['node_modules/typescript/bin/tsc', '-p', project, '--noEmit', '--pretty', 'false', ...options])
}

async function formatC() {
  const sources = filesBelow('native').filter(path => /\.[ch]$/.test(path))
  if (sources.length === 0) return { status: 0, output: '' }
  const mode = fix ? ['-i'] : ['--dry-run', '--Werror']
  return run(`${root}/node_modules/clang-format/bin/linux_x64/clang-format`, ['--style=file', ...mode, ...sources], { quiet: true })
}

async function checkPackage() {
  const built = await node(['scripts/setup.mjs', 'native', 'bundle', 'types'])
  return built.status === 0 ? node(['scripts/check-package.mjs']) : built
}

await runMain(async () => {
  const unknown = named.find(name => !Object.hasOwn(checks, name))
  if (unknown) throw new ScriptError(`Expected one of ${Object.keys(checks).join(', ')}, got ${unknown}`)
  const failed = []
  for (const [name, check] of Object.entries(checks)) {
    if (named.length > 0 && !named.includes(name)) continue
    const { status, output } = await check()
    process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}\n`)
    if (status !== 0 || name === 'package') process.stdout.write(`${output.trimEnd().replaceAll(/^/gm, '     ')}\n`)
    if (status !== 0) failed.push(name)
  }
  if (failed.length > 0) throw new ScriptError(`${failed.length} of the checks failed: ${failed.join(', ')}`)
})
