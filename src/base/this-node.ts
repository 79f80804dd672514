/** Whether Node has loaded this module of its own. Asking does not load it. */
export function isLoadedInNode(name: string): boolean {
  const { moduleLoadList } = process as typeof process & { readonly moduleLoadList: readonly string[] }
  return moduleLoadList.includes(`NativeModule ${name}`)
}

/**
 * A Worker has this module from its start; in the main thread it is null until somebody has loaded it. It loads all of Node's streams, which
 * takes each program and each child that has the library 1.5 ms: so the library does not ask it which thread this is.
 */
const threads = isLoadedInNode('worker_threads') ? process.getBuiltinModule('node:worker_threads') : null

export const isMainThread: boolean = threads?.isMainThread ?? true
/** Of a Worker; null: it was given nothing, or is none. */
export const workerData: unknown = threads?.workerData ?? null
/** Of a Worker. */
export const parentPort: import('node:worker_threads').MessagePort | null = threads?.parentPort ?? null

/** The words that this Node was started with: of its command line, or of a part of that, and of NODE_OPTIONS. */
export function nodeFlags(execArgv: readonly string[] = process.execArgv): string[] {
  return [...execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)]
}

/** The value of a flag that has one, in either of its forms. As with Node, the last one counts, and the command line before NODE_OPTIONS. */
export function nodeFlagValue(flag: string): string | undefined {
  return valueIn(process.execArgv, flag) ?? valueIn(wordsOf(process.env.NODE_OPTIONS ?? ''), flag)
}

function valueIn(words: readonly string[], flag: string): string | undefined {
  const index = words.findLastIndex(word => word === flag || word.startsWith(`${flag}=`))
  const word = words[index]
  return word === flag ? words[index + 1] : word?.slice(flag.length + 1)
}

/** Double quotes keep a word together, and a backslash within them the next character. */
function wordsOf(options: string): string[] {
  const words = options.match(/(?:[^ "]|"(?:\\.|[^"\\])*")+/g) ?? []
  return words.map(word => word.replace(/"((?:\\.|[^"\\])*)"/g, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1')))
}
