/** The far ends of pipes. */

/** Sends back what it gets until there is nobody to get it. @param {any} connection */
export function echoSync(connection) {
  for (;;) {
    const ball = connection.recvSync()
    if (ball === null) return
    connection.sendSync(ball)
  }
}

/** @param {any} connection */
export async function echo(connection) {
  for (;;) {
    const ball = await connection.recv()
    if (ball === null) return
    await connection.send(ball)
  }
}

/** @typedef {{ form: string, count: number, size: number }} Run */

/** Receives each run of messages and says when it has. @param {any} connection @param {Run[]} runs */
export function receiveRunsSync(connection, runs) {
  for (const { form, count, size } of runs) {
    for (let index = 0; index < count; index += 1) {
      const bytes = form === 'bytes' ? connection.recvBytesSync() : connection.recvSync()
      if (bytes.length !== size) throw new Error(`Expected ${size} bytes, got ${bytes.length}`)
    }
    connection.sendSync(count)
  }
}

/** @param {any} connection @param {Run[]} runs */
export async function receiveRuns(connection, runs) {
  for (const { form, count, size } of runs) {
    for (let index = 0; index < count; index += 1) {
      const bytes = form === 'bytes' ? await connection.recvBytes() : await connection.recv()
      if (bytes.length !== size) throw new Error(`Expected ${size} bytes, got ${bytes.length}`)
    }
    await connection.send(count)
  }
}
