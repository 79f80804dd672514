/** Whether Node has loaded this module of its own. Asking does not load it. */
export function isLoadedInNode(name: string): boolean {
  const { moduleLoadList } = process as typeof process & { readonly moduleLoadList: readonly string[] }
  return moduleLoadList.includes(`NativeModule ${name}`)
}

/** The words that this Node was started with: of its command line, or of a part of that, and of NODE_OPTIONS. */
export function nodeFlags(execArgv: readonly string[] = process.execArgv): string[] {
  return [...execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)]
}
