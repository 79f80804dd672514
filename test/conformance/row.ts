// Rows of CPython's tests, each as one test for each start method. What each has looked at is told to scripts/conformance.mjs.
import { appendFileSync } from 'node:fs'
import { after, suite, test } from 'node:test'
import { getContext } from '../../src/index.ts'
import { START_METHODS } from '../matrix/start-methods.ts'
import type { StartMethod } from '../process/methods.ts'
import { checkName } from './cpython/rows.ts'
import { Crew } from './crew.ts'
import { type Crews, Scene } from './scene.ts'

interface Row {
  readonly cls: string
  readonly name: string
  readonly sentence: string
  readonly play: (scene: Scene) => Promise<void> | void
  readonly differs: string | undefined
}

/** One line of the file that `POLYPROCESS_CONFORMANCE` names. */
interface Played {
  readonly cls: string
  readonly test: string
  readonly method: StartMethod
  readonly passed: boolean
  readonly assertions: number
  readonly differs: string | undefined
}

const rows: Row[] = []

/**
 * A row, to be played by `playRows`. `sentence`: what holds, for people. `differs`: what is meant to be otherwise than in Python.
 * @throws Error for a name that CPython does not have
 */
export function row(cls: string, name: string, sentence: string, play: Row['play'], differs?: string): void {
  checkName({ cls, test: name })
  rows.push({ cls, name, sentence, play, differs })
}

/** Plays all rows of a file, one start method after the other. `crew`: how many processes a row may ask at once. */
export function playRows({ crew: size }: { crew: number }): void {
  for (const method of START_METHODS) {
    suite(method, () => {
      const crews = { crew: new Crew(method, size), threads: new Crew('thread', size) }
      for (const row of rows) {
        const title = `${row.cls}.${row.name} (${method}): ${row.sentence}`
        test(title, { timeout: 60_000 }, () => play(row, method, crews))
      }
      after(() => Promise.all([crews.crew.close(), crews.threads.close()]))
    })
  }
}

async function play(row: Row, method: StartMethod, crews: Crews): Promise<void> {
  const scene = new Scene(getContext(method), crews)
  let passed = false
  try {
    await row.play(scene)
    await scene.joined()
    if (scene.check.count === 0) throw new Error('A row without an assertion shows nothing')
    passed = true
  } finally {
    tell({ cls: row.cls, test: row.name, method, passed, assertions: scene.check.count, differs: row.differs })
    await scene.close({ failed: !passed })
  }
}

function tell(played: Played): void {
  const file = process.env.POLYPROCESS_CONFORMANCE
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(played)}\n`)
}
