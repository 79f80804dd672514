// Signals in a thread: it tells its parent for which it has listeners, and gets those as messages.
import { constants } from 'node:os'
import { parentPort } from '../../base/this-node.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export function takeSignals(): void {
  const port = parentPort
  if (port === null) return
  // The thread's own listeners for messages would keep it running; ours does not.
  port.on('message', (message: unknown) => {
    const number = (message as { polyprocessSignal?: number } | null)?.polyprocessSignal
    const name = SIGNALS.find(each => constants.signals[each] === number)
    if (name !== undefined) process.emit(name, name)
  })
  port.unref()
  let told = ''
  const tell = (): void => {
    const heeds = SIGNALS.filter(name => process.listenerCount(name) > 0).map(name => constants.signals[name])
    if (String(heeds) === told) return
    told = String(heeds)
    port.postMessage({ polyprocessHeeds: heeds })
  }
  // The event is told before the listener is there.
  process.on('newListener', name => void (isOurs(name) && queueMicrotask(tell)))
  process.on('removeListener', name => void (isOurs(name) && tell()))
}

function isOurs(name: string | symbol): boolean {
  return (SIGNALS as readonly (string | symbol)[]).includes(name)
}
