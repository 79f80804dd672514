// The shared memory of this process's tree. The main process makes it when something is first shared; a child attaches to the one
// it inherited before it does anything else. Importing the library touches nothing.
import { calledInChild } from '../base/at-fork.ts'
import { MultiprocessingError } from '../base/errors.ts'
import { native } from '../native/load.ts'
import { Allocator } from './blocks/allocator.ts'
import { BlockEntries } from './blocks/block-entries.ts'
import { type OwnerId, slotOf, THE_TREE } from './identity.ts'
import { ARENA_ID_WORDS, MAGIC, MAGIC_WORD, SEGMENT_LIMIT_WORD, VERSION, VERSION_WORD } from './layout.ts'
import { giveBackLater } from './kept-memory.ts'
import { FileMemory, type MemorySource } from './memory-source.ts'
import { ProcessTable } from './process-table.ts'
import { type ReapHook, Reaper } from './reaper.ts'
import { type Reference, Segments } from './segments.ts'
import { load, store, type Words } from './words.ts'

/** What a block is known by once it may have been freed: its place, and how often that place was freed before. */
export interface Handle {
  readonly reference: Reference
  readonly generation: number
}

export class Arena {
  readonly source: MemorySource
  readonly segments: Segments
  /** Segment 0, where the tables are. */
  readonly root: Words
  readonly allocator: Allocator
  readonly slots: ProcessTable
  readonly reaper: Reaper
  /** This thread's place in the process table, and its name for all that it owns. */
  readonly slot: number
  readonly me: OwnerId

  private constructor({ source, segments, root, slots, allocator, reaper }: Parts, id: OwnerId | null, pid: number, processSlot?: number) {
    this.source = source
    this.segments = segments
    this.root = root
    this.slots = slots
    this.allocator = allocator
    this.reaper = reaper
    this.me = id ?? this.slots.idOf(this.slots.claim(THE_TREE))
    this.slot = slotOf(this.me)
    if (!this.slots.attach(this.me, pid, processSlot ?? this.slot)) {
      throw new MultiprocessingError(`Slot ${this.slot} was given up before process ${pid} could take it: its parent has ended`)
    }
    // After this segment 0 is an ordinary one, too.
    if (id === null) this.allocator.large.addSegment(this.me)
  }

  /** A new arena on memory that is all zero; the caller is its main process, in slot 1. */
  static create(source: MemorySource, pid: number): Arena {
    source.grow(1)
    const segments = new Segments(source)
    format(segments.words(0))
    return new Arena(partsOf(segments), null, pid)
  }

  /**
   * The arena that is there already, for the one whom the parent has named by claiming a slot: `slots.idOf(slot)`. `processSlot`: the
   * main thread's, for one who is a thread.
   */
  static attach(source: MemorySource, id: OwnerId, pid: number, processSlot?: number): Arena {
    const segments = new Segments(source)
    checkFormat(segments.words(0))
    return new Arena(partsOf(segments), id, pid, processSlot)
  }

  /** In a forked child: the arena of its parent, under a name of its own. Nothing in its parts is about one process. */
  attachForked(id: OwnerId, pid: number): Arena {
    return new Arena(this, id, pid)
  }

  /** 32 hexadecimal digits that no other arena has. */
  get id(): string {
    let id = ''
    for (let word = 0; word < 4; word += 1) id += (load(this.root, ARENA_ID_WORDS + word) >>> 0).toString(16).padStart(8, '0')
    return id
  }

  /** A block owned by this thread: freed when the thread or its process ends, if not before. */
  allocate(byteLength: number): Reference {
    return this.allocator.allocate(byteLength, this.me)
  }

  /** Frees a block that this thread owns. False: it was not this thread's. */
  free(reference: Reference): boolean {
    return this.allocator.free(reference, this.me, this.me)
  }

  /** Frees a block that belongs to the tree and not to one of its processes. */
  freeShared(reference: Reference): boolean {
    return this.allocator.free(reference, THE_TREE, this.me)
  }

  /** From here on the block outlives this process. */
  shareBlock(reference: Reference): void {
    this.allocator.entries.changeOwner(reference, this.me, THE_TREE)
  }

  /** From here on the tree's block belongs to this thread. False: somebody else has it. */
  takeShared(reference: Reference): boolean {
    return this.allocator.entries.changeOwner(reference, THE_TREE, this.me)
  }

  /** The bytes of a block. For library code only: the buffer behind it may be a whole segment. */
  view(reference: Reference, byteLength: number): Uint8Array {
    return this.segments.view(reference, byteLength)
  }
}

type Parts = Pick<Arena, 'source' | 'segments' | 'root' | 'slots' | 'allocator' | 'reaper'>

const reapHooks: ReapHook[] = []

/** From now on `hook` runs for every owner that this thread reaps, before its blocks are freed. Returns how to take it away. */
export function addReapHook(hook: ReapHook): () => void {
  reapHooks.push(hook)
  return () => void reapHooks.splice(reapHooks.indexOf(hook), 1)
}

function partsOf(segments: Segments): Parts {
  const root = segments.words(0)
  const slots = new ProcessTable(root)
  const allocator = new Allocator(segments, new BlockEntries(segments))
  return { source: segments.source, segments, root, slots, allocator, reaper: new Reaper(segments, allocator, slots, reapHooks) }
}

function format(root: Words): void {
  // A name that no other arena has, not a secret; the crypto module would cost every program 3 ms.
  store(root, ARENA_ID_WORDS, process.pid)
  store(root, ARENA_ID_WORDS + 1, Number(process.hrtime.bigint() & 0x7fffffffn))
  for (let word = 2; word < 4; word += 1) store(root, ARENA_ID_WORDS + word, Math.floor(Math.random() * 2 ** 32) | 0)
  store(root, SEGMENT_LIMIT_WORD, 0)
  store(root, VERSION_WORD, VERSION)
  store(root, MAGIC_WORD, MAGIC)
}

function checkFormat(root: Words): void {
  if (load(root, MAGIC_WORD) !== MAGIC) throw new MultiprocessingError('The inherited memory file is not an arena of polyprocess')
  const version = load(root, VERSION_WORD)
  if (version !== VERSION) {
    throw new MultiprocessingError(
      `The arena has layout ${version}, this copy of polyprocess knows ${VERSION}: parent and child load different versions`,
    )
  }
}

let current: Arena | null = null

/** This process's arena, made at the first call in a main process. @throws NotSupportedError where the addon cannot be loaded. */
export function arena(): Arena {
  if (current === null) {
    const memory = FileMemory.create()
    current = keeping(Arena.create(memory, process.pid))
    native().byteLock(memory.fd, current.me)
  }
  return current
}

/** Gives freed memory back when this thread has not freed much for a while. */
function keeping(made: Arena): Arena {
  made.allocator.large.hearOfKept(() => giveBackLater(() => current?.allocator.large.giveBackKept(current.me)))
  return made
}

/**
 * In a child, before anything else: the arena behind an inherited descriptor. `id`: the parent's `slots.idOf(slot)`.
 */
export function attachArena(fd: number, id: OwnerId, processSlot?: number): Arena {
  const memory = new FileMemory(fd)
  if (processSlot !== undefined) {
    current = keeping(Arena.attach(memory, id, process.pid, processSlot))
    return current
  }
  proveLife(fd, id)
  current = keeping(Arena.attach(memory, id, process.pid))
  return current
}

/** The same in a forked child. What was made with its parent's arena object still sees the same memory. */
export function attachForkedArena(id: OwnerId): Arena {
  const parents = arena()
  proveLife((parents.source as FileMemory).fd, id)
  current = parents.attachForked(id, process.pid)
  return current
}

/**
 * The kernel drops this lock when the process ends, however it ends: the proof of life that cannot be confused with a reused pid. Its
 * place is the id and not the slot, which another child may have by now: then attaching fails, and this one's lock harms nobody.
 */
function proveLife(fd: number, id: OwnerId): void {
  native().byteLock(fd, id)
}

/** Whether this thread has met its arena yet: asking for it makes one. */
export function hasArena(): boolean {
  return current !== null
}

/** The descriptor of the memory file, for a child to inherit. */
export function arenaDescriptor(): number {
  return (arena().source as FileMemory).fd
}

/**
 * Whether another process with this pid still runs under this id, as its lock says, which cannot be confused with a reused pid. One's own
 * locks nobody tells.
 */
export function holdsLock(id: OwnerId, pid: number): boolean {
  return pid !== 0 && native().byteLockOwner(arenaDescriptor(), id) === pid
}

/** Whether the process behind a slot still runs. */
export function isSlotAlive(slot: number): boolean {
  const { slots, slot: mine } = arena()
  const process = slots.processSlotOf(slot)
  return process === slots.processSlotOf(mine) || native().byteLockOwner(arenaDescriptor(), slots.idOf(process)) !== 0
}

calledInChild(Arena, ProcessTable, checkFormat, attachForkedArena, proveLife, arenaDescriptor, holdsLock)
