// Several processes play on one arena and are killed at random: by themselves before a random write, or from outside at a random
// moment. The main process plays, too, reaps them, and starts others. At the end nothing may be damaged, lost or left.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { THE_TREE } from '../../src/memory/identity.ts'
import { FileMemory } from '../../src/memory/memory-source.ts'
import { verify } from './memory-patterns.ts'
import { BOARD_BYTES, Player, randomFrom } from './memory-player.ts'

const PROGRAM = fileURLToPath(new URL('../fixtures/memory/player-main.js', import.meta.url))

export interface ChaosOptions {
  readonly seed: number
  readonly processes: number
  /** It ends when so many were killed, or when so many milliseconds are over. */
  readonly kills: number
  readonly milliseconds: number
}

export interface ChaosCounts {
  started: number
  killedByThemselves: number
  killedFromOutside: number
  ended: number
  /** Reaped before they had attached. */
  unborn: number
  blocksLeftToTree: number
  segments: number
}

export async function playChaos(options: ChaosOptions): Promise<ChaosCounts> {
  const memory = FileMemory.create()
  try {
    const chaos = new Chaos(memory, options)
    await chaos.play()
    return chaos.settle()
  } finally {
    closeSync(memory.fd)
  }
}

class Chaos {
  readonly #options: ChaosOptions
  readonly #memory: FileMemory
  readonly #arena: Arena
  readonly #board: number
  readonly #random: () => number
  readonly #player: Player
  readonly #deadline: number
  readonly #counts: ChaosCounts = {
    started: 0,
    killedByThemselves: 0,
    killedFromOutside: 0,
    ended: 0,
    unborn: 0,
    blocksLeftToTree: 0,
    segments: 0,
  }

  constructor(memory: FileMemory, options: ChaosOptions) {
    this.#memory = memory
    this.#options = options
    this.#arena = Arena.create(memory, process.pid)
    this.#board = this.#arena.allocate(BOARD_BYTES)
    this.#random = randomFrom(options.seed)
    this.#player = new Player(this.#arena, this.#board, randomFrom(options.seed + 1))
    this.#deadline = performance.now() + options.milliseconds
  }

  async play(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.processes }, () => this.#oneAfterTheOther()))
  }

  /** Everybody else is gone: checks that all is there, frees it, and that nothing else is there. */
  settle(): ChaosCounts {
    const arena = this.#arena
    const shelved = [...this.#player.shelved()].filter(block => arena.allocator.entries.ownerOf(block) === THE_TREE)
    for (const block of shelved) verify(arena, block)
    const { problems, blocks, slotsInUse, segments } = checkArena(arena)
    assert.deepEqual(problems, [])
    assert.equal(slotsInUse, 1)
    assert.equal(blocks, 1 + this.#player.countOwned() + shelved.length)
    for (const block of shelved) assert.ok(arena.freeShared(block))
    this.#player.end()
    arena.reaper.reclaim(arena.me, arena.me)
    assert.deepEqual({ ...checkArena(arena), segments: 0 }, { problems: [], segments: 0, blocks: 0, bytes: 0, slotsInUse: 1 })
    return { ...this.#counts, blocksLeftToTree: shelved.length, segments }
  }

  async #oneAfterTheOther(): Promise<void> {
    while (this.#killed < this.#options.kills && performance.now() < this.#deadline) {
      const slot = this.#arena.slots.claim(this.#arena.me)
      const id = this.#arena.slots.idOf(slot)
      await this.#oneLife(id)
      if (this.#arena.slots.pidOf(slot) === 0) this.#counts.unborn += 1
      assert.ok(this.#arena.reaper.reap(id, this.#arena.me))
      for (let turn = 0; turn < 20; turn += 1) this.#player.play()
    }
  }

  async #oneLife(id: number): Promise<void> {
    const seed = Math.floor(this.#random() * 2 ** 31)
    const fate = this.#random()
    const lastWrite = fate < 0.75 ? 1 + Math.floor(this.#random() ** 2 * 3000) : 0
    const turns = fate < 0.95 ? 100_000 : 500
    const parameters = [PROGRAM, id, this.#board, seed, turns, lastWrite].map(String)
    const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'inherit', 'inherit', this.#memory.fd] })
    this.#counts.started += 1
    const killer = fate >= 0.75 && fate < 0.95 ? setTimeout(() => child.kill('SIGKILL'), 20 + this.#random() * 150) : null
    await this.#end(child, killer !== null)
    if (killer !== null) clearTimeout(killer)
  }

  async #end(child: ChildProcess, fromOutside: boolean): Promise<void> {
    const [exitCode, signal] = await once(child, 'exit')
    if (signal === 'SIGKILL' && fromOutside) this.#counts.killedFromOutside += 1
    else if (signal === 'SIGKILL') this.#counts.killedByThemselves += 1
    else this.#counts.ended += 1
    if (signal !== 'SIGKILL') assert.equal(exitCode, 0, `A player failed with ${exitCode ?? signal}; seed ${this.#options.seed}`)
  }

  get #killed(): number {
    return this.#counts.killedByThemselves + this.#counts.killedFromOutside
  }
}
