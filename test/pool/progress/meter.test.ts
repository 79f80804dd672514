import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { openMeter } from '../../../src/pool/progress/meter.ts'
import type { Progress } from '../../../src/pool/progress/progress-option.ts'
import { lastDrawn, Written } from './outputs.ts'

/** Blocks this thread, as mapSync does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('off a terminal there is a line at the end, with all that is known', () => {
  const output = new Written()
  const meter = openMeter({ output, label: 'resizing' }, 10)
  meter.workers(2)
  meter.done(7)
  meter.failed(3)
  block(2)
  meter.end()
  assert.equal(output.lines.length, 1)
  assert.match(output.text, /^resizing: 10 of 10 \(100%\), \d+\/s, 0\.\d s, 3 failed, 2 workers\n$/)
})

test('a stream whose length nobody knows is counted', () => {
  const output = new Written()
  const meter = openMeter({ output }, undefined)
  meter.done(7)
  block(2)
  meter.end()
  assert.match(output.text, /^7 items, \d+\/s, 0\.\d s\n$/)
})

test('nothing to do is done', () => {
  for (const isTTY of [true, false]) {
    const output = new Written({ isTTY, columns: 100 })
    openMeter({ output }, 0).end()
    assert.match(output.text, isTTY ? /█{20} 100% \| 0\/0 \| 0\.0 s/ : /^0 of 0, 0\.0 s\n$/)
  }
})

test('on a terminal a bar is drawn over and over in one line, which ends with a line break', () => {
  const output = new Written({ isTTY: true, columns: 120 })
  const meter = openMeter({ output, label: 'resizing', interval: 1 }, 4)
  meter.done(1)
  block(2)
  meter.tick()
  assert.match(lastDrawn(output.text), /^resizing: █{5}░{15} 25% \| 1\/4 \| [\d.]+\/[sh] \| [\d.]+ s left$/)
  assert.equal(output.lines.length, 0)
  meter.done(2)
  meter.failed(1)
  block(2)
  meter.end()
  assert.match(lastDrawn(output.text), /^resizing: █{20} 100% \| 4\/4 \| [\d.]+\/s \| 0\.\d s \| 1 failed$/)
  assert.equal(output.lines.length, 1)
})

test('what is drawn fits the terminal, and a label has no line breaks', () => {
  for (const total of [10, undefined]) {
    const output = new Written({ isTTY: true, columns: 20 })
    const meter = openMeter({ output, label: 'a\nlabel\u001b that is long' }, total)
    meter.end()
    assert.equal(output.lines.length, 1)
    assert.equal(lastDrawn(output.text).length, 19)
  }
})

test('the end is shown once, and nothing afterwards', () => {
  const output = new Written()
  const seen: Progress[] = []
  const meter = openMeter({ output, interval: 1, onUpdate: progress => seen.push(progress) }, 4)
  meter.end()
  meter.done(1)
  block(3)
  meter.tick()
  meter.end()
  assert.equal(output.lines.length, 1)
  assert.equal(seen.length, 1)
})

test('a callback gets how far it has come, and nothing is drawn for it', t => {
  const write = t.mock.method(process.stderr, 'write')
  const seen: Progress[] = []
  const meter = openMeter({ interval: 1, onUpdate: progress => seen.push(progress) }, 4)
  block(2)
  meter.tick()
  meter.done(2)
  meter.failed(1)
  block(2)
  meter.tick()
  meter.end()
  assert.equal(write.mock.callCount(), 0)
  assert.deepEqual(
    seen.map(({ done, failed, total }) => [done, failed, total]),
    [
      [0, 0, 4],
      [2, 1, 4],
      [2, 1, 4],
    ],
  )
  assert.equal(seen[0]?.remaining, undefined)
  assert.ok((seen[1]?.remaining as number) > 0)
  assert.ok((seen[0]?.elapsed as number) >= 1)
  assert.ok((seen[1]?.elapsed as number) > (seen[0]?.elapsed as number))
})

test('tick shows something only when it is time', () => {
  const seen: Progress[] = []
  const meter = openMeter({ interval: 60_000, onUpdate: progress => seen.push(progress) }, 4)
  for (let index = 0; index < 1000; index += 1) meter.tick()
  assert.equal(seen.length, 0)
  meter.end()
})

test('updates come by themselves: every 100 ms on a terminal and to callbacks, every 10 s in lines, or as wanted', () => {
  mock.timers.enable({ apis: ['setInterval'] })
  try {
    const [terminal, lines, wanted] = [new Written({ isTTY: true, columns: 80 }), new Written(), new Written()]
    let called = 0
    const meters = [
      openMeter({ output: terminal }, 4),
      openMeter({ output: lines }, 4),
      openMeter({ output: wanted, interval: 500 }, 4),
      openMeter({ onUpdate: () => (called += 1) }, 4),
    ]
    mock.timers.tick(1000)
    assert.deepEqual([terminal.text.split('\r').length - 1, lines.lines.length, wanted.lines.length, called], [10, 0, 2, 10])
    mock.timers.tick(9000)
    assert.equal(lines.lines.length, 1)
    for (const meter of meters) meter.end()
  } finally {
    mock.timers.reset()
  }
})

test('a callback that throws is not called again, what it throws is an uncaughtException, and the meter goes on', async () => {
  const failure = new Error('of the callback')
  const caught: unknown[] = []
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => caught.push(error))
  const output = new Written()
  let calls = 0
  const onUpdate = (): void => {
    calls += 1
    throw failure
  }
  const meter = openMeter({ output, interval: 1, onUpdate }, 4)
  block(2)
  meter.tick()
  block(2)
  meter.tick()
  meter.end()
  await new Promise(resolve => setImmediate(resolve))
  process.removeAllListeners('uncaughtException')
  for (const listener of before) process.on('uncaughtException', listener)
  assert.deepEqual(caught, [failure])
  assert.equal(calls, 1)
  assert.equal(output.lines.length, 3)
})

test('a callback may end its meter', () => {
  let calls = 0
  const meter = openMeter(
    {
      onUpdate: () => {
        calls += 1
        meter.end()
      },
    },
    4,
  )
  meter.end()
  assert.equal(calls, 1)
})
