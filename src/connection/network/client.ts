import { deadlineAfter } from '../../base/deadline.ts'
import { readOptions, show } from '../../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../../base/wait-options.ts'
import type { Connection } from '../connection.ts'
import { type Address, checkAddress, type Place, resolve, resolveSync } from './addresses.ts'
import { connecting } from './connecting.ts'
import { type AuthKey, checkAuthKey } from '../handshake/digests.ts'
import { asClient, type Handshake } from '../handshake/handshake.ts'
import { failed, runBlocked, runLater, within } from './pauses.ts'
import { connectionToStranger } from './strangers.ts'

interface ClientKey {
  /** What the listener has, too. */
  authKey?: AuthKey
}
const EXAMPLE = "{ authKey: 'secret', timeout: 1000 }"

export interface ClientOptions extends WaitOptions, ClientKey {}
export interface SyncClientOptions extends SyncWaitOptions, ClientKey {}

/**
 * Connects to a `Listener`, of this library or Python's, and authenticates if there is a key. `timeout` bounds all of it; without one it waits
 * as long as the listener lets it.
 * Waiting: in the event loop; the name of a host is looked up in Node's thread pool.
 * @throws TypeError, RangeError, before anything is connected; AuthenticationError, TimeoutError, MultiprocessingError `ECONNREFUSED`, `ENOENT`,
 * `ENOTFOUND` and the like
 * @example const connection = await Client(['127.0.0.1', 5000], { authKey: 'secret' })
 */
// biome-ignore lint/suspicious/noExplicitAny: what comes is what the peer sends.
export async function Client<S = any, R = S>(address: Address, options?: ClientOptions): Promise<Connection<S, R>> {
  const { timeout, signal, ...rest } = readOptions<ClientOptions>(options, ['timeout', 'signal', 'authKey'], EXAMPLE)
  const wait = readWaitOptions({ timeout, signal })
  const { place, handshake } = readClient(address, rest)
  wait.signal?.throwIfAborted()
  const deadline = deadlineAfter(wait.timeout)
  try {
    const found = await within(resolve(place), deadline, wait.signal)
    return connectionToStranger<S, R>(await runLater(connecting(found, handshake), deadline, wait.signal))
  } catch (error) {
    throw notConnected(address, error)
  }
}

/**
 * The same, blocking this thread.
 * Waiting: the name of a host is looked up by the system, which neither `timeout` nor a signal ends.
 * @throws InterruptedError when a signal came, and as `Client`
 */
// biome-ignore lint/suspicious/noExplicitAny: what comes is what the peer sends.
export function ClientSync<S = any, R = S>(address: Address, options?: SyncClientOptions): Connection<S, R> {
  const { timeout, ...rest } = readOptions<SyncClientOptions>(options, ['timeout', 'authKey'], EXAMPLE)
  const deadline = deadlineAfter(readSyncWaitOptions({ timeout }))
  const { place, handshake } = readClient(address, rest)
  try {
    return connectionToStranger<S, R>(runBlocked(connecting(resolveSync(place), handshake), deadline))
  } catch (error) {
    throw notConnected(address, error)
  }
}

function readClient(address: unknown, { authKey }: ClientKey): { readonly place: Place; readonly handshake: Handshake | null } {
  const handshake = authKey === undefined ? null : asClient(checkAuthKey(authKey))
  return { place: checkAddress(address), handshake }
}

function notConnected(address: Address, error: unknown): unknown {
  return failed(`Cannot connect to ${show(address)}`, error)
}
