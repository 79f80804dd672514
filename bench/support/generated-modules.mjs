/** Modules that nobody has seen, of functions that no other is like: new code sites for `function-send`. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Lines of one function, the empty one after it included. */
const functionLines = 21

let moduleCount = 0

/**
 * Imports modules of about so many lines and returns the functions of each; none is exported under its name. Their files stay until
 * this process ends: who sends a function may want to read them.
 * @param {{ count: number, lines: number }} sizes
 * @returns {Promise<((number: number) => number)[][]>}
 */
export async function importGeneratedModules({ count, lines }) {
  const folder = mkdtempSync(join(tmpdir(), 'polyprocess-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const modules = []
  for (let index = 0; index < count; index += 1) {
    moduleCount += 1
    const path = join(folder, `sites-${moduleCount}.mjs`)
    writeFileSync(path, moduleText(moduleCount, Math.round(lines / functionLines)))
    modules.push((await import(pathToFileURL(path).href)).listFunctions())
  }
  return modules
}

/** What the function at this place returns beside its argument. @param {number} moduleNumber @param {number} index */
const idOf = (moduleNumber, index) => moduleNumber * 1_000 + index

/**
 * @param {number} moduleNumber
 * @param {number} count
 */
function moduleText(moduleNumber, count) {
  const names = Array.from({ length: count }, (_, index) => `work${index}`)
  return [
    "import { basename } from 'node:path'",
    `const step = ${moduleNumber}`,
    ...names.map((name, index) => functionText(name, idOf(moduleNumber, index))),
    `export const listFunctions = () => [${names.join(', ')}]`,
    '',
  ].join('\n')
}

/**
 * Twenty lines as people write them. Called with a number it returns that number plus what it is known by.
 * @param {string} name
 * @param {number} id
 */
function functionText(name, id) {
  return `const ${name} = number => {
  const seen = new Map()
  const words = ['alpha', 'beta', 'gamma${id}']
  for (const [index, word] of words.entries()) {
    const short = basename(\`/some/folder/\${word}\`)
    if (short.length > 3 && index % 2 === 0) {
      seen.set(short, { index, word, weight: index * step })
    } else {
      seen.set(word.toUpperCase(), { index, word, weight: ${id} })
    }
  }
  const total = [...seen.values()].reduce((sum, { weight }) => sum + weight, 0)
  const describe = ({ word, ...rest }) => {
    const { index = 0, weight } = rest
    return \`\${word}: \${index} of \${weight ?? total}\`
  }
  const lines = [...seen.values()].map(describe).filter(line => line !== '')
  if (lines.length !== words.length) throw new Error(\`Expected \${words.length} lines, got \${lines.length}\`)
  return number + ${id}
}
`
}
