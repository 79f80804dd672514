/** Something to wait for inside a test. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function newGate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { opened, open: () => open() }
}
