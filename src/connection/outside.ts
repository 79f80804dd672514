import { native } from '../native/load.ts'
import { type Attachment, HANDLE_BYTES } from '../wire/values/capability.ts'

export const PAGE_BYTES = 4096

/** No frame carries more. */
const MOST_DESCRIPTORS = 32

/** What goes beside a message: descriptors, one of which may be a memory file. They are closed when the message is on its way. */
export class Outside {
  readonly fds: number[] = []
  /** -1: there is none. */
  file = -1
  #pages = 0

  /** Puts the bytes into the file. Null: there is no descriptor for one; then everything goes through the socket. */
  add(bytes: Uint8Array): Attachment | null {
    if (this.file === -1 && !this.#openFile()) return null
    const reference = this.#pages
    native().memoryWrite(this.file, reference * PAGE_BYTES, bytes)
    this.#pages += Math.ceil(bytes.length / PAGE_BYTES)
    return { reference, generation: 0, byteLength: bytes.length }
  }

  /** A copy of the descriptor; its number among the others stands for it. Null: there are too many. */
  addDescriptor(fd: number): Attachment | null {
    // The file may follow.
    if (this.fds.length >= MOST_DESCRIPTORS - 1) return null
    this.#add(native().duplicate(fd))
    return { reference: this.fds.length - 1, generation: 0, byteLength: HANDLE_BYTES }
  }

  close(): void {
    for (const fd of this.fds.splice(0)) native().closeOwned(fd)
  }

  #openFile(): boolean {
    try {
      this.file = native().memoryCreate('polyprocess-message')
    } catch {
      return false
    }
    this.#add(this.file)
    return true
  }

  /** A Worker may end before it is on its way. */
  #add(fd: number): void {
    native().ownDescriptor(fd)
    this.fds.push(fd)
  }
}
