import { diagnostics } from '../../index.ts'
import { findCores } from './core-findings.ts'
import { type Finding, formatFindings } from './finding.ts'
import { findAbstractSockets, findKernel, findStartMethods } from './kernel-findings.ts'
import { findLimits } from './limit-findings.ts'
import { findSystem } from './system-findings.ts'

/** Prints what this machine offers. The status is 1 when something is missing that nothing works without. */
export async function runDoctor(options: { readonly json: boolean }): Promise<number> {
  const facts = diagnostics()
  const findings = [
    ...findSystem(facts.addon),
    ...findKernel(facts.kernel),
    await findAbstractSockets(),
    ...findStartMethods(facts.startMethods),
    ...findCores(),
    ...findLimits(),
  ]
  const lacking = findings.filter(finding => finding.required && finding.state === 'missing')
  const ok = lacking.length === 0
  process.stdout.write(
    options.json ? `${JSON.stringify({ ok, findings })}\n` : `${formatFindings(findings)}\n${summarize(findings, lacking)}\n`,
  )
  return ok ? 0 : 1
}

function summarize(findings: readonly Finding[], lacking: readonly Finding[]): string {
  if (lacking.length > 0) return `polyprocess does not work here: ${lacking.map(finding => finding.name).join(', ')}.`
  const warnings = findings.filter(finding => finding.state === 'warning').length
  return warnings === 0
    ? 'polyprocess works here.'
    : `polyprocess works here, with ${warnings === 1 ? 'a warning' : `${warnings} warnings`}.`
}
