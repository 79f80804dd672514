// A real Python, which runs what it is given line by line, as another program would use the same shared memory.
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

/**
 * What is in `result` comes back. `attach` and `create` take the segment out of Python's own tracker: before 3.13 it unlinks at the end of this
 * process whatever this process has attached to.
 */
const SERVER = `
import json, sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory, ShareableList
def untracked(memory):
    resource_tracker.unregister(memory._name, 'shared_memory')
    return memory
def untracked_list(items):
    untracked(items.shm)
    return items
scope = dict(SharedMemory=SharedMemory, ShareableList=ShareableList, untracked=untracked, untracked_list=untracked_list)
for line in sys.stdin:
    scope['result'] = None
    try:
        exec(json.loads(line), scope)
        answer = dict(result=scope['result'])
    except Exception as error:
        answer = dict(error=type(error).__name__)
    print(json.dumps(answer), flush=True)
`

export class Python {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: Interface
  readonly #stderr: Promise<string>

  constructor() {
    this.#child = spawn('python3', ['-c', SERVER], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#stderr = text(this.#child.stderr)
  }

  /** What `result` is after these statements. @throws Error with the name of Python's exception */
  async run<R>(code: string): Promise<R> {
    this.#child.stdin.write(`${JSON.stringify(code)}\n`)
    const [line] = (await once(this.#lines, 'line')) as [string]
    const { result, error } = JSON.parse(line) as { result: R; error?: string }
    if (error !== undefined) throw new Error(error)
    return result
  }

  /** @throws AssertionError when it had something to complain about */
  async end(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.stdin.end()
    await exited
    this.#lines.close()
    assert.equal(await this.#stderr, '')
  }
}
