// What this process is called. Names are given in order and nested as Python's are: Process-1, Process-1:2.

interface Description {
  readonly name: string
  readonly daemon: boolean
}

const MAIN: Description = { name: 'MainProcess', daemon: false }
let current = MAIN
const counts = new Map<string, number>()

/** In a child, at its start. */
export function describeCurrent(description: Description): void {
  current = description
}

/** False in a child of this library's. */
export function isMainProcess(): boolean {
  return current === MAIN
}

/** The next free name of a kind: `Process-3`, in a child `Process-1:3`. */
export function nextName(kind: string): string {
  const count = (counts.get(kind) ?? 0) + 1
  counts.set(kind, count)
  const parent = current === MAIN ? '' : `${current.name.replace(/^\D*-/, '')}:`
  return `${kind}-${parent}${count}`
}
