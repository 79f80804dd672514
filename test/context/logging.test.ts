// The library's logger: its level and its lines, here and in children.
// CPython: _TestLogging.test_enable_logging, test_level.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getLogger, logToStderr } from '../../src/index.ts'
import { ALL, ask, perMethod, runHere } from '../process/methods.ts'

const program = new URL('../fixtures/context/logging-program.js', import.meta.url)

test('the logger gives its sink what is at its level or above', () => {
  const logger = getLogger()
  assert.equal(getLogger(), logger)
  const { level, sink } = logger
  const seen: [string, string, string, number][] = []
  try {
    logger.sink = record => seen.push([record.level, record.message, record.processName, record.pid])
    logger.level = 'info'
    logger.debug('not this')
    logger.info('information')
    logger.warning('warning')
    logger.error('error')
    logger.log('critical', 'the end')
    logger.level = 'off'
    logger.error('nothing')
    logger.level = 'debug'
    logger.sink = null
    logger.error('nowhere')
    const mine = seen.filter(([, message]) =>
      ['information', 'warning', 'error', 'the end', 'not this', 'nothing', 'nowhere'].includes(message),
    )
    assert.deepEqual(
      mine,
      ['information', 'warning', 'error', 'the end'].map((message, index) => [
        ['info', 'warning', 'error', 'critical'][index],
        message,
        'MainProcess',
        process.pid,
      ]),
    )
    assert.throws(() => Object.assign(logger, { level: 'loud' }), TypeError)
    assert.throws(() => logToStderr('loud' as never), TypeError)
  } finally {
    logger.level = level
    logger.sink = sink
  }
})

perMethod(ALL, 'a child starts with the level of its parent', async context => {
  const logger = getLogger()
  const { level } = logger
  try {
    for (const given of ['debug', 'error'] as const) {
      logger.level = given
      assert.equal(await ask(context, () => getLogger().level), given)
    }
  } finally {
    logger.level = level
  }
})

perMethod(ALL, 'logToStderr writes lines with level and process, in children too', async (_, method) => {
  const { stderr, status } = await runHere(program, [method])
  assert.equal(status, 0)
  const lines = stderr.split('\n')
  assert.ok(lines.includes('[WARNING/MainProcess] from the program'), stderr)
  assert.ok(lines.includes('[INFO/Speaker-1] from the child'), stderr)
  assert.ok(!stderr.includes('too low'))
  assert.ok(
    lines.filter(Boolean).every(line => /^\[[A-Z]+\/[^\]]+\] /.test(line)),
    stderr,
  )
})
