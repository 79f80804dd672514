// Addresses as users write them, and as the system wants them.
//
//   written                 family      the system's form
//   ['127.0.0.1', 5000]     AF_INET     host and port
//   ['::1', 5000]           AF_INET6    a colon in the host makes it one
//   ['name', 5000]          the first   of the name's addresses: IPv4 before IPv6, as Python asks for AF_INET
//   '/run/app.sock'         AF_UNIX     a path, at most 107 bytes
//   '\0name'                AF_UNIX     an abstract name, at most 108 bytes with its NUL
import { MultiprocessingError } from '../../base/errors.ts'
import { checkInteger, expected } from '../../base/validate.ts'
import { native } from '../../native/load.ts'

/** A path, `'\0name'` for an abstract name (Linux), or host and port. The empty host is all addresses of this machine. */
export type Address = string | readonly [host: string, port: number]
export type AddressFamily = 'AF_INET' | 'AF_INET6' | 'AF_UNIX'

/** An address of the system, in its own form. */
export type SystemAddress = Uint8Array

/** An address that has been checked. */
export type Place = SystemAddress | HostAndPort

export interface HostAndPort {
  readonly host: string
  readonly port: number
  /** Which kinds of address to look for, in this order. */
  readonly isV6: readonly boolean[]
}

const FAMILIES: readonly unknown[] = ['AF_INET', 'AF_INET6', 'AF_UNIX']
const LONGEST_PATH = 107
const LONGEST_HOST = 1024

/** @throws TypeError, RangeError */
export function checkFamily(value: unknown): AddressFamily {
  const what = `'AF_INET', 'AF_INET6' or 'AF_UNIX'`
  if (typeof value !== 'string') throw new TypeError(expected('family', what, value))
  if (!FAMILIES.includes(value)) throw new RangeError(expected('family', what, value))
  return value as AddressFamily
}

/** @throws TypeError for what is no address, or one of another family; RangeError for one that is too long or otherwise impossible */
export function checkAddress(value: unknown, family?: AddressFamily): Place {
  if (typeof value === 'string') {
    checkMatch(value, family, family === undefined || family === 'AF_UNIX')
    return checkPath(value)
  }
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') {
    throw new TypeError(expected('address', `a path, '\\0name', or [host, port]`, value))
  }
  const [host, port] = value as [string, unknown]
  const isNumberOfV6 = host.includes(':')
  checkMatch(value, family, family !== 'AF_UNIX' && !(isNumberOfV6 && family === 'AF_INET'))
  return { ...checkHost(host), port: checkInteger(port, 'address[1]', 0, 65_535), isV6: kindsOf(family, isNumberOfV6) }
}

function checkMatch(address: unknown, family: AddressFamily | undefined, matches: boolean): void {
  if (!matches) throw new TypeError(expected('address', `an address of the family ${family}`, address))
}

function checkPath(path: string): SystemAddress {
  const bytes = Buffer.from(path)
  const isAbstract = path.startsWith('\0')
  if (path === '') throw new RangeError(expected('address', 'a path, which is not empty', path))
  if (path.startsWith('\\\\')) throw new RangeError(expected('address', 'a path: named pipes are of Windows', path))
  if (!isAbstract && path.includes('\0')) throw new RangeError(expected('address', 'a path without NUL characters', path))
  if (bytes.length > (isAbstract ? LONGEST_PATH + 1 : LONGEST_PATH)) {
    throw new RangeError(expected('address', `a path of at most ${LONGEST_PATH} bytes, which is all that sockets can have`, path))
  }
  return native().socketPath(bytes)
}

function checkHost(host: string): { host: string } {
  if (host.includes('\0') || host.length > LONGEST_HOST) throw new RangeError(expected('address[0]', 'the name or number of a host', host))
  return { host }
}

function kindsOf(family: AddressFamily | undefined, isNumberOfV6: boolean): readonly boolean[] {
  if (family !== undefined) return [family === 'AF_INET6']
  return isNumberOfV6 ? [true] : [false, true]
}

/** Whether a path still fits into an address. */
export function isShortEnough(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_PATH
}

/** Waiting: for name servers, if the host is a name that this machine does not know. @throws MultiprocessingError `ENOTFOUND`, `EAI_AGAIN`… */
export function resolveSync(place: Place): SystemAddress {
  if (place instanceof Uint8Array) return place
  const { host, port, isV6 } = place
  let failure = ''
  for (const kind of isV6) {
    const found = native().socketHost(kind, host, port, false)
    if (typeof found !== 'string') return found
    failure = found
  }
  throw notFound(host, failure)
}

/** Does not block this thread; a name is looked up in Node's thread pool. @throws MultiprocessingError `ENOTFOUND`, `EAI_AGAIN`… */
export async function resolve(place: Place): Promise<SystemAddress> {
  if (place instanceof Uint8Array) return place
  const { host, port, isV6 } = place
  for (const kind of isV6) {
    const found = native().socketHost(kind, host, port, true)
    if (typeof found !== 'string') return found
  }
  const { address, family } = await lookUp(place)
  return native().socketHost(family === 6, address, port, true) as SystemAddress
}

async function lookUp({ host, isV6 }: HostAndPort): Promise<{ address: string; family: number }> {
  const { lookup } = process.getBuiltinModule('node:dns/promises')
  let failure: unknown
  for (const kind of isV6) {
    try {
      return await lookup(host, { family: kind ? 6 : 4 })
    } catch (error) {
      failure = error
    }
  }
  throw notFound(host, String((failure as NodeJS.ErrnoException).code), failure)
}

function notFound(host: string, code: string, cause?: unknown): MultiprocessingError {
  const reason = code === 'ENOTFOUND' ? 'is not known' : 'cannot be looked up'
  return new MultiprocessingError(`The host ${JSON.stringify(host)} ${reason} (${code})`, cause === undefined ? { code } : { code, cause })
}

/** As users write it. The peer of a Unix socket mostly has no name: the empty string, as in Python. */
export function written(address: SystemAddress): Address {
  const name = native().socketName(address)
  return name instanceof Uint8Array ? Buffer.from(name).toString() : name
}
