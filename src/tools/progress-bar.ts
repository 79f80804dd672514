import { MultiBar, type Options } from 'cli-progress'

export interface ProgressOptions {
  /** undefined: not known beforehand, so what is shown is how many are done and not which share of them. */
  readonly total: number | undefined
  /** What is counted, as it is written after the number. */
  readonly unit: string
  readonly label?: string
  /** How done and total are written; as plain numbers unless given. */
  readonly format?: (count: number) => string
}

/** A line on standard error that is redrawn on a terminal, and printed anew every two seconds elsewhere. */
export interface ProgressBar {
  update(done: number, note?: string): void
  /** Takes the bar off the terminal, so that something else can be printed there; the next redraw brings it back below. */
  clear(): void
  stop(): void
}

export function startProgressBar(options: ProgressOptions): ProgressBar {
  const bars = new MultiBar(barOptions(options))
  const bar = bars.create(options.total ?? 0, 0, { note: '' })
  return {
    update: (done, note = '') => bar.update(done, { note }),
    clear: () => {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
    },
    stop: () => bars.stop(),
  }
}

/** For whoever does not want one, so that callers need not ask. */
export const noProgressBar: ProgressBar = { update() {}, clear() {}, stop() {} }

function barOptions({ total, unit, label = '', format = String }: ProgressOptions): Options {
  const known = `{bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left{note}`
  const unknown = `{value} ${unit} | {duration_formatted}{note}`
  return {
    format: `${label}${total === undefined ? unknown : known}`,
    formatValue: (value, _options, type) => (type === 'value' || type === 'total' ? format(value) : String(value)),
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 2000,
    // Results on the same terminal may have overwritten the bar although it did not change.
    forceRedraw: true,
    // Whoever starts the bar handles signals. With listeners of the bar's own, Ctrl-C would no longer end the program.
    gracefulExit: false,
    // Cuts the bar at the terminal's width. With false, the terminal would be told to cut every line, results included.
    linewrap: true,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  }
}
