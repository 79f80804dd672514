/** What a bell's owner holds. It starts unreferenced: it does not keep the event loop alive. */
export interface Bell {
  /** The socket that is rung, for who blocks for it and other descriptors at once. */
  readonly descriptor: number
  ref(): void
  unref(): void
  /** May be called twice. */
  close(): void
}

/** A descriptor that this thread's event loop watches. It starts asleep and unreferenced: it does not keep the event loop alive. */
export interface PollWatch {
  /** What to wait for from now on: 1 to read, 2 to write, 3 for both, 0 for nothing. Level-triggered: told again as long as it is so. */
  wait(events: number): void
  ref(): void
  unref(): void
  /** May be called twice. Before the descriptor itself is closed, or a peer does not see the end. */
  close(): void
}

/** How a process ended: exactly one of the two is a number. */
export interface NativeExit {
  readonly exitCode: number | null
  readonly signal: number | null
}

export interface SpawnOptions {
  /** An absolute path; nobody searches PATH. */
  readonly file: string
  /** With `argv[0]`. */
  readonly args: readonly string[]
  /** Each `KEY=value`. */
  readonly env: readonly string[]
  readonly cwd?: string
  /** Position: descriptor in the child; value: descriptor here, -1 is /dev/null. The child gets no others. */
  readonly fds: readonly number[] | Int32Array
  /** The child leads a process group of its own. */
  readonly processGroup?: boolean
}

/** What the kernel lets us do, each found out by trying it. */
export interface NativeFeatures {
  readonly memfd: boolean
  readonly seals: boolean
  readonly futex: boolean
  readonly pidfdOpen: boolean
  readonly pidfdSignal: boolean
  readonly waitidPidfd: boolean
  readonly closeRange: boolean
}

/**
 * The door to C: mechanism only, one function for about one system call. `native/README.md` names the calls.
 *
 * A failing system call throws an `Error` with `code`, `errno` (negative) and `syscall`; a wrong argument throws a `TypeError` or
 * `RangeError`. Descriptors are numbers, made close-on-exec, and the caller's to close. Where words are passed as an array and an
 * index, the array must be an `Int32Array` over memory that the processes concerned share.
 */
export interface Native {
  /** An anonymous shared memory file of no bytes, which can grow and never shrink. */
  memoryCreate(name: string): number
  /** Makes the file at least `size` bytes long; less than it has already is no error. */
  memoryGrow(fd: number, size: number): void
  /** Makes the file exactly `size` bytes long: for named memory, an anonymous file refuses to shrink. */
  memoryTruncate(fd: number, size: number): void
  memorySize(fd: number): number
  /** Which file this is: the same text is the same file. */
  memoryIdentity(fd: number): string
  /**
   * A buffer over exactly these bytes of the file; the mapping goes when the buffer is collected.
   * @throws RangeError when `offset` is not a multiple of the page size, or `length` is 0 or more than a buffer can have.
   */
  memoryMap(fd: number, offset: number, length: number): ArrayBuffer
  /** Copies the bytes to this place of the file: faster than through a mapping where the file has no pages yet. */
  memoryWrite(fd: number, offset: number, bytes: Uint8Array): void
  /** Asks for large pages under bytes that nobody has touched yet, of a buffer that has pages of its own. Where there are none nothing changes. */
  memoryEnlargePages(bytes: Uint8Array): void
  /** Gives the pages of this range back to the system; it reads as zeros afterwards. */
  memoryPunch(fd: number, offset: number, length: number): void
  /**
   * A buffer over exactly these bytes of mapped memory, which stays mapped as long as it is needed; nothing is copied.
   * The callback of `onReturned` gets `key` once nobody has the memory any more, wherever it was moved to with `transfer()`: in this
   * thread's event loop, or never when the thread ends before. Node marks the buffer so that `postMessage` does not transfer it.
   */
  lendWithin(mapped: Uint8Array, offset: number, length: number, key: number): ArrayBuffer
  /** As `lendWithin`, over a mapping of its own; `offset` must be a multiple of the page size. */
  lendMapped(fd: number, offset: number, length: number, key: number): ArrayBuffer
  /** Who hears, in this thread, of lent memory that nobody has any more. */
  onReturned(callback: (key: number) => void): void
  /** Takes its memory from the buffer, which may be lent: its views have a length of 0 from then on. May be called twice. */
  detach(buffer: ArrayBuffer): void
  /** Opens POSIX shared memory by name, with or without the leading slash. `flags`: 1 creates it and fails if it exists, 0 opens it. */
  sharedMemoryOpen(name: string, flags: 0 | 1): number
  sharedMemoryUnlink(name: string): void
  /** Such a file without a name: it goes with its last descriptor and mapping unless it is linked. */
  sharedMemoryOpenUnnamed(): number
  /** Gives it a name, in one step. `EEXIST`: the name is taken. */
  sharedMemoryLink(fd: number, name: string): void
  /** Unlinks the name if it means the file with this identity. `ENOENT`: it does not, or not any more. */
  sharedMemoryUnlinkSame(name: string, identity: string): void
  /**
   * Says something to the arena's tracker (`native/mp_names.h`); false: there is none.
   * Waiting: while its queue is full, a moment; `EAGAIN` after five seconds.
   */
  trackerTell(arenaId: string, message: string): boolean
  /**
   * Locks one byte of the file for this process, until it unlocks or ends; false: another process has it.
   * Crash safety: the kernel drops it with the process. It also drops it when this process closes any descriptor of the same file.
   */
  byteLock(fd: number, offset: number): boolean
  byteUnlock(fd: number, offset: number): void
  /** The process that holds the byte; 0: nobody, or this process; -1: one of another pid namespace. */
  byteLockOwner(fd: number, offset: number): number

  /**
   * Waiting: blocks this thread while the word has the expected value, for at most `timeout` milliseconds (negative or infinite: no
   * limit). 0: woken, perhaps for no reason, or the value is another; 1: the time is up; 2: a signal's handler ran on this thread.
   * A handler that ran before the sleep began is not noticed here, but by `countSignals`.
   */
  futexWait(words: Int32Array, index: number, expected: number, timeout: number): 0 | 1 | 2
  /** Wakes at most `count` threads of any process; returns how many. */
  futexWake(words: Int32Array, index: number, count: number): number

  /** How many signals libuv has caught for this thread's event loop that the loop has not heard of yet; -1: this libuv cannot be looked into. */
  countSignals(): number
  /**
   * Their numbers, the oldest first; fewer where not all can be read. They stay where they are. `oldest` names the first of them, and no other
   * that comes; it is empty if not all could be read.
   */
  peekSignals(): { oldest: string; signals: number[] }

  /** Names the arena whose bells this thread rings: 32 hexadecimal digits, the same in every call. */
  bellArena(arenaId: string): void
  /**
   * Listens for rings of a slot's bell in this thread's event loop, `words[index]` being its sequence and the next word its mode.
   * After each wake-up `callback` runs once, however often it was rung. `EADDRINUSE`: the slot has a listener already.
   */
  bellOpen(arenaId: string, slot: number, words: Int32Array, index: number, callback: () => void): Bell
  /**
   * Wakes a bell's owner if it sleeps; to be called after adding one to the sequence. False: there was nobody to wake.
   * Crash safety: a ringer that dies inside may have taken the mode away without waking; whoever reaps it calls `bellForce`.
   */
  bellWake(slot: number, words: Int32Array, index: number): boolean
  /** Adds one to the sequence and wakes the bell's owner by all means, whatever its mode says. */
  bellForce(slot: number, words: Int32Array, index: number): boolean

  /**
   * Watches a descriptor in this thread's event loop; nothing is waited for yet. `callback` gets the events that are there; after an error of the
   * descriptor, both, once: then `wait` has to be called again. Any number of watches may be on one descriptor, whose flags are not
   * touched. A watch stays until it is closed, or the process forked. `EPERM`: this kind of file is always ready.
   */
  pollWatch(fd: number, callback: (events: number) => void): PollWatch

  /**
   * Sends a message as a frame of `native/mp_stream.h`, or what is left of it. `state` is a Float64Array of 38 that the calls for one message
   * share, zero at first: [0] how many bytes of header and message went, [1] the kind (2: with descriptors beside it, else plain), and of that
   * kind [2] to [4] three words, [5] how many descriptors, [6]… which. `timeout`: how many ms it may wait.
   * 0: all is sent; -1: the time is up; -2: a signal's handler ran. Whatever it throws, `state` is right.
   */
  streamSend(fd: number, state: Float64Array, bytes: Uint8Array, timeout: number): 0 | -1 | -2
  /** Sends a plain message of which nothing has gone, without waiting. -1: all is sent; otherwise how many bytes of header and message went. */
  streamSendNext(fd: number, bytes: Uint8Array): number
  /**
   * Goes on receiving a message, whose bytes go to `bytes` if there is room for all of them in its first `room`. `state` is a Float64Array of
   * 43 that the calls for one message share, zero at first: [0] bytes of the header, [1] the kind (-1: not known yet; 0: bad; 1: plain; 2:
   * with descriptors beside it), [2] the length, [3] how many bytes are there, [4] to [6] three words, [7] to [9] the header's bytes, [10] how
   * many descriptors have come along, [11]… which.
   * 0: it is whole; 1: its header is, and it is too long or bad; -1: the time is up; -2: a signal's handler ran; -3: end of file.
   */
  streamReceive(fd: number, state: Float64Array, bytes: Uint8Array, room: number, timeout: number): 0 | 1 | -1 | -2 | -3
  /**
   * Begins to receive a message, whose bytes go to `bytes` from `start` on if there is room for all of them in `room`. Its length, if it is a
   * plain message and whole; then `state` is not touched. Otherwise `state`, which is that of `streamReceive`, says what there is: -1 to -3 as
   * there; -4: it is whole; -5: it is too long or bad.
   */
  streamReceiveNext(fd: number, state: Float64Array, bytes: Uint8Array, start: number, room: number, timeout: number): number

  /** In the main process of a tree: keeps descriptors that are on their way. More than once is no error. `arenaFd` must stay open. */
  keeperOpen(arenaId: string, arenaFd: number): void
  /**
   * Leaves a copy of the descriptor with the keeper, under the name of a block of the arena and its generation; `place` is where the generation
   * stands in the arena's file. It is closed when the block has been freed. `ECONNREFUSED`: there is no keeper; `ETIMEDOUT`: it does not listen.
   */
  keeperDeposit(arenaId: string, block: number, generation: number, place: number, fd: number): void
  /** Takes it from there: nobody gets it twice. `ENOENT`: it is not there (any more). */
  keeperWithdraw(arenaId: string, block: number, generation: number): number

  /**
   * Starts a program with default signal handling. What fails in the child, `execve` first of all, is this call's error.
   * Waiting: until the child has executed the program, about a millisecond. Somebody must reap the child: `waitPid` or `watchChild`.
   */
  spawn(options: SpawnOptions): { pid: number; pidfd: number }
  pidfdOpen(pid: number): number
  /** False: the process is gone. */
  pidfdSignal(pidfd: number, signal: number): boolean
  /** Reaps a child; null: it runs. `ECHILD`: not ours, or reaped already. */
  waitPid(pidfd: number): NativeExit | null
  /** Whether the process, a child or not, has ended, reaped or not. */
  isEnded(pidfd: number): boolean
  /**
   * The helper thread reaps the child when it ends, keeps the exit for `takeExits` of this thread, and rings this bell.
   * `pidfd` may be closed afterwards. `key` is an integer of 32 bits that no other watch of this thread has.
   */
  watchChild(pidfd: number, key: number, words: Int32Array, index: number, slot: number): void
  /** Stops watching, and forgets an exit not yet taken; false: nothing has this key. */
  unwatchChild(key: number): boolean
  /** Triples of key, exit code (-1: by a signal, or unknown), signal (0: none, or unknown). */
  takeExits(): Int32Array
  /** When the process behind `pidfd` ends, this one gets SIGTERM, and SIGKILL after `graceMs`, whatever its threads are doing. */
  watchUser(pidfd: number, graceMs: number): void
  /** Immediately before a fork: the helper thread is kept out of its work until one of the two below. */
  forkPrepare(): void
  forkInParent(): void
  /**
   * In a forked child, after its event loop has become its own: it forgets what the parent watched, closes its bells without touching
   * their words, takes no notice of memory that was lent before the fork, and must be told by `bellArena` whose bells it rings.
   */
  forkInChild(): void
  /** When the process leaves, after the last word that Node writes, it waits until these have ended. Once, in an `exit` event. `pidfds`: of an Int32Array, as bytes. */
  exitAfter(pidfds: Uint8Array): void
  /** Ends the process at once: no `exit` event, nothing flushed. */
  exitNow(code: number): never
  /** The kernel's number for this thread; the main thread's is the pid. */
  threadId(): number

  close(fd: number): void
  /** From here on the descriptor goes with this thread, also if that is a Worker which is terminated. */
  ownDescriptor(fd: number): void
  /** Closes such a descriptor. */
  closeOwned(fd: number): void
  duplicate(fd: number): number
  setCloseOnExec(fd: number, on: boolean): void
  /** Two connected stream sockets that block. */
  socketPair(): [number, number]
  /** Sends a byte with a descriptor, which stays open here. */
  sendDescriptor(socket: number, fd: number, byte: number): void
  /** Null at end of file; `fd` is -1 when the byte came alone. Waiting: as the socket does. */
  receiveDescriptor(socket: number): { fd: number; byte: number } | null
  /** poll(2): the events that are ready, 0 when the time is up, -1 when a signal's handler ran. */
  pollDescriptor(fd: number, events: number, timeout: number): number
  /** The index of the first descriptor that can be read or has ended; -1: the time is up, or a signal's handler ran. `fds`: of an Int32Array, as bytes. */
  pollDescriptors(fds: Uint8Array, timeout: number): number
  /**
   * poll(2): the number of entries that are ready, 0 when the time is up, -1 when a signal's handler ran. An entry is two words: a
   * descriptor (a negative one is left out), and the events asked for; the upper 16 bits of the second are the answer. `EBADF`: one of
   * them is closed. Waiting: blocks this thread for at most `timeout` ms; negative: no limit.
   */
  pollEntries(entries: Int32Array, timeout: number): number
  /** Makes `target` mean what `fd` does; -1 is /dev/null. */
  replaceDescriptor(fd: number, target: number): void
  /** Ignores a signal, or gives it its default meaning. Not for signals that JavaScript listens to. */
  ignoreSignal(signal: number, ignored: boolean): void
  /** Whether the kernel kills this process as soon as the thread that forked it has ended. */
  dieWithForker(dies: boolean): void
  /** What this thread is called in /proc and by ps, in up to 15 bytes. Returns what it was called before. */
  renameThread(name: string): string
  /** How many bytes came; 0 at end of file. Waiting: as the descriptor does, or `EAGAIN`. */
  readDescriptor(fd: number, bytes: Uint8Array): number
  /** How many bytes went. Waiting: as the descriptor does, or `EAGAIN`. */
  writeDescriptor(fd: number, bytes: Uint8Array): number

  /** The system's form of a path, or of an abstract name, which begins with NUL. `ENAMETOOLONG`: more than 107 or 108 bytes. */
  socketPath(path: Uint8Array): Uint8Array
  /**
   * The system's form of a host's first address of that kind, with the port; a string says why there is none: `ENOTFOUND`, `EAI_AGAIN`…
   * The empty host is every address of this machine. Waiting: for name servers, unless `isNumeric`.
   */
  socketHost(isV6: boolean, host: string, port: number, isNumeric: boolean): Uint8Array | string
  /** What an address of the system says: host and port in numbers, or the bytes of a path, of which an unnamed peer has none. */
  socketName(address: Uint8Array): [host: string, port: number] | Uint8Array
  /** A listening socket, which does not block. */
  socketListen(address: Uint8Array, backlog: number): number
  /** What the socket is bound to. */
  socketAddress(fd: number): Uint8Array
  /** A socket that blocks, and its peer; null: nobody is there. */
  socketAccept(fd: number): { fd: number; address: Uint8Array } | null
  /** Not connected yet: `socketConnected` says how it went once it can be written to. Null: the local listener's queue is full. */
  socketConnect(address: Uint8Array): { fd: number; isConnected: boolean } | null
  /** Throws what came in between; the socket stays open all the same. From here on it blocks. */
  socketConnected(fd: number): void
  /** How many bytes went, without waiting whatever the socket's mode is; -1: none can at the moment. No SIGPIPE: `EPIPE`. */
  socketSend(fd: number, bytes: Uint8Array): number
  /** How many bytes came, without waiting; 0 at end of file, -1: there are none at the moment. */
  socketReceive(fd: number, bytes: Uint8Array): number

  features(): NativeFeatures
}
