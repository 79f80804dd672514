// Progress in words.
import type { Progress } from './progress-option.ts'

/** What is shown beside what users get. */
export interface ShownProgress extends Progress {
  /** Items a ms. */
  readonly rate: number | undefined
  readonly workers: number | undefined
}

/** All in one line: `resizing: 120 of 1000 (12%), 34/s, 25 s left, 2 failed, 4 workers`. */
export function progressLine(progress: ShownProgress, label: string | undefined): string {
  const { total } = progress
  const count = countOf(progress)
  const share = total === undefined || total === 0 ? '' : ` (${Math.floor((100 * count) / total)}%)`
  const counts = total === undefined ? `${count} items` : `${count} of ${total}${share}`
  return `${labelled(label)}${[counts, ...details(progress)].join(', ')}`
}

export function labelled(label: string | undefined): string {
  // A line break in it would make many lines of what is redrawn as one.
  return label === undefined || label === '' ? '' : `${label.replaceAll(/\p{Cc}/gu, ' ')}: `
}

/** Items that are through, however they ended. */
export function countOf({ done, failed }: Progress): number {
  return done + failed
}

/** What is known beside the counts. */
export function details(progress: ShownProgress): string[] {
  const { rate, remaining, elapsed, failed, workers, total } = progress
  const isOver = total !== undefined && countOf(progress) >= total
  return [
    ...(rate === undefined ? [] : [formatRate(rate)]),
    remaining === undefined || isOver ? formatDuration(elapsed) : `${formatDuration(remaining)} left`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(workers === undefined ? [] : [workers === 1 ? '1 worker' : `${workers} workers`]),
  ]
}

/** @param perMillisecond more than 0 */
export function formatRate(perMillisecond: number): string {
  const perSecond = perMillisecond * 1000
  if (perSecond >= 10) return `${Math.round(perSecond)}/s`
  if (perSecond >= 0.1) return `${perSecond.toFixed(1)}/s`
  return `${(perSecond * 3600).toFixed(perSecond * 3600 >= 10 ? 0 : 1)}/h`
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}
