export type FindingState = 'ok' | 'warning' | 'missing'

/** One thing that was looked at. */
export interface Finding {
  readonly area: 'system' | 'kernel' | 'start methods' | 'limits' | 'cores'
  readonly name: string
  readonly state: FindingState
  /** Without it, nothing works. */
  readonly required: boolean
  readonly value: string
  /** What to do about it; null when there is nothing to do. */
  readonly advice: string | null
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

export function formatBytes(bytes: number): string {
  let amount = bytes
  let unit = 0
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${amount >= 10 || unit === 0 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[unit]}`
}

/** As columns, an area after the other. */
export function formatFindings(findings: readonly Finding[]): string {
  const lines: string[] = []
  const width = Math.max(...findings.map(finding => finding.name.length))
  let area = ''
  for (const finding of findings) {
    if (finding.area !== area) lines.push('', finding.area)
    area = finding.area
    lines.push(`  ${finding.state.padEnd(8)} ${finding.name.padEnd(width)}  ${finding.value}`)
    if (finding.advice !== null) lines.push(`  ${' '.repeat(8)} ${' '.repeat(width)}  -> ${finding.advice}`)
  }
  return `${lines.slice(1).join('\n')}\n`
}
