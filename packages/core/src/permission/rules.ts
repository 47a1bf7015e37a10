import { isJsonObject } from '../json.ts'
import type { EffectKind } from '../tool/effects.ts'
import { canonicalToolName } from '../tool/names.ts'
import { nearest } from '../tool/nearest.ts'
import { contentProblem } from './conditions.ts'
import { globProblem } from './glob.ts'
import { hostProblem } from './hosts.ts'
import type { Decision, PermissionRule } from './permission.ts'

export interface ParsedRules {
  readonly rules: readonly PermissionRule[]
  /** What could not be read, one sentence each. Where there is one, `decide` wants `invalidRules: true`. */
  readonly errors: readonly string[]
}

/**
 * Reads rules from settings, in their order. Each is an object of the shape of `PermissionRule`, or a string: `name` or
 * `name(pattern)`, after `allow`, `ask` or `deny` where the list it stands in does not say it (`decision`). Names may be written in
 * any case, and as other systems call the tools.
 *
 * `read(glob)`, `edit(glob)` (also `write`) and `network(host)` (also `WebFetch(domain:host)`) are about effects of any tool;
 * `bash(text)`, `bash(prefix:*)`, `bash(a *)` about commands; every other name is a tool, `mcp__server` all of a server.
 *
 * @example parseRules(['read(~/notes/**)', 'Bash(npm test:*)'], 'allow')
 */
export function parseRules(input: readonly unknown[], decision?: Decision): ParsedRules {
  const rules: PermissionRule[] = []
  const errors: string[] = []
  for (const [index, item] of input.entries()) {
    const parsed =
      typeof item === 'string' ? parseText(item, decision) : parseObject(item, decision)
    if (typeof parsed === 'string') errors.push(`Rule ${index + 1}, ${quote(item)}: ${parsed}.`)
    else rules.push(parsed)
  }
  return { rules, errors }
}

/** The rule as a person writes it, without its decision. */
export function ruleText(rule: PermissionRule): string {
  const { tool, effect, pattern } = rule
  const name = tool ?? (effect === 'write' ? 'edit' : effect) ?? '*'
  if (pattern === undefined) return name
  const isDomain = effect === 'network' && tool !== undefined
  return `${name}(${isDomain ? 'domain:' : ''}${pattern})`
}

/** What is wrong with a pattern for effects of this kind, or `null`. */
export function patternProblem(effect: EffectKind | undefined, pattern: string): string | null {
  switch (effect) {
    case 'read':
    case 'write':
      return globProblem(pattern)
    case 'network':
      return hostProblem(pattern)
    case 'execute':
    case 'spawn':
    case 'unknown':
    case undefined:
      if (pattern.trim() === '') return 'the pattern is empty'
      return pattern.includes('\0') ? 'a pattern has no NUL' : null
  }
}

function parseText(text: string, given: Decision | undefined): PermissionRule | string {
  const match = /^(?:(allow|ask|deny)\s+)?([^\s()]+)\s*(\([^]*)?$/i.exec(text.trim())
  const [, written, name = '', parentheses] = match ?? []
  if (!match) return 'expected name or name(pattern)'
  if (!/^[A-Za-z0-9_*:.-]+$/.test(name)) return `${quote(name)} is not the name of a tool`
  const decision = (written?.toLowerCase() as Decision | undefined) ?? given
  if (!decision) return 'expected allow, ask or deny before it'
  if (parentheses === undefined) return withoutPattern(name, decision)
  if (!parentheses.endsWith(')')) return 'its parenthesis is not closed'
  return withPattern(name, parentheses.slice(1, -1), decision)
}

function withoutPattern(name: string, decision: Decision): PermissionRule {
  const tool = canonicalToolName(name)
  switch (tool) {
    case 'read':
      return { effect: 'read', decision }
    case 'write':
    case 'edit':
      return { effect: 'write', decision }
    case 'network':
      return { effect: 'network', decision }
    case 'bash':
      // Who allows the shell allows commands, not what could not be understood.
      return decision === 'allow' ? { tool, effect: 'execute', decision } : { tool, decision }
    default:
      return { tool, decision }
  }
}

function withPattern(name: string, pattern: string, decision: Decision): PermissionRule | string {
  const tool = canonicalToolName(name)
  switch (tool) {
    case 'read':
      return checked({ effect: 'read', pattern, decision })
    case 'write':
    case 'edit':
      return checked({ effect: 'write', pattern, decision })
    case 'glob':
    case 'grep':
    case 'ls':
      return checked({ tool, effect: 'read', pattern, decision })
    case 'network':
      return checked({ effect: 'network', pattern, decision })
    case 'bash':
      if (pattern.trim() === '*') return withoutPattern(name, decision)
      return checked({ tool, effect: 'execute', pattern, decision })
    case 'task':
      return checked({ tool, effect: 'spawn', pattern, decision })
  }
  if (pattern.trim() === '*') return withoutPattern(name, decision)
  if (tool !== 'web_fetch')
    return `${name} takes no pattern; only commands, paths, hosts and agents do`
  if (!pattern.startsWith('domain:')) return 'expected WebFetch(domain:host)'
  return checked({ effect: 'network', pattern: pattern.slice('domain:'.length), decision })
}

function checked(rule: PermissionRule): PermissionRule | string {
  const problem =
    (rule.except === undefined ? null : globProblem(rule.except)) ??
    (rule.content === undefined ? null : contentProblem(rule.content))
  if (problem !== null) return problem
  if (rule.pattern === undefined || rule.exact) return rule
  return patternProblem(rule.effect, rule.pattern) ?? rule
}

const decisions: readonly unknown[] = ['allow', 'deny', 'ask'] satisfies Decision[]
const kinds: readonly unknown[] = [
  'read',
  'write',
  'execute',
  'network',
  'spawn',
  'unknown',
] satisfies EffectKind[]
const keys = ['tool', 'effect', 'pattern', 'exact', 'except', 'content', 'decision', 'description']

function parseObject(item: unknown, given: Decision | undefined): PermissionRule | string {
  if (!isJsonObject(item)) return 'expected a string or an object'
  const unknown = Object.keys(item).find((key) => !keys.includes(key))
  if (unknown !== undefined) {
    const close = nearest(unknown, keys)
    return `unknown property ${quote(unknown)}${close ? `; did you mean ${close}?` : ''}`
  }
  for (const key of ['tool', 'pattern', 'except', 'content', 'description'])
    if (Object.hasOwn(item, key) && (typeof item[key] !== 'string' || item[key].trim() === ''))
      return `${key} must be a text, got ${quote(item[key])}`
  const decision = Object.hasOwn(item, 'decision') ? item['decision'] : given
  if (!decisions.includes(decision))
    return `decision must be allow, ask or deny, got ${quote(decision)}`
  if (Object.hasOwn(item, 'effect') && !kinds.includes(item['effect']))
    return `effect must be one of ${kinds.join(', ')}, got ${quote(item['effect'])}`
  if (Object.hasOwn(item, 'exact') && item['exact'] !== true)
    return `exact must be true or absent, got ${quote(item['exact'])}`
  if (item['exact'] === true && item['pattern'] === undefined) return 'exact needs a pattern'
  // Everything that the type asks for was just looked at.
  return checked({ ...item, decision } as PermissionRule)
}

function quote(value: unknown): string {
  const text = asText(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function asText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value
  } catch {
    // A cycle or a bigint: what it is says enough.
    return typeof value
  }
}
