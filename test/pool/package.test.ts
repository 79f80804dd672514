// The package as it is installed, by its name.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import * as polyprocess from 'polyprocess'
import * as source from '../../src/index.ts'
import { pid, square } from '../fixtures/pool/work.ts'

test('the package exports what the sources do, and nothing else', () => {
  assert.deepEqual(
    Object.keys(polyprocess)
      .filter(key => key !== 'default' && key !== 'module.exports')
      .sort(),
    Object.keys(source).sort(),
  )
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

test('classes and errors have their own names, and steps for tests are not in the package', () => {
  assert.equal(polyprocess.Pool.name, 'Pool')
  assert.equal(polyprocess.Process.name, 'Process')
  assert.equal(polyprocess.WorkerDiedError.name, 'WorkerDiedError')
  const folder = new URL('../../../dist/process/', import.meta.url)
  const code = readdirSync(folder)
    .filter(name => /\.[cm]?js$/.test(name))
    .map(name => readFileSync(fileURLToPath(new URL(name, folder)), 'utf8'))
  assert.ok(code.length > 0)
  assert.ok(!code.some(text => text.includes('stepHook')))
})
