// What this Node and this thread are, and that it costs nothing to know.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { isMainThread, parentPort, workerData } from '../../src/base/this-node.ts'
import { runProgram } from '../helpers/programs.ts'

test('importing the library loads none of Node’s large modules', async () => {
  const { stdout } = await runProgram(new URL('../fixtures/base/import-program.cjs', import.meta.url))
  assert.deepEqual(JSON.parse(stdout), [])
})

test('the main thread has neither data nor a port', () => {
  assert.deepEqual([isMainThread, workerData, parentPort], [true, null, null])
})

for (const isEval of [true, false]) {
  test(`a Worker knows that it is one, and its data and port (${isEval ? 'of a text' : 'of a file'})`, async () => {
    const url = JSON.stringify(new URL('../../src/base/this-node.js', import.meta.url))
    const code = `import(${url}).then(it => it.parentPort.postMessage([it.isMainThread, it.workerData]))`
    const program = isEval ? code : new URL(`data:text/javascript,${encodeURIComponent(code)}`)
    const worker = new Worker(program, { eval: isEval, workerData: { given: 1 } })
    const answer = await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    assert.deepEqual(answer, [false, { given: 1 }])
    await worker.terminate()
  })
}
