import { describeEffect, type Decision, type Explanation, type PermissionCall } from '@harnext/core'
import { callText } from './call-text.ts'
import type { Style } from './style.ts'

/** A call of a past session, and what is said to it now. */
export interface SimulatedCall {
  readonly session: string
  readonly call: PermissionCall
  readonly explanation: Explanation
}

/** The decision with its tier, rule and reason, then each effect with its own. Pure. */
export function explanationLines(
  call: PermissionCall,
  explanation: Explanation,
  style: Style,
): readonly string[] {
  const name = style.bold(nameOf(call))
  if ('failed' in explanation) return [`${name}: ${style.red(explanation.failed)}`]
  const { verdict, effects } = explanation
  const lines = effects.map(
    ({ effect, verdict: own }) =>
      `    ${coloured(own.decision, style).padEnd(5)} ${style.plain(describeEffect(effect))} ${style.dim(`[${own.tier}]`)}`,
  )
  return [
    `${name}: ${coloured(verdict.decision, style)}`,
    `  tier    ${verdict.tier}`,
    ...(verdict.rule === undefined ? [] : [`  rule    ${style.plain(verdict.rule)}`]),
    `  reason  ${style.plain(verdict.reason)}`,
    ...(lines.length ? ['  effects', ...new Set(lines)] : []),
  ]
}

/** How many calls would be allowed, asked about and denied, and which ones the last two are. Pure. */
export function simulationLines(calls: readonly SimulatedCall[], style: Style): readonly string[] {
  const of = (decision: Decision): readonly SimulatedCall[] =>
    calls.filter(
      ({ explanation }) => 'verdict' in explanation && explanation.verdict.decision === decision,
    )
  const [allowed, asked, denied] = [of('allow'), of('ask'), of('deny')]
  const others = calls.length - allowed.length - asked.length - denied.length
  const sessions = new Set(calls.map(({ session }) => session)).size
  const count = `${calls.length} calls of ${sessions} sessions: ${allowed.length} allowed, ${asked.length} asked about, ${denied.length} denied`
  return [
    ...grouped(denied, 'deny', style),
    ...grouped(asked, 'ask', style),
    `${count}${others ? `, ${others} that can no longer be made` : ''}`,
  ]
}

/** Each call once, with how often it was made. */
function grouped(
  calls: readonly SimulatedCall[],
  decision: Decision,
  style: Style,
): readonly string[] {
  const counts = new Map<string, { count: number; reason: string }>()
  for (const { call, explanation } of calls) {
    const text = nameOf(call)
    const known = counts.get(text)
    const reason = 'verdict' in explanation ? explanation.verdict.reason : ''
    counts.set(text, { count: (known?.count ?? 0) + 1, reason })
  }
  return Array.from(counts, ([text, { count, reason }]) => {
    const times = count > 1 ? ` (${count} times)` : ''
    return `${coloured(decision, style)} ${style.plain(text)}${times}\n    ${style.dim(reason)}`
  })
}

function nameOf({ tool, args }: PermissionCall): string {
  return `${tool} ${callText(args)}`.trim()
}

function coloured(decision: Decision, style: Style): string {
  if (decision === 'allow') return style.plain(decision)
  return decision === 'ask' ? style.yellow(decision) : style.red(decision)
}
