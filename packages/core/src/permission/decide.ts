import type { Effect } from '../tool/effects.ts'
import { canonicalToolName } from '../tool/names.ts'
import { alarmOf } from './command-text.ts'
import { callWords, commandWords, describe, permittingRule } from './explain.ts'
import { floorOf, situationOf } from './floors.ts'
import { isSensitiveRead, ruleMatches, type Subject } from './match.ts'
import { findMode, modeDefault } from './modes.ts'
import type {
  DecideInput,
  Decision,
  PermissionMode,
  PermissionRule,
  Tier,
  Verdict,
} from './permission.ts'
import { evaluatePolicies } from './policy.ts'
import { ruleText } from './rules.ts'

/**
 * Whether a call may run. Pure: all that it looks at is in the input.
 *
 * Each effect is decided by the first of these that says something: a floor or a rule that denies; a floor that asks; a rule that
 * asks, then one that allows; the policies; the mode. The strictest effect decides the call. A call without effects is allowed,
 * unless a rule that names the tool says otherwise. The order of `rules` does not matter; that of `policies` does.
 *
 * Does not throw. An unknown mode is `manual`, and asks for what that would allow.
 */
export function decide(input: DecideInput): Verdict {
  const mode = findMode(input.mode)
  const effects: readonly (Effect | null)[] = input.effects.length ? input.effects : [null]
  const verdicts = effects.map((effect) => decideEffect(input, mode ?? 'manual', effect))
  const verdict = join(verdicts)
  if (verdict.decision !== 'allow') return verdict
  if (!mode) return doubted(verdict, `there is no permission mode ${JSON.stringify(input.mode)}`)
  if (input.invalidRules) return doubted(verdict, 'some of the rules could not be read')
  return verdict
}

function decideEffect(input: DecideInput, mode: PermissionMode, effect: Effect | null): Verdict {
  const { call, roots, home, rules = [], policies = [], tools } = input
  const anchors = { roots, ...(home !== undefined && { home }) }
  const subject: Subject = { ...anchors, tool: call.tool, effect, args: call.args }
  const what = effect ? describe(effect, anchors) : callWords(call.tool)
  const floor = floorOf({ ...subject, mode, args: call.args, ...(tools && { tools }) })
  if (floor?.decision === 'deny') {
    const refused = floor.about === 'call' ? callWords(call.tool) : what
    return { decision: 'deny', tier: 'floor', reason: `${refused} is denied: ${floor.because}` }
  }
  const byRule = (decision: Decision): Verdict | null => {
    const rule = rules.find((each) => each.decision === decision && ruleMatches(each, subject))
    if (!rule) return null
    const note = rule.description === undefined ? '' : ` (${rule.description})`
    return decided(
      decision,
      'rule',
      aboutWhat(rule, effect, what),
      `by the rule ${ruleText(rule)}${note}`,
      ruleText(rule),
    )
  }
  const denied = byRule('deny')
  if (denied) return denied
  if (floor)
    return {
      decision: 'ask',
      tier: 'floor',
      reason: `${what} needs an answer each time: ${floor.because}; no rule permits it`,
    }
  const ruled = byRule('ask') ?? byRule('allow')
  if (ruled) return ruled
  const policy = evaluatePolicies(policies, subject)
  if (policy) {
    const rule = policy.rule && ruleText(policy.rule)
    const by = `by the policy ${policy.policy}${rule === undefined ? '' : `, rule ${rule}`}`
    return decided(policy.decision, 'policy', aboutWhat(policy.rule, effect, what), by, rule)
  }
  if (!effect) return { decision: 'allow', tier: 'mode', reason: `${what} touches nothing` }
  return byMode(input, mode, effect, what)
}

/** A rule about a command is not about what the command happens to touch. */
function aboutWhat(rule: PermissionRule | undefined, effect: Effect | null, what: string): string {
  const part = effect?.part
  return rule?.effect === 'execute' && part !== undefined ? commandWords(part) : what
}

function byMode(input: DecideInput, mode: PermissionMode, effect: Effect, what: string): Verdict {
  const { call, roots, home } = input
  const anchors = { roots, ...(home !== undefined && { home }) }
  const standing = modeDefault(mode, situationOf(effect, anchors))
  const doubt = mode === 'bypass' ? null : doubtOf(input, mode, effect)
  if (standing === 'allow' && doubt === null)
    return { decision: 'allow', tier: 'mode', reason: `${what} is allowed in ${mode} mode` }
  const because = doubt === null ? '' : ` because ${doubt}`
  const rule = permittingRule(effect, call.tool, anchors)
  const hint = rule === undefined ? 'no rule can permit it' : `the rule ${rule} would permit it`
  return {
    decision: standing === 'deny' ? 'deny' : 'ask',
    tier: 'mode',
    ...(rule !== undefined && { rule }),
    reason: `${what} is not allowed in ${mode} mode${because}; ${hint}`,
  }
}

/** Why a mode that allows effects of this kind asks all the same. */
function doubtOf(input: DecideInput, mode: PermissionMode, effect: Effect): string | null {
  const { call, home, sandboxed } = input
  if (effect.kind === 'read') {
    return isSensitiveRead(effect, call.tool, home) ? 'it may hold keys, tokens or passwords' : null
  }
  if (effect.kind !== 'execute' || mode !== 'auto' || sandboxed) return null
  return canonicalToolName(call.tool) === 'bash' ? alarmOf(effect.target) : null
}

const words: { readonly [decision in Decision]: string } = {
  allow: 'is allowed',
  deny: 'is denied',
  ask: 'needs an answer',
}

function decided(
  decision: Decision,
  tier: Tier,
  what: string,
  by: string,
  rule: string | undefined,
): Verdict {
  const reason = `${what} ${words[decision]} ${by}`
  return { decision, tier, ...(rule !== undefined && { rule }), reason }
}

const tiers: readonly Tier[] = ['floor', 'rule', 'policy', 'mode']

/** The strictest verdict; of several that ask, the one that is hardest to permit, with the rules of all of them. */
function join(verdicts: readonly Verdict[]): Verdict {
  const [first, ...others] = ['deny', 'ask', 'allow'].flatMap((decision) =>
    verdicts
      .filter((verdict) => verdict.decision === decision)
      .toSorted((a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier)),
  )
  // There is always one: a call without effects is one subject.
  if (!first) return { decision: 'ask', tier: 'mode', reason: 'nothing is known about the call' }
  const asks = others.filter((verdict) => verdict.decision === 'ask')
  if (first.decision !== 'ask' || asks.length === 0) return first
  const reasons = new Set([first, ...asks].map((verdict) => verdict.reason))
  const reason = [...reasons].slice(0, 3).join('; ')
  const rest = reasons.size > 3 ? `; and ${reasons.size - 3} more` : ''
  const permitting = [first, ...asks].map((verdict) => verdict.rule)
  const { rule: _single, ...verdict } = first
  if (first.tier === 'rule' || first.tier === 'policy') return { ...first, reason: reason + rest }
  const complete = permitting.every((rule) => rule !== undefined)
  const rule = complete ? [...new Set(permitting)].join(', ') : undefined
  return { ...verdict, ...(rule !== undefined && { rule }), reason: reason + rest }
}

function doubted(verdict: Verdict, because: string): Verdict {
  return {
    decision: 'ask',
    tier: verdict.tier,
    reason: `${verdict.reason}, but ${because}, so it needs an answer`,
  }
}
