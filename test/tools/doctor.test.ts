import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Finding, formatBytes, formatFindings } from '../../src/tools/doctor/finding.ts'
import { findKernel } from '../../src/tools/doctor/kernel-findings.ts'
import { softLimit } from '../../src/tools/doctor/limit-findings.ts'
import { commandLine, run, start } from './run-program.ts'

const KERNEL = [
  'abstract sockets',
  'close_range',
  'futex',
  'memfd seals',
  'memfd_create',
  'pidfd_open',
  'pidfd_send_signal',
  'waitid(P_PIDFD)',
]

interface DoctorOutput {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

test('doctor --json prints one object with every finding', async () => {
  const { status, stdout, stderr } = await run(commandLine, ['doctor', '--json'])
  const { ok, findings } = JSON.parse(stdout) as DoctorOutput
  for (const finding of findings) {
    assert.deepEqual(Object.keys(finding), ['area', 'name', 'state', 'required', 'value', 'advice'])
    assert.ok(['ok', 'warning', 'missing'].includes(finding.state))
    assert.equal(finding.advice === null, finding.state === 'ok', `${finding.name}: advice where something is to be done, and only there`)
  }
  const names = findings.map(finding => finding.name)
  for (const name of [
    'platform',
    'node',
    'kernel',
    'addon',
    'abstract sockets',
    'spawn',
    'fork',
    'forkserver',
    'thread',
    'cores',
    'open files',
    'processes',
    'memory',
    '/dev/shm',
  ]) {
    assert.ok(names.includes(name), `a finding about ${name}`)
  }
  const kernel = findings.filter(finding => finding.area === 'kernel').map(finding => finding.name)
  assert.deepEqual(kernel.sort(), KERNEL, 'every mechanism that the library reports has its name here')
  assert.equal(ok, true)
  assert.equal(stderr, '')
  assert.equal(status, 0)
})

test('doctor prints the same for people', async () => {
  const { status, stdout } = await run(commandLine, ['doctor'])
  assert.match(stdout, /^system\n {2}ok {7}platform +linux x64\n/)
  assert.match(stdout, /\nstart methods\n {2}ok {7}spawn +works\n/)
  assert.match(stdout, /polyprocess works here.*\n$/)
  assert.equal(status, 0)
})

test('a mechanism that the kernel refuses is missing, is required, and has advice', () => {
  const [futex, pidfd] = findKernel({ futex: true, pidfdOpen: false })
  assert.equal(futex?.state, 'ok')
  assert.equal(pidfd?.state, 'missing')
  assert.equal(pidfd?.required, true)
  assert.match(pidfd?.advice ?? '', /Linux has it since 5\.3.*seccomp/)
})

test('limits are read from the column that holds now', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 1048576              files     \nMax address space         unlimited            unlimited            bytes     \n'
  assert.equal(softLimit(limits, 'Max open files'), 1024)
  assert.equal(softLimit(limits, 'Max address space'), Infinity)
  assert.equal(softLimit('', 'Max open files'), Infinity)
})

test('sizes are written with the largest fitting unit', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 64 * 2 ** 20, 24 * 2 ** 30].map(formatBytes), [
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1.5 KiB',
    '64 MiB',
    '24 GiB',
  ])
})

test('advice stands beneath what it is about', () => {
  const finding: Finding = { area: 'limits', name: 'open files', state: 'warning', required: false, value: '64', advice: 'Raise it.' }
  assert.equal(formatFindings([finding]), 'limits\n  warning  open files  64\n                       -> Raise it.\n')
})

test('doctor is quiet when nobody reads what it says', async () => {
  const { child, ended } = start(process.execPath, [commandLine, 'doctor'])
  child.stdout.destroy()
  assert.deepEqual(await ended, { status: 0, stderr: '' })
})
