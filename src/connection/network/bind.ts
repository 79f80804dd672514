// Where a listener listens: at the address that it is given, or at one of its own.
import { show } from '../../base/validate.ts'
import { native } from '../../native/load.ts'
import { type AddressFamily, checkAddress, type Place, resolveSync, type SystemAddress, written } from './addresses.ts'
import { failed } from './pauses.ts'
import { freshPath, removeFolder, SocketFile } from './socket-files.ts'

export interface Bound {
  readonly fd: number
  readonly file: SocketFile | null
}

/** Waiting: for name servers, if the address has a name. @throws MultiprocessingError `EADDRINUSE` and the like */
export function bindTo(place: Place, backlog: number): Bound {
  const address = resolveSync(place)
  const fd = listen(address, backlog)
  const path = written(address)
  // An abstract name goes with its socket.
  if (typeof path !== 'string' || path.startsWith('\0')) return { fd, file: null }
  return { fd, file: new SocketFile(path, null) }
}

/** Without an address: on this machine only. By default a Unix socket, as in Python. */
export function bindAnywhere(family: AddressFamily | undefined, backlog: number): Bound {
  if (family === 'AF_INET') return bindTo(checkAddress(['localhost', 0], family), backlog)
  if (family === 'AF_INET6') return bindTo(checkAddress(['::1', 0], family), backlog)
  const { path, folder, address } = freshPath()
  try {
    return { fd: listen(address, backlog), file: new SocketFile(path, folder) }
  } catch (error) {
    removeFolder(folder)
    throw error
  }
}

function listen(address: SystemAddress, backlog: number): number {
  try {
    const fd = native().socketListen(address, backlog)
    native().ownDescriptor(fd)
    return fd
  } catch (error) {
    throw failed(`Cannot listen at ${show(written(address))}`, error)
  }
}
