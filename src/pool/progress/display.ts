// Progress to look at: a bar that is redrawn on a terminal, lines elsewhere. When something is drawn is the meter's matter: a bar
// of cli-progress has timers of its own, which keep a program running, and stand still while the thread is blocked.
import { createRequire } from 'node:module'
import type { Writable } from 'node:stream'
import { holdOutput } from './outputs.ts'
import { countOf, details, labelled, progressLine, type ShownProgress } from './words.ts'

/** Something that shows progress, until its end. */
export interface ProgressDisplay {
  /** Between two updates, in ms, if nothing else is wanted. */
  readonly interval: number
  show(progress: ShownProgress): void
  /** Shows how it ended. Nothing is written afterwards. */
  end(progress: ShownProgress): void
}

type CliProgress = typeof import('cli-progress')

let cliProgress: CliProgress | undefined

/** Loaded when the first bar is drawn: most programs draw none. */
function bars(): CliProgress {
  cliProgress ??= createRequire(`${import.meta.dirname}/`)('cli-progress') as CliProgress
  return cliProgress
}

const BAR_SIZE = 20

/** @param label stands before the bar */
export function openDisplay(output: Writable, label: string | undefined): ProgressDisplay {
  const terminal = output as Writable & { readonly isTTY?: boolean }
  const release = holdOutput(output)
  const isTerminal = terminal.isTTY === true
  const draw = isTerminal
    ? (progress: ShownProgress) => write(output, `\r${barText(progress, label, widthOf(output))}\u001b[K`)
    : (progress: ShownProgress) => write(output, `${progressLine(progress, label)}\n`)
  return {
    interval: isTerminal ? 100 : 10_000,
    show: draw,
    end: progress => {
      draw(progress)
      if (isTerminal) write(output, '\n')
      release()
    },
  }
}

function write(output: Writable, text: string): void {
  if (output.writable !== false) output.write(text)
}

/** A terminal that has been made narrower since is asked each time. */
function widthOf(output: Writable): number {
  const { columns } = output as Writable & { readonly columns?: number }
  return columns === undefined || columns < 1 ? 80 : columns
}

/** Cut at the terminal's width: of a line that wraps, only the last part would be overwritten. */
function barText(progress: ShownProgress, label: string | undefined, width: number): string {
  const { total } = progress
  if (total === undefined) return progressLine(progress, label).slice(0, width - 1)
  const count = countOf(progress)
  const share = total === 0 ? 1 : Math.min(1, count / total)
  const bar = bars().Format.BarFormat(share, {
    barsize: BAR_SIZE,
    barCompleteString: '█'.repeat(BAR_SIZE),
    barIncompleteString: '░'.repeat(BAR_SIZE),
    barGlue: '',
  })
  const text = `${bar} ${Math.floor(share * 100)}% | ${count}/${total} | ${details(progress).join(' | ')}`
  return `${labelled(label)}${text}`.slice(0, width - 1)
}
