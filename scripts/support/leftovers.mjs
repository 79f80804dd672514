// What a test run may leave behind, seen from outside: processes and named shared memory.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Names that SharedMemory and Python's give to segments without a name. */
const segmentNames = /^(psm_|wnsm_|polyprocess)/

/** A process that was told to end needs a moment for it. */
const patience = 2000

/**
 * Everything started by the run carries `marker` in its environment. Call before the run; the result tells what is left after it,
 * and ends it: a test that fails must not be a burden to the machine.
 * @param {string} marker
 */
export function watchForLeftovers(marker) {
  const before = new Set(segments())
  return async () => {
    const deadline = Date.now() + patience
    for (;;) {
      const left = [
        ...processesWith(marker).map(describe),
        ...segments()
          .filter(name => !before.has(name) && !isMapped(name))
          .map(name => `/dev/shm/${name}`),
      ]
      if (left.length === 0 || Date.now() > deadline) {
        processesWith(marker).forEach(end)
        return left
      }
      await delay(50)
    }
  }
}

function segments() {
  return existsSync('/dev/shm') ? readdirSync('/dev/shm').filter(name => segmentNames.test(name)) : []
}

function processIds() {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && name !== String(process.pid))
}

/** @param {string} marker */
function processesWith(marker) {
  return processIds().filter(pid => read(`/proc/${pid}/environ`).includes(marker))
}

/** @param {string} pid */
function describe(pid) {
  return `process ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`
}

/**
 * What some living process maps belongs to that process: another program on this machine, or a leftover that is reported anyway. By its
 * inode: a segment that had no name yet when it was mapped is not called by it there.
 * @param {string} name
 */
function isMapped(name) {
  const inode = inodeOf(`/dev/shm/${name}`)
  const mapped = new RegExp(`^\\S+ \\S+ \\S+ \\S+ ${inode} +/dev/shm/`, 'm')
  return inode === null || processIds().some(pid => mapped.test(read(`/proc/${pid}/maps`)))
}

/**
 * @param {string} path
 * @returns {bigint | null} null: it has gone meanwhile
 */
function inodeOf(path) {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null
}

/** @param {string} pid */
function end(pid) {
  try {
    process.kill(Number(pid), 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process has ended meanwhile, or belongs to somebody else.
    return ''
  }
}
