// One set-up at a time in one checkout. The lock is a listening socket with an abstract name, not a file: the kernel drops it
// when its holder dies, however it dies, so there is no stale lock to recognize, and whoever waits is told by the end of its connection.
import { createHash } from 'node:crypto'
import { createConnection, createServer } from 'node:net'
import { root } from './files.mjs'

const name = `\0polyprocess-setup/${createHash('sha256').update(root).digest('hex').slice(0, 32)}`

/**
 * Runs the body while no other process of this machine is inside a body of the same checkout.
 * @param {() => Promise<void>} body
 */
export async function withSetupLock(body) {
  let server = await tryListen()
  while (!server) {
    await waitForHolder()
    server = await tryListen()
  }
  try {
    await body()
  } finally {
    server.close()
    for (const socket of waiting) socket.destroy()
  }
}

/** @type {Set<import('node:net').Socket>} */
const waiting = new Set()

/** @returns {Promise<import('node:net').Server | null>} */
function tryListen() {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => {
      waiting.add(socket)
      socket.on('error', () => socket.destroy()).on('close', () => waiting.delete(socket))
      socket.write(String(process.pid))
    })
    server.on('error', error => ('code' in error && error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen(name, () => resolve(server))
  })
}

/** Ends when the holder has closed its socket; a refused connection means that it is gone already. */
function waitForHolder() {
  return new Promise(resolve => {
    const socket = createConnection(name)
    socket.on('data', pid => process.stderr.write(`set-up: waiting for process ${pid}, which is at it\n`))
    socket.on('error', () => resolve(undefined)).on('close', () => resolve(undefined))
  })
}
