import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatReport } from '../../src/tools/main-job/report.ts'
import { readSourceFiles, toBatches } from '../../src/tools/main-job/source-files.ts'
import { countWords, summarize } from '../../src/tools/main-job/word-count.ts'
import { mainJob, run } from './run-program.ts'

interface JobRecord {
  readonly files: number
  readonly bytes: number
  readonly sequentialSeconds: number
  readonly poolSeconds: number
  readonly speedUp: number
  readonly workers: readonly { readonly pid: number; readonly files: number; readonly bytes: number; readonly busySeconds: number }[]
  readonly words: number
  readonly agree: boolean
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

test('the main job comes to the same result in one process and on a pool, and every byte is some process’s share', async () => {
  const { status, stdout, stderr } = await run(mainJob, ['--quick', '--json', '--jobs', '2'])
  const record = JSON.parse(stdout) as JobRecord
  assert.equal(record.agree, true)
  assert.ok(record.bytes >= 8_000_000 && record.words > 0)
  assert.equal(sum(record.workers.map(share => share.files)), record.files)
  assert.equal(sum(record.workers.map(share => share.bytes)), record.bytes)
  assert.ok(record.workers.every(share => share.busySeconds > 0 && share.pid !== process.pid))
  assert.equal(record.speedUp, record.sequentialSeconds / record.poolSeconds)
  assert.deepEqual(stdout.split('\n').length, 2)
  assert.equal(stderr, '')
  assert.equal(status, 0)
})

test('the main job prints a table, and its progress as lines where there is no terminal', async () => {
  const { status, stdout, stderr } = await run(mainJob, ['--quick', '--jobs', '2'])
  assert.match(stdout, /one process +\d+\.\d\d[\s\S]*pool of 2 +\d+\.\d\d[\s\S]*speed-up +\d+\.\d\d x[\s\S]*Both ways agree: [\d,]+ words/)
  assert.match(stderr, /^one process: .* MB in .* s\npool of 2: .* MB in .* s\n$/)
  assert.equal(status, 0)
})

test('the main job refuses what it cannot do with status 2', async () => {
  assert.equal((await run(mainJob, ['--jobs', 'many'])).status, 2)
  const { status, stderr } = await run(mainJob, ['--folder', '/no/such/folder'])
  assert.match(stderr, /no source file in \/no\/such\/folder/)
  assert.equal(status, 2)
})

test('a report of results that differ says so', () => {
  const result = { words: 2, distinctWords: 1, topWords: [['a', 2]], digest: 'd'.repeat(64), seconds: 1 } as const
  const pool = { ...result, words: 3, jobs: 2, startSeconds: 0.1, shares: [] }
  assert.match(formatReport({ files: [], sequential: result, pool }), /DISAGREE/)
})

test('words are the parts of identifiers, in lower case', () => {
  const counts = new Map<string, number>()
  countWords('getHTMLElement(id) // Über get_Id 42', counts)
  assert.deepEqual(Object.fromEntries(counts), { get: 2, html: 1, element: 1, id: 2, über: 1 })
})

test('the most frequent words do not depend on the order of counting', () => {
  const pairs = Array.from({ length: 40 }, (_, at): [string, number] => [`word${at}`, at % 7])
  const forward = summarize(new Map(pairs), new Uint8Array())
  assert.deepEqual(summarize(new Map(pairs.toReversed()), new Uint8Array()), forward)
  const sorted = pairs.toSorted(([word, count], [otherWord, other]) => other - count || (word < otherWord ? -1 : 1))
  assert.deepEqual(forward.topWords, sorted.slice(0, 10))
})

test('batches have every file once and in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 1000 })),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 500 }),
      (sizes, processes, smallest) => {
        const files = sizes.map((bytes, at) => ({ path: String(at), bytes }))
        const batches = toBatches(files, processes, smallest)
        assert.deepEqual(
          batches.flatMap(batch => batch.paths),
          files.map(file => file.path),
        )
        for (const batch of batches) assert.deepEqual(batch.paths[0], String(batch.first))
        assert.equal(sum(batches.map(batch => batch.bytes)), sum(sizes))
      },
    ),
  )
})

test('source files are found in all folders but those with a dot, and not behind links', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polyprocess-main-job-'))
  try {
    mkdirSync(join(folder, 'one', 'deep'), { recursive: true })
    mkdirSync(join(folder, '.cache'))
    for (const name of ['one/a.js', 'one/deep/b.d.ts', '.cache/c.js', 'one/image.png']) writeFileSync(join(folder, name), name)
    symlinkSync(join(folder, 'one'), join(folder, 'link'))
    assert.deepEqual(readSourceFiles(folder), [
      { path: join(folder, 'one/deep/b.d.ts'), bytes: 15 },
      { path: join(folder, 'one/a.js'), bytes: 8 },
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
