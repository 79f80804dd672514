// What a bundler can break without a word: the names of classes, and files found next to the running one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesBelow, root } from './files.mjs'
import { ScriptError } from './run.mjs'

/**
 * The bundler turns a class that mentions itself into `var Pool = class _Pool`, and users would meet a `_Pool` in stacks and
 * inspections. `_Pool` is a name it made up, so it may be called what it was, unless the sources have that name as well.
 * @param {readonly string[]} outputs the JavaScript files of the bundle
 */
export function restoreClassNames(outputs) {
  const sources = filesBelow('src').map(read).join('\n')
  for (const path of outputs) {
    const original = read(path)
    let code = original
    for (const [, name] of original.matchAll(/\b(\w+) = class _\1\b/g)) {
      if (new RegExp(`\\b_${name}\\b`).test(sources)) throw new ScriptError(`Name nothing _${name}: the bundler does`)
      code = code.replaceAll(new RegExp(`(?<![\\w$.#'"])_${name}(?![\\w$])`, 'g'), name ?? '')
    }
    if (code !== original) writeFileSync(join(root, path), code)
  }
}

/**
 * Throws when the bundle is not what the sources meant.
 * @param {readonly string[]} outputs the JavaScript files of the bundle
 */
export function checkBundle(outputs) {
  const classes = new Set(filesBelow('src').flatMap(path => [...read(path).matchAll(/^(?:export )?class (\w+)/gm)].map(match => match[1])))
  const problems = outputs.flatMap(path => [...strayUrls(path), ...renamedClasses(path, classes)])
  if (problems.length > 0) throw new ScriptError(problems.join('\n'))
}

/**
 * A module moves into another folder with its chunk, and what it looks for beside itself does not.
 * @param {string} path
 */
function strayUrls(path) {
  const looksFor = /(?:new URL\(['"`](\.[^'"`]+)['"`], import\.meta\.url\)|join\)?\(__dirname, ['"`]([^'"`]+)['"`]\))/g
  return [...read(path).matchAll(looksFor)]
    .map(match => join(dirname(path), match[1] ?? match[2] ?? ''))
    .filter(target => !existsSync(join(root, target)))
    .map(target => `${path} looks for ${target}, which is not in the bundle; only src/process and *-main.ts may use import.meta.url`)
}

/**
 * Two classes of one name, or a class named as a global that the bundle uses, get a number, and errors would show it.
 * @param {string} path
 * @param {ReadonlySet<string | undefined>} classes
 */
function renamedClasses(path, classes) {
  return [...read(path).matchAll(/\b(\w+?)\d+ = class\b/g)]
    .filter(match => classes.has(match[1]))
    .map(match => `${path}: the bundler renamed class ${match[1]}; give it a name of its own`)
}

/** @param {string} path */
function read(path) {
  return readFileSync(join(root, path), 'utf8')
}
