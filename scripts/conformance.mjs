// CPython's tests: plays what is ported of them, and says of each row whether it is ported, how much it looks at, and otherwise why not.
// Usage: npm run conformance [-- --classes]   (--classes: without a line for each row that is ported)
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './support/files.mjs'
import { runMain, runNode, ScriptError } from './support/run.mjs'

/**
 * @typedef {{ cls: string, test: string, method: string, passed: boolean, assertions: number, differs?: string }} Played
 * @typedef {Record<string, string | Record<string, string>>} Reasons
 * @typedef {object} Tables
 * @property {ReadonlyMap<string, readonly string[]>} CPYTHON
 * @property {Reasons} NOT_PORTABLE
 * @property {Reasons} NOT_YET
 * @property {Record<string, Record<string, readonly [string, string]>>} ELSEWHERE
 * @typedef {object} Row
 * @property {string} test
 * @property {readonly Played[]} played once for each start method
 * @property {string | undefined} notPortable
 * @property {string | undefined} notYet
 * @property {readonly [string, string] | undefined} elsewhere
 * @typedef {{ cls: string, rows: readonly Row[] }} Class
 */

const METHODS = 4

/** @returns {Promise<Tables>} */
async function readTables() {
  const modules = ['cpython/rows', 'reasons', 'elsewhere'].map(name => pathToFileURL(join(root, `build/test/conformance/${name}.js`)).href)
  return Object.assign({}, ...(await Promise.all(modules.map(url => import(url)))))
}

/** Plays all rows. What they told, and whether all is well. */
async function play() {
  const file = join(root, 'build', `conformance-${process.pid}.jsonl`)
  const env = { ...process.env, POLYPROCESS_CONFORMANCE: file }
  const { status, output } = await runNode(['scripts/test.mjs', 'conformance/'], { quiet: true, env })
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  rmSync(file, { force: true })
  return { status, output, played: lines.map(line => /** @type {Played} */ (JSON.parse(line))) }
}

/**
 * @param {Tables} tables
 * @param {readonly Played[]} played
 * @returns {Class[]}
 */
function classesOf({ CPYTHON, NOT_PORTABLE, NOT_YET, ELSEWHERE }, played) {
  return [...CPYTHON].map(([cls, tests]) => ({
    cls,
    rows: tests.map(test => ({
      test,
      played: played.filter(each => each.cls === cls && each.test === test),
      notPortable: reasonIn(NOT_PORTABLE, cls, test),
      notYet: reasonIn(NOT_YET, cls, test),
      elsewhere: ELSEWHERE[cls]?.[test],
    })),
  }))
}

/**
 * @param {Reasons} reasons
 * @param {string} cls
 * @param {string} test
 */
function reasonIn(reasons, cls, test) {
  const reason = reasons[cls]
  return typeof reason === 'string' ? reason : reason?.[test]
}

/** @param {Row} row A row that has looked at nothing is not ported. */
const isPorted = row => row.played.length > 0 && row.played.every(each => each.assertions > 0)

/** @param {Row} row One that several classes have is played for each of them. */
const isPassing = row => isPorted(row) && row.played.length % METHODS === 0 && row.played.every(each => each.passed)

/** @param {Row} row */
const isPortable = row => row.notPortable === undefined || row.elsewhere !== undefined

/** @param {readonly Row[]} rows */
const assertionsOf = rows => rows.flatMap(row => row.played).reduce((sum, each) => sum + each.assertions, 0)

const HEADING = ['', 'rows', 'portable', 'ported', 'passing', 'elsewhere', 'assertions']
const FIRST_WIDTH = 44

/** @param {readonly (string | number)[]} cells */
function toLine([first = '', ...rest]) {
  return [String(first).padEnd(FIRST_WIDTH), ...rest.map((cell, index) => String(cell).padStart((HEADING[index + 1] ?? '').length))].join(
    '  ',
  )
}

/**
 * @param {string} title
 * @param {readonly Row[]} rows
 */
function summaryOf(title, rows) {
  const counts = [isPortable, isPorted, isPassing, (/** @type {Row} */ row) => row.elsewhere !== undefined]
  return toLine([title, rows.length, ...counts.map(isCounted => rows.filter(isCounted).length), assertionsOf(rows)])
}

/**
 * Classes of which something is ported; then all of them together.
 * @param {readonly Class[]} classes
 * @param {boolean} withRows
 */
function printTable(classes, withRows) {
  print(toLine(HEADING))
  for (const { cls, rows } of classes) {
    if (!rows.some(row => isPorted(row) || row.elsewhere !== undefined)) continue
    print(summaryOf(cls, rows))
    if (withRows) for (const row of rows.filter(isPorted)) print(rowLine(row))
  }
  const others = classes.filter(({ rows }) => !rows.some(row => isPorted(row) || row.elsewhere !== undefined))
  print(
    summaryOf(
      `${others.length} classes of which nothing is ported`,
      others.flatMap(each => each.rows),
    ),
  )
  print(
    summaryOf(
      'all',
      classes.flatMap(each => each.rows),
    ),
  )
}

/** @param {Row} row */
function rowLine(row) {
  const passed = row.played.filter(each => each.passed).length
  return toLine([`    ${row.test}`, '', '', '', `${passed}/${row.played.length}`, '', assertionsOf([row])])
}

/**
 * @param {string} title
 * @param {readonly Class[]} classes
 * @param {(row: Row) => string | undefined} reasonOf
 */
function printReasons(title, classes, reasonOf) {
  print(`\n${title}`)
  for (const { cls, rows } of classes) {
    /** @type {Map<string, string[]>} */
    const byReason = new Map()
    for (const row of rows) {
      const reason = reasonOf(row)
      if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), row.test])
    }
    for (const [reason, tests] of byReason) {
      print(`  ${cls}${tests.length === rows.length ? ` (${rows.length})` : `.${tests.join(', ')}`}: ${reason}`)
    }
  }
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line.trimEnd()}\n`)
}

await runMain(async () => {
  const { status, output, played } = await play()
  const classes = classesOf(await readTables(), played)
  printTable(classes, !process.argv.includes('--classes'))
  const isOpen = (/** @type {Row} */ row) => !isPorted(row) && row.elsewhere === undefined
  printReasons('Ported, and meant to be otherwise than in Python', classes, row => row.played[0]?.differs)
  printReasons('Ported among the tests of their floor', classes, row => row.elsewhere?.join(': '))
  printReasons('Not portable', classes, row => (isPortable(row) ? undefined : row.notPortable))
  printReasons('Not ported yet', classes, row => (isOpen(row) && isPortable(row) ? (row.notYet ?? 'nobody says why') : undefined))
  if (status !== 0) throw new ScriptError(`${output.trimEnd()}\n`)
  const silent = classes.flatMap(({ cls, rows }) =>
    rows.filter(row => isOpen(row) && isPortable(row) && row.notYet === undefined).map(row => `${cls}.${row.test}`),
  )
  if (silent.length > 0) throw new ScriptError(`Neither ported nor excused: ${silent.join(', ')}`)
})
