/** Whether Node has loaded this module of its own. Asking does not load it. */
export function isLoadedInNode(name: string): boolean {
  const { moduleLoadList } = process as typeof process & { readonly moduleLoadList: readonly string[] }
  return moduleLoadList.includes(`NativeModule ${name}`)
}
