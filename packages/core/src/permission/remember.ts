import type { Effect } from '../tool/effects.ts'
import { canonicalToolName } from '../tool/names.ts'
import { globOf } from './glob.ts'
import type { PermissionRule } from './permission.ts'

/**
 * The rules that grant exactly these effects of this tool again, one for each; effects that rules are not able to name (what a shell
 * could not make sense of) have none. A floor stays: no rule loosens it.
 */
export function rulesToRemember(
  effects: readonly Effect[],
  tool: string,
): readonly PermissionRule[] {
  const rules = effects.flatMap((effect) => ruleOf(effect, tool) ?? [])
  const seen = new Set<string>()
  return rules.filter((rule) => {
    const key = JSON.stringify(rule)
    return !seen.has(key) && seen.add(key)
  })
}

function ruleOf(effect: Effect, tool: string): PermissionRule | null {
  const decision = 'allow'
  const isShell = canonicalToolName(tool) === 'bash'
  switch (effect.kind) {
    case 'read':
    case 'write':
      // What is exact is one path, so a tree is the glob for it.
      if (effect.tree)
        return {
          effect: effect.kind,
          pattern: globOf(effect.target, { roots: [] }, true),
          decision,
        }
      return { effect: effect.kind, pattern: effect.target, exact: true, decision }
    case 'network':
      return { effect: 'network', pattern: effect.target, exact: true, decision }
    case 'execute': {
      const pattern = effect.part ?? effect.target
      return { tool, effect: 'execute', pattern, exact: true, decision }
    }
    case 'spawn':
      return { tool, effect: 'spawn', pattern: effect.target, exact: true, decision }
    case 'unknown':
      if (effect.part !== undefined)
        return { tool, effect: 'unknown', pattern: effect.part, exact: true, decision }
      return isShell ? null : { tool, effect: 'unknown', decision }
  }
}
