// What the library says of itself, for those who look for a fault: as Python's multiprocessing.get_logger(), with its levels.
import { calledInChild } from '../base/at-fork.ts'
import { expected } from '../base/validate.ts'
import { currentName } from './inside/current.ts'

export type LogLevel = 'subdebug' | 'debug' | 'info' | 'subwarning' | 'warning' | 'error' | 'critical' | 'off'

export interface LogRecord {
  readonly level: LogLevel
  readonly message: string
  readonly processName: string
  readonly pid: number
  /** Of `Date.now()`. */
  readonly time: number
}

/** Whatever is logged at `level` or above goes to `sink`. */
export interface Logger {
  /** Children start with the level of their parent. */
  level: LogLevel
  /** Null: nowhere. */
  sink: ((record: LogRecord) => void) | null
  log(level: LogLevel, message: string): void
  debug(message: string): void
  info(message: string): void
  warning(message: string): void
  error(message: string): void
}

/** What a child is told of it. */
export interface LogState {
  readonly level: LogLevel
  readonly isOnStderr: boolean
}

const LEVELS: readonly LogLevel[] = ['subdebug', 'debug', 'info', 'subwarning', 'warning', 'error', 'critical', 'off']

function checkLevel(level: unknown): LogLevel {
  if (LEVELS.includes(level as LogLevel)) return level as LogLevel
  throw new TypeError(expected('level', `one of ${LEVELS.join(', ')}`, level))
}

class OwnLogger implements Logger {
  sink: Logger['sink'] = null
  #level: LogLevel = 'warning'

  get level(): LogLevel {
    return this.#level
  }

  set level(level: LogLevel) {
    this.#level = checkLevel(level)
  }

  log(level: LogLevel, message: string): void {
    const rank = LEVELS.indexOf(checkLevel(level))
    if (this.sink === null || this.#level === 'off' || level === 'off' || rank < LEVELS.indexOf(this.#level)) return
    this.sink({ level, message, processName: currentName(), pid: process.pid, time: Date.now() })
  }

  debug(message: string): void {
    this.log('debug', message)
  }

  info(message: string): void {
    this.log('info', message)
  }

  warning(message: string): void {
    this.log('warning', message)
  }

  error(message: string): void {
    this.log('error', message)
  }
}

const logger = new OwnLogger()

function toStderr({ level, processName, message }: LogRecord): void {
  process.stderr.write(`[${level.toUpperCase()}/${processName}] ${message}\n`)
}

/** The library's logger in this process. It says nothing until it has a sink. */
export function getLogger(): Logger {
  return logger
}

/** Lets the logger write lines as `[INFO/Process-1] message` to standard error, also in children that are started from now on. @throws TypeError for a level that is none */
export function logToStderr(level?: LogLevel): Logger {
  if (level !== undefined) logger.level = level
  logger.sink = toStderr
  return logger
}

export function logState(): LogState {
  return { level: logger.level, isOnStderr: logger.sink === toStderr }
}

/** In a child. */
export function startWithLog({ level, isOnStderr }: LogState): void {
  logger.level = level
  logger.sink = isOnStderr ? toStderr : null
}

/** The library's own words. */
export function logStep(message: string): void {
  if (logger.sink !== null) logger.info(message)
}

calledInChild(startWithLog, OwnLogger, checkLevel)
