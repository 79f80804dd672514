/** Bytes through a Pipe, one message after the other, in one direction. */

import { receiveRuns, receiveRunsSync } from '../programs/pipe-ends.mjs'
import { besidePython, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'

export const title = 'messages per second through a Pipe in one direction: as bytes through the socket, and as a Uint8Array that is sent'

export const drivers = besidePython

const sizes = [64, 1_024, 16_384, 65_536, 262_144, 1_048_576]
const forms = /** @type {const} */ ([
  ['bytes', ''],
  ['bytes', '-promise'],
  ['array', ''],
])

export const metrics = metricsIn({
  'messages/s': { better: 'higher', names: forms.flatMap(([form, way]) => sizes.map(size => `${form}-${size}${way}`)) },
})

export const headlines = ['bytes-64']

const counterparts = Object.fromEntries(forms.flatMap(([form, way]) => sizes.map(size => [`${form}-${size}${way}`, `bytes-${size}`])))

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => tabulateBesidePython(figures, counterparts)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return forms
    .filter(([, way]) => way === '')
    .map(([form]) =>
      judgeRatios(figures, {
        bar: `${form}: at least 2 times Python's send_bytes at every size`,
        least: 2,
        pairs: Object.fromEntries(sizes.map(size => [`${form}-${size}`, `bytes-${size}`])),
      }),
    )
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const plan = sizes.map(size => ({ size, count: countOf(size, quick ? 1_000_000 : 400_000_000, quick ? 500 : 200_000) }))
  if (driver.runProgram) return driver.runProgram('pipe.py', { plan })
  const library = await import(/** @type {string} */ (driver.library))
  /** @type {Record<string, number>} */
  const values = {}
  for (const [form, way] of forms) {
    for (const { size, count } of plan) values[`${form}-${size}${way}`] = await run(library, { form, way, size, count })
  }
  return { values }
}

/** @param {number} size @param {number} bytes @param {number} most */
function countOf(size, bytes, most) {
  return Math.max(10, Math.min(most, Math.round(bytes / size)))
}

/**
 * @param {any} library
 * @param {{ form: string, way: string, size: number, count: number }} sizes
 */
async function run({ Pipe, Process }, { form, way, size, count }) {
  const [here, there] = Pipe()
  const runs = [Math.ceil(count / 10), count].map(each => ({ form, size, count: each }))
  const child = new Process({ target: way === '' ? receiveRunsSync : receiveRuns, args: [there, runs] })
  await child.start()
  there.close()
  const bytes = new Uint8Array(size).fill(7)
  let time = Number.NaN
  for (const { count: each } of runs) {
    const start = performance.now()
    const sending = sendAll(here, { form, way, count: each }, bytes)
    if (way !== '') await sending
    if (here.recvSync() !== each) throw new Error('The other side did not count right')
    time = performance.now() - start
  }
  await child.join()
  here.close()
  return (count * 1_000) / time
}

/**
 * @param {any} connection
 * @param {{ form: string, way: string, count: number }} sizes
 * @param {Uint8Array} bytes
 */
function sendAll(connection, { form, way, count }, bytes) {
  if (way !== '') return sendAllAsPromises(connection, count, bytes)
  if (form === 'bytes') for (let index = 0; index < count; index += 1) connection.sendBytesSync(bytes)
  else for (let index = 0; index < count; index += 1) connection.sendSync(bytes)
}

/** @param {any} connection @param {number} count @param {Uint8Array} bytes */
async function sendAllAsPromises(connection, count, bytes) {
  for (let index = 0; index < count; index += 1) await connection.sendBytes(bytes)
}
