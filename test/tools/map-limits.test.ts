import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fixture, runMap, sortedLines } from './run-program.ts'

// What has been met already is files here.
const folder = mkdtempSync(join(tmpdir(), 'polyprocess-map-'))
after(() => rmSync(folder, { recursive: true }))

let count = 0
function newItem(): string {
  count += 1
  return join(folder, String(count))
}

test('map with --timeout fails an item that takes longer, ends its process, and goes on with the others', async () => {
  const { status, stdout, stderr } = await runMap(['--timeout', '300ms', '--jobs', '2', fixture('work.mjs#hang'), 'slow', 'quick', 'slow'])
  assert.equal(stdout, 'quick\n')
  assert.match(stderr, /^polyprocess map: 2 of 3 items failed \(2 timed out\)\n {2}item 1: slow\n {4}TimeoutError: .*300 ms/)
  assert.equal(status, 1)
})

test('map with --timeout gives the items of a chunk the sum of their times, and says how to find the one at fault', async () => {
  const { status, stdout, stderr } = await runMap([
    '--timeout',
    '0.2s',
    '-c',
    '2',
    '--jobs',
    '2',
    fixture('work.mjs#hang'),
    'quick',
    'slow',
  ])
  assert.equal(stdout, '')
  assert.match(stderr, /2 of 2 items failed \(2 timed out\)[\s\S]*TimeoutError: .*400 ms[\s\S]*It held 2 items; with --chunk-size 1/)
  assert.equal(status, 1)
})

for (const [how, words] of Object.entries({
  'that threw': ['work.mjs#failAtFirst'],
  'that killed its process': ['work.mjs#dieAtFirst'],
  'that took too long': ['work.mjs#hangAtFirst', '--timeout', '500ms'],
})) {
  test(`map with --retries tries an item again ${how}, and says so`, async () => {
    const [name = '', ...options] = words
    const { status, stdout, stderr } = await runMap(['--retries', '1', '--jobs', '2', ...options, fixture(name), newItem(), newItem()])
    assert.equal(stdout, 'at last\nat last\n')
    assert.equal(stderr, 'polyprocess map: all 2 items succeeded; 2 tried again\n')
    assert.equal(status, 0)
  })
}

test('map with --retries says of an item that failed each time how many tries that were', async () => {
  const { status, stdout, stderr } = await runMap(['--retries', '2', fixture('work.mjs#failOnThree'), '1', '3'])
  assert.equal(stdout, '1\n')
  assert.match(stderr, /^polyprocess map: 1 of 2 items failed; 1 tried again\n {2}item 2: 3 \(3 tries\)\n {4}RangeError: three is too many/)
  assert.equal(status, 1)
})

test('map with --retries tries the items of a chunk again one by one: only the one at fault fails', async () => {
  const words = ['--retries', '1', '-c', '3', '--ordered', '--jobs', '2', fixture('work.mjs#dieOnThree')]
  const { status, stdout, stderr } = await runMap([...words, '1', '2', '3', '4'])
  assert.deepEqual(sortedLines(stdout), ['1', '2', '4'])
  assert.match(stderr, /^polyprocess map: 1 of 4 items failed; 3 tried again\n {2}item 3: 3 \(2 tries\)\n {4}WorkerDiedError/)
  assert.equal(status, 1)
})

test('map with --retries does not try again what is no item', async () => {
  const { stderr } = await runMap(['--retries', '5', '--json', fixture('work.mjs#square'), 'two'])
  assert.match(stderr, /^polyprocess map: 1 of 1 items failed\n {2}item 1: two\n {4}Expected JSON/)
})

test('map with --progress counts the items that were tried again', async () => {
  const { stderr } = await runMap(['--progress', '--retries', '1', fixture('work.mjs#failAtFirst'), newItem()])
  assert.match(stderr, /1\/1 items .*\| 1 tried again/)
})

test('map with --max-memory replaces each process that has more, and loses no item', async () => {
  const words = ['--jobs', '1', fixture('work.mjs#processId'), '1', '2', '3']
  const small = await runMap(['--max-memory', '1M', ...words])
  assert.equal(new Set(sortedLines(small.stdout)).size, 3, small.stderr)
  const large = await runMap(['--max-memory', '64G', ...words])
  assert.equal(new Set(sortedLines(large.stdout)).size, 1, large.stderr)
})
