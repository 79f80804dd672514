import assert from 'node:assert/strict'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { MultiprocessingError } from '../../../src/base/errors.ts'
import { PoolWatch } from '../../../src/pool/watching/pool-watch.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { firstWorker, taskReport } from './reports.ts'

const folder = temporaryFolder()
let files = 0

function newFile(): string {
  files += 1
  return join(folder, `trace-${files}.json`)
}

function newWatch(): PoolWatch {
  return new PoolWatch({ pool: {}, load: () => ({ queued: 4, running: 2 }) })
}

interface Event {
  readonly ph: string
  readonly name: string
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly args: Record<string, unknown>
}

/** As viewers read it: the closing bracket may be missing. */
function eventsIn(file: string): Event[] {
  const text = readFileSync(file, 'utf8')
  return JSON.parse(text.trimEnd().endsWith(']') ? text : `${text}]`) as Event[]
}

function tasksIn(file: string): Event[] {
  return eventsIn(file).filter(({ ph }) => ph === 'X')
}

test('a trace has a named row for each worker, its life, and its tasks with their times', async () => {
  const file = newFile()
  const watch = newWatch()
  watch.workerStart(firstWorker)
  const trace = watch.trace(file)
  watch.workerStart({ ...firstWorker, pid: 4322, name: 'PoolWorker-2' })
  watch.taskEnd(taskReport())
  watch.taskEnd(taskReport({ id: 8, worker: 'PoolWorker-2', pid: 4322, runTime: 0.0001, error: new RangeError('too far') }))
  watch.workerExit('PoolWorker-2', { exitCode: null, signal: 'SIGKILL' })
  await trace.stop()
  const events = JSON.parse(readFileSync(file, 'utf8')) as Event[]
  const rows = events.filter(({ name }) => name === 'thread_name')
  assert.deepEqual(
    rows.map(({ tid, args }) => [tid, args.name]),
    [
      [1, 'PoolWorker-1, process 4321'],
      [2, 'PoolWorker-2, process 4322'],
    ],
  )
  assert.deepEqual(
    events.filter(({ name }) => name === 'worker').map(({ ph, tid }) => [ph, tid]),
    [
      ['B', 1],
      ['B', 2],
      ['E', 2],
    ],
  )
  const [first, second] = tasksIn(file) as [Event, Event]
  assert.deepEqual([first.name, first.tid, first.ts, first.dur], ['square', 1, 1_700_000_000_005_000, 10_000])
  assert.deepEqual(first.args, { id: 7, items: 3, attempt: 1, wait: 5, bytesOut: 64, bytesBack: 32 })
  assert.deepEqual([second.tid, second.dur, second.args.error], [2, 0, 'RangeError: too far'])
  assert.deepEqual(events.find(({ ph }) => ph === 'C')?.args, { queued: 4, running: 2 })
})

test('tasks that a worker does side by side stand in rows of their own, those that follow each other in one', async () => {
  const file = newFile()
  const watch = newWatch()
  const trace = watch.trace(file)
  const start = taskReport().started
  for (const [from, to] of [
    [0, 5],
    [5, 6],
    [2, 8],
    [6, 9],
    [8, 10],
  ] as const) {
    // biome-ignore format: a table
    watch.taskEnd(taskReport({ started: start + from, runTime: to - from }))
  }
  await trace.stop()
  assert.deepEqual(tasksIn(file).map(({ tid }) => tid), [1, 1, 2, 1, 2]) // biome-ignore format: rows
})

test('a file URL does as well, and several traces run side by side', async () => {
  const [first, second] = [newFile(), newFile()]
  const watch = newWatch()
  const one = watch.trace(pathToFileURL(first))
  watch.taskEnd(taskReport({ id: 1 }))
  const other = watch.trace(second)
  watch.taskEnd(taskReport({ id: 2 }))
  await one.stop()
  assert.equal(watch.wantsEnds, true)
  watch.taskEnd(taskReport({ id: 3 }))
  await other[Symbol.asyncDispose]()
  assert.equal(watch.wantsEnds, false)
  assert.deepEqual(tasksIn(first).map(({ args }) => args.id), [1, 2]) // biome-ignore format: short
  assert.deepEqual(tasksIn(second).map(({ args }) => args.id), [2, 3]) // biome-ignore format: short
})

test('a trace that goes on is in the file piece by piece, and what is there can be loaded', async () => {
  const file = newFile()
  const watch = newWatch()
  const trace = watch.trace(file)
  assert.ok(eventsIn(file).length > 0)
  for (let id = 0; id < 5000; id += 1) watch.taskEnd(taskReport({ id, started: taskReport().started + id * 10 }))
  const written = tasksIn(file).length
  assert.ok(written > 4000 && written < 5000, `${written} of 5000`)
  await trace.stop()
  assert.equal(tasksIn(file).length, 5000)
})

test('names and errors of any text are JSON', async () => {
  const file = newFile()
  const watch = newWatch()
  const trace = watch.trace(file)
  const name = '"],\n\u2028\ud800'
  const hostile = new Error('never seen')
  Object.defineProperty(hostile, 'message', {
    get() {
      throw new Error('of the getter')
    },
  })
  for (const error of [undefined, null, Symbol('s'), 5n, hostile, new Error('x'.repeat(10_000))]) watch.taskEnd(taskReport({ name, error }))
  await trace.stop()
  const tasks = tasksIn(file)
  assert.equal(tasks.length, 6)
  assert.ok(tasks.every(task => task.name === name && typeof task.args.error === 'string' && task.args.error.length <= 500))
})

test('stop can be called twice, closes the file, and nothing is written afterwards', async () => {
  const file = newFile()
  const watch = newWatch()
  const trace = watch.trace(file)
  assert.equal(isOpen(file), true)
  await trace.stop()
  const text = readFileSync(file, 'utf8')
  assert.equal(isOpen(file), false)
  watch.workerStart(firstWorker)
  watch.taskEnd(taskReport())
  await trace.stop()
  assert.equal(readFileSync(file, 'utf8'), text)
})

function isOpen(file: string): boolean {
  return descriptorOf(file) !== undefined
}

function descriptorOf(file: string): number | undefined {
  const found = readdirSync('/proc/self/fd').find(fd => existsSync(`/proc/self/fd/${fd}`) && readlinkSync(`/proc/self/fd/${fd}`) === file)
  return found === undefined ? undefined : Number(found)
}

/** Puts a device that is always full in the place of a file that is open. */
function fill(file: string): void {
  const fd = descriptorOf(file)
  assert.ok(fd !== undefined)
  closeSync(fd)
  const others: number[] = []
  for (let got = openSync('/dev/full', 'w'); got !== fd; got = openSync('/dev/full', 'w')) others.push(got)
  for (const other of others) closeSync(other)
}

test('a file that cannot be opened is an error at once, with the system’s code and the path', () => {
  const file = join(folder, 'missing', 'trace.json')
  const watch = newWatch()
  assert.throws(
    () => watch.trace(file),
    (error: unknown) => {
      assert.ok(error instanceof MultiprocessingError)
      assert.equal(error.code, 'ENOENT')
      assert.equal((error.cause as NodeJS.ErrnoException).syscall, 'open')
      assert.ok(error.message.startsWith(`The trace cannot be written to ${file}: `))
      return true
    },
  )
  assert.throws(() => watch.trace(folder), { code: 'EISDIR' })
  assert.throws(() => watch.trace('/dev/full'), { code: 'ENOSPC' })
  assert.equal(watch.wantsEnds, false)
})

test('what is no path and no file URL is a TypeError', () => {
  const watch = newWatch()
  const message = "Expected `file` to be a path or a file: URL, got 'https://example.com/trace'"
  assert.throws(() => watch.trace(new URL('https://example.com/trace')), { name: 'TypeError', message })
  for (const file of [undefined, null, '', 7, 'a\0b', {}]) assert.throws(() => watch.trace(file), TypeError)
})

test('the end of the pool completes its traces, and there are no new ones', async () => {
  const file = newFile()
  const watch = newWatch()
  const trace = watch.trace(file)
  watch.taskEnd(taskReport())
  watch.end()
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).length > 0, true)
  await trace.stop()
  watch.end()
  assert.throws(() => watch.trace(newFile()), { code: 'ERR_CLOSED' })
})

test('a write that fails ends the trace and not the program: stop says so, and the pool’s error event need not', async () => {
  const file = newFile()
  const watch = newWatch()
  watch.listeners.on('error', () => assert.fail('stop() has told'))
  const trace = watch.trace(file)
  fill(file)
  for (let id = 0; id < 1000; id += 1) watch.taskEnd(taskReport({ id }))
  assert.equal(watch.wantsEnds, false)
  for (let call = 0; call < 2; call += 1) {
    await assert.rejects(trace.stop(), {
      name: 'MultiprocessingError',
      code: 'ENOSPC',
      message: new RegExp(`^The trace cannot be written to ${file}`),
    })
  }
  watch.end()
})

test('when nobody stops a trace whose file failed, the pool’s error event tells at its end, once', () => {
  const file = newFile()
  const watch = newWatch()
  const errors: unknown[] = []
  watch.listeners.on('error', error => errors.push(error))
  watch.trace(file)
  fill(file)
  watch.taskEnd(taskReport())
  watch.end()
  watch.end()
  assert.deepEqual(
    errors.map(error => (error as MultiprocessingError).code),
    ['ENOSPC'],
  )
})
