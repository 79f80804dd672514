import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Pool } from '../../src/pool/pool.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const pool = new Pool(1)
after(() => pool[Symbol.asyncDispose]())

const folder = temporaryFolder()
let written = 0

/** A module with a class, which is to be gone by the time that anybody else wants to import it. */
function writeModule(): string {
  written += 1
  const file = join(folder, `gone-${written}.mjs`)
  writeFileSync(file, 'export class Gone { value = 1 }')
  return file
}

test('a result that cannot be decoded here fails its own task and no other', async () => {
  const file = writeModule()
  const url = pathToFileURL(file).href
  const makeGone = async (): Promise<unknown> => {
    const { Gone } = (await import(url)) as { Gone: new () => unknown }
    rmSync(file)
    return new Gone()
  }
  const results = await Promise.allSettled([pool.apply(() => 1), pool.apply(makeGone), pool.apply(() => 2)])
  assert.deepEqual(
    results.map(result => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  const { reason } = results[1] as PromiseRejectedResult
  assert.equal(reason.code, 'ERR_MODULE_NOT_FOUND')
})

test('an argument that cannot be decoded there fails its own task and no other', async () => {
  const file = writeModule()
  const { Gone } = (await import(pathToFileURL(file).href)) as { Gone: new () => { value: number } }
  rmSync(file)
  const results = await Promise.allSettled([pool.map(x => x, [1]), pool.apply(gone => gone.value, [new Gone()]), pool.map(x => x, [2])])
  assert.deepEqual(
    results.map(result => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal((results[1] as PromiseRejectedResult).reason.code, 'ERR_MODULE_NOT_FOUND')
})

test('large binary data comes and goes without a trace of the sender’s', async () => {
  const numbers = new Float64Array(200_000).map((_, index) => index)
  const back = await pool.apply(
    given => {
      given[0] = -1
      return { given, length: given.length }
    },
    [numbers],
  )
  assert.equal(numbers[0], 0)
  assert.deepEqual([back.length, back.given[0], back.given[199_999]], [200_000, -1, 199_999])
})
