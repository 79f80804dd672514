import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { isMainModule, mainModule } from '../../../src/wire/modules/main-module.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const run = promisify(execFile)
const library = JSON.stringify(new URL('../../../src/index.js', import.meta.url).href)

const program = `
  import { Pool } from ${library}
  export function exported(x) { return x * 2 }
  const pool = new Pool(1)
  console.log(await pool.apply(exported, [4]))
  pool.close()
`

test('the main module is that whatever is behind its URL; scripts without a file are treated like it', () => {
  const main = mainModule()
  assert.ok(main !== null)
  for (const url of [main.path, main.url, `${main.url}?v=2`, `${main.url}#x`, '', '[eval]', 'file:///work/[eval1]', 'file:///[stdin]']) {
    assert.ok(isMainModule(url), url)
  }
  for (const url of [`${main.url}x`, 'file:///work/eval1', 'file:///work/[eval].js']) assert.ok(!isMainModule(url), url)
})

test('a function that a program without a file exports travels', async () => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
  assert.equal(stdout, '8\n')
})

test('a function of a main module that was started by the name of a symbolic link travels', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'main.mjs'), program)
  symlinkSync('main.mjs', join(folder, 'link.mjs'))
  for (const flags of [[], ['--preserve-symlinks-main']]) {
    const { stdout } = await run(process.execPath, [...flags, join(folder, 'link.mjs')])
    assert.equal(stdout, '8\n')
  }
})

test('a script of `node -e` uses its own functions, its variables and its require', async () => {
  const script = `
    var one = 1
    function two() { return 2 }
    import(${library}).then(async ({ Pool }) => {
      const pool = new Pool(1)
      console.log(await pool.apply(() => [one, two(), require('node:path').basename('/a/b')].join()))
      pool.close()
    })
  `
  const { stdout } = await run(process.execPath, ['-e', script])
  assert.equal(stdout, '1,2,b\n')
})
