// The package as it is installed, by its name.
import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import * as polyprocess from 'polyprocess'
import * as futures from 'polyprocess/futures'
import * as queue from 'polyprocess/queue'
import * as futuresSource from '../../src/futures.ts'
import * as source from '../../src/index.ts'
import * as queueSource from '../../src/queue.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { pid, square } from '../fixtures/pool/work.ts'

const folder = temporaryFolder()

function namesOf(module: object): string[] {
  return Object.keys(module)
    .filter(key => key !== 'default' && key !== 'module.exports')
    .sort()
}

test('the package exports what the sources do, and nothing else', () => {
  assert.deepEqual(namesOf(polyprocess), namesOf(source))
  assert.deepEqual(namesOf(queue), namesOf(queueSource))
  assert.deepEqual(namesOf(futures), namesOf(futuresSource))
  for (const module of [polyprocess, queue, futures]) assert.ok(!Object.values(module).includes(undefined as never))
})

test('what the other doors have in common with polyprocess is the same there', () => {
  const there = new Map<string, unknown>(Object.entries(polyprocess))
  for (const [name, value] of [...Object.entries(queue), ...Object.entries(futures)])
    if (there.has(name)) assert.equal(value, there.get(name), name)
})

test('a pool and a process of the package do their work in other processes', async () => {
  const pool = new polyprocess.Pool({ processes: 2 })
  try {
    assert.deepEqual(await pool.map(Math.sqrt, [1, 4, 9]), [1, 2, 3])
    assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9])
    assert.notEqual(await pool.apply(pid), process.pid)
    const factor = 3
    assert.deepEqual(await pool.map(x => x * factor, [1, 2, 3]), [3, 6, 9])
    await assert.rejects(pool.apply(Math.sqrt, [new WeakMap() as never]), polyprocess.NotSerializableError)
    pool.close()
    await pool.join()
  } finally {
    await pool[Symbol.asyncDispose]()
  }
  const child = await new polyprocess.Process({ target: square, args: [2] }).start()
  await child.join()
  assert.equal(child.exitCode, 0)
})

for (const method of ['spawn', 'thread'] as const) {
  test(`children of ${method} need not compile the library again`, async () => {
    const { Process } = polyprocess.getContext(method)
    const file = join(folder, method)
    const ask = (path: string): void => appendFileSync(path, `${polyprocess.diagnostics().codeFromParent}\n`)
    for (let index = 0; index < 3; index += 1) {
      const child = await new Process({ target: ask, args: [file] }).start()
      await child.join()
      assert.equal(child.exitCode, 0)
    }
    // The first may have been there before the code was.
    assert.deepEqual(readFileSync(file, 'utf8').split('\n').slice(1, 3), ['true', 'true'])
    assert.equal(polyprocess.diagnostics().codeFromParent, false)
  })
}

test('classes and errors have their own names, and steps for tests are not in the package', () => {
  assert.equal(polyprocess.Pool.name, 'Pool')
  assert.equal(polyprocess.Process.name, 'Process')
  assert.equal(polyprocess.WorkerDiedError.name, 'WorkerDiedError')
  const built = new URL('../../../dist/process/', import.meta.url)
  const code = readdirSync(built)
    .filter(name => /\.[cm]?js$/.test(name))
    .map(name => readFileSync(fileURLToPath(new URL(name, built)), 'utf8'))
  assert.ok(code.length > 0)
  assert.ok(!code.some(text => text.includes('stepHook')))
})
