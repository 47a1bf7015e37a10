import { ruleMatches, type Subject } from './match.ts'
import type { Decision, PermissionRule, Policy } from './permission.ts'

export interface PolicyVerdict {
  readonly decision: Decision
  readonly policy: string
  /** Absent where the policy's default decided. */
  readonly rule?: PermissionRule
}

/** The first rule that matches, in the order of the files and of the rules in them; a file's default ends the search. */
export function evaluatePolicies(
  policies: readonly Policy[],
  subject: Subject,
): PolicyVerdict | null {
  for (const policy of policies) {
    const rule = policy.rules.find((each) => ruleMatches(each, subject))
    if (rule) return { decision: rule.decision, policy: policy.name, rule }
    // A default is about effects: a call that touches nothing needs no permission of a file.
    if (policy.default && subject.effect) return { decision: policy.default, policy: policy.name }
  }
  return null
}
