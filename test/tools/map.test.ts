import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture, runMap, sortedLines } from './run-program.ts'

test('map calls the default export for each argument and prints a line for each result', async () => {
  const { status, stdout, stderr } = await runMap([fixture('work.mjs'), 'a', 'b', 'c'])
  assert.deepEqual(sortedLines(stdout), ['A', 'B', 'C'])
  assert.equal(stderr, '')
  assert.equal(status, 0)
})

test('map calls a named export', async () => {
  const { stdout } = await runMap([fixture('work.mjs#square'), '12'])
  assert.equal(stdout, '144\n')
})

test('map calls what a CommonJS module exports', async () => {
  const { stdout, stderr } = await runMap([fixture('common.cjs#second'), 'x'])
  assert.equal(stdout, 'second x\n', stderr)
})

test('map takes the lines of standard input when there are no arguments', async () => {
  const { status, stdout } = await runMap(['--ordered', fixture('work.mjs')], { input: 'one\r\n\ntwo\nlast' })
  assert.equal(stdout, 'ONE\n\nTWO\nLAST\n')
  assert.equal(status, 0)
})

test('map does nothing, successfully, when standard input is empty', async () => {
  assert.deepEqual(await runMap([fixture('work.mjs')]), { status: 0, stdout: '', stderr: '' })
})

test('map prints objects as JSON', async () => {
  const { stdout } = await runMap([fixture('work.mjs#describe'), 'abc'])
  assert.equal(stdout, '{"text":"abc","length":3}\n')
})

test('map with --json parses items and prints results as JSON', async () => {
  const { status, stdout } = await runMap(['--json', '--ordered', fixture('work.mjs#square')], { input: '2\n\n3\n' })
  assert.equal(stdout, '4\n9\n')
  assert.equal(status, 0)
  assert.equal((await runMap(['--json', fixture('work.mjs'), '"quoted"'])).stdout, '"QUOTED"\n')
})

test('map with --json fails an item that is not JSON, and no other', async () => {
  const { status, stdout, stderr } = await runMap(['--json', fixture('work.mjs#square'), '2', 'two'])
  assert.equal(stdout, '4\n')
  assert.match(stderr, /1 of 2 items failed\n {2}item 2: two\n {4}Expected JSON: .*Strings need quotes/)
  assert.equal(status, 1)
})

test('map with --ordered prints in the order of the items, however long each takes', async () => {
  const items = Array.from({ length: 60 }, (_, index) => String(index + 1))
  for (const chunkSize of ['1', '7']) {
    const { stdout } = await runMap(['--ordered', '--jobs', '2', '--chunk-size', chunkSize, fixture('work.mjs#slowFirst'), ...items])
    assert.deepEqual(stdout.split('\n').slice(0, -1), items)
  }
})

test('map gives each item one result, whatever the size of the chunks', async () => {
  const items = Array.from({ length: 5000 }, (_, index) => `line ${index}`)
  for (const chunkSize of ['1', '64', '9999']) {
    const { stdout } = await runMap(['-c', chunkSize, fixture('work.mjs')], { input: items.join('\n') })
    assert.deepEqual(sortedLines(stdout), items.map(item => item.toUpperCase()).sort())
  }
})

test('map runs as many processes as --jobs says, and none of them is its own', async () => {
  const { stdout } = await runMap(['--jobs', '1', fixture('work.mjs#processId'), '1', '2', '3', '4'])
  assert.equal(new Set(sortedLines(stdout)).size, 1)
})

test('map lists a failed item with its stack and cause at the end, goes on with the others, and exits with 1', async () => {
  const { status, stdout, stderr } = await runMap([fixture('work.mjs#failOnThree'), '1', '2', '3', '4'])
  assert.deepEqual(sortedLines(stdout), ['1', '2', '4'])
  assert.match(stderr, /^polyprocess map: 1 of 4 items failed\n {2}item 3: 3\n {4}RangeError: three is too many\n/)
  assert.match(stderr, /at .*failOnThree .*work\.mjs:\d+/)
  assert.match(stderr, /the reason beneath/)
  assert.equal(status, 1)
})

test('map reports what is thrown without being an error', async () => {
  const { status, stderr } = await runMap([fixture('work.mjs#throwText'), 'x'])
  assert.match(stderr, /item 1: x\n {4}thrown: 'only a text'/)
  assert.equal(status, 1)
})

test('map fails an item whose result cannot be printed, and no other of its chunk', async () => {
  const { status, stdout, stderr } = await runMap(['-c', '3', fixture('work.mjs#unprintable'), 'a', 'bigint', 'c'])
  assert.deepEqual(sortedLines(stdout), ['a', 'c'])
  assert.match(stderr, /1 of 3 items failed\n {2}item 2: bigint\n {4}TypeError: .*BigInt/)
  assert.equal(status, 1)
})

test('map fails the item that killed its process, and goes on with the others', async () => {
  const { status, stdout, stderr } = await runMap(['--jobs', '2', fixture('work.mjs#dieOnThree'), '1', '2', '3', '4', '5', '6'])
  assert.deepEqual(sortedLines(stdout), ['1', '2', '4', '5', '6'])
  assert.match(stderr, /1 of 6 items failed\n {2}item 3: 3\n {4}WorkerDiedError: .*SIGKILL/)
  assert.equal(status, 1)
})

test('map fails the whole chunk of an item that killed its process, and says how to find the one at fault', async () => {
  const { status, stdout, stderr } = await runMap(['-c', '2', '--jobs', '2', fixture('work.mjs#dieOnThree'), '1', '2', '3', '4', '5', '6'])
  assert.deepEqual(sortedLines(stdout), ['1', '2', '5', '6'])
  assert.match(stderr, /2 of 6 items failed[\s\S]*item 3: 3[\s\S]*It held 2 items; with --chunk-size 1[\s\S]*item 4: 4/)
  assert.equal(status, 1)
})
