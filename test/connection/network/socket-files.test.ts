// What is left in the file system: nothing, unless the program was killed, and nobody removes what is not theirs.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Client, Listener } from '../../../src/index.ts'
import { listenAndEnd } from '../../fixtures/connection/network-peers.ts'
import { runProgram } from '../../helpers/programs.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { ALL, perMethod, startProgram } from '../../process/methods.ts'

const folder = temporaryFolder()
const program = new URL('../../fixtures/connection/listening-program.js', import.meta.url)
const numbers = Array.from({ length: 1000 }, (_, index) => index).values()
const freshPath = (): string => join(folder, `${numbers.next().value}`)

for (const how of ['end', 'exit', 'wait', 'chdir']) {
  test(`a program that ends (${how}) leaves no socket behind`, async () => {
    const path = freshPath()
    const { stdout, status, stderr } = await runProgram(program, [how, path])
    const [address, own] = JSON.parse(stdout) as [string, string]
    assert.deepEqual([status, stderr, address], [0, '', path])
    assert.deepEqual([existsSync(path), existsSync(own), existsSync(dirname(own))], [false, false, false])
  })
}

perMethod(ALL, 'a child that ends with a listener leaves no socket behind', async ({ Process }) => {
  const path = freshPath()
  const child = await new Process({ target: listenAndEnd, args: [path] }).start()
  await child.join()
  assert.deepEqual([child.exitCode, existsSync(path)], [0, false])
})

for (const how of ['close-in-child', 'exit-in-child']) {
  test(`a forked child (${how}) leaves the socket to its parent`, async () => {
    const path = freshPath()
    const parent = startProgram(program, [how, path])
    const [, own] = await parent.firstLine<[string, string]>()
    // Whoever of the two accepts it: the parent does so last, and ends then.
    while (existsSync(path))
      await Client(path).then(
        client => client.close(),
        () => {},
      )
    const { status, stderr } = await parent.ended
    assert.deepEqual([status, stderr, existsSync(own)], [0, '', false])
  })
}

test('a program that was killed leaves its socket, which has to be removed before it is used again', async () => {
  const path = freshPath()
  const killed = startProgram(program, ['kill', path])
  const [, own] = await killed.firstLine<[string, string]>()
  killed.child.kill('SIGKILL')
  await killed.ended
  rmSync(dirname(own), { recursive: true })
  assert.throws(() => new Listener({ address: path }), { code: 'EADDRINUSE' })
  await assert.rejects(Client(path), { code: 'ECONNREFUSED' })
  rmSync(path)
  await new Listener({ address: path }).close()
})

test('a listener does not remove what has taken the place of its socket, in its own folder neither', async () => {
  const path = freshPath()
  const listener = new Listener({ address: path })
  rmSync(path)
  writeFileSync(path, 'another’s')
  await listener.close()
  assert.equal(existsSync(path), true)
  const own = new Listener()
  const beside = join(dirname(own.address as string), 'beside')
  writeFileSync(beside, 'another’s')
  await own.close()
  assert.deepEqual([existsSync(own.address as string), existsSync(beside)], [false, true])
  rmSync(dirname(beside), { recursive: true })
})

test('a listener’s own socket is in a folder that only this user can enter', async () => {
  const listener = new Listener()
  assert.equal(statSync(dirname(listener.address as string)).mode & 0o777, 0o700)
  await listener.close()
})

test('where the folder for temporary files has a long name, the socket is in /tmp', async () => {
  const { TMPDIR } = process.env
  const long = join(mkdtempSync(join(folder, 'x')), 'y'.repeat(100))
  mkdirSync(long)
  try {
    process.env.TMPDIR = long
    const listener = new Listener()
    assert.match(listener.address as string, /^\/tmp\/polyprocess-\w{6}\/listener$/)
    await listener.close()
    process.env.TMPDIR = join(folder, 'no-such-folder')
    assert.throws(() => new Listener(), { name: 'MultiprocessingError', code: 'ENOENT', message: /pass an `address`/ })
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
})
