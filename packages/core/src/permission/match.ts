import type { Json } from '../json.ts'
import { isBelow } from '../tool/concurrency.ts'
import type { Effect } from '../tool/effects.ts'
import { canonicalToolName, matchesTool } from '../tool/names.ts'
import { matchCommand } from './command-pattern.ts'
import { coversCommand, isPlainCommand, mentionsCommand, mightMention } from './command-text.ts'
import { conditionsHold } from './conditions.ts'
import { situationOf } from './floors.ts'
import { matchGlob, type Anchors } from './glob.ts'
import { isLocalHost, matchHost } from './hosts.ts'
import type { PermissionRule } from './permission.ts'
import { patternProblem } from './rules.ts'
import { coversSensitive, isSensitivePath } from './sensitive-paths.ts'
import { compileStars, matchTokens } from './wildcard.ts'

/** What a rule is held against: one effect of a call, or the call itself where it has none (`null`). */
export interface Subject extends Anchors {
  readonly tool: string
  readonly effect: Effect | null
  /** Of the call. @default none */
  readonly args?: Json
}

/**
 * Whether the rule is about the subject. A rule that allows is read strictly: it covers what it surely names. One that denies or asks
 * is read widely: it also matches what might be meant.
 */
export function ruleMatches(rule: PermissionRule, subject: Subject): boolean {
  const strict = rule.decision === 'allow'
  if (rule.tool !== undefined && !matchesTool(rule.tool, subject.tool)) return false
  const { effect, args = null } = subject
  if (!conditionsHold(rule, effect, args, subject)) return false
  if (effect === null) return !strict && namesCall(rule, subject.tool)
  if (rule.effect !== undefined && rule.effect !== effect.kind)
    return (
      rule.effect === 'execute' &&
      (strict ? covers(rule, effect, subject) : matchesPart(rule, effect))
    )
  if (rule.pattern === undefined) return !strict || coveredWithoutName(subject.tool, effect)
  if (rule.exact) return matchesExactly(rule.pattern, effect, subject.tool, strict)
  // A pattern that cannot be read says nothing that could be relied on.
  if (patternProblem(effect.kind, rule.pattern) !== null) return !strict
  return matchesPattern(rule.pattern, effect, subject, strict)
}

/** A rule without a pattern that has the name of the called tool, or of the effect that the tool is there for. */
function namesCall(rule: PermissionRule, tool: string): boolean {
  if (rule.pattern !== undefined) return false
  if (rule.tool !== undefined) return rule.effect === undefined
  if (rule.effect === undefined) return true
  const name = canonicalToolName(tool)
  return (
    (rule.effect === 'read' && name === 'read') ||
    (rule.effect === 'write' && (name === 'write' || name === 'edit'))
  )
}

/** A rule about a command is about everything that the command does. */
function matchesPart(rule: PermissionRule, effect: Effect): boolean {
  if (effect.part === undefined) return false
  if (rule.pattern === undefined) return true
  return rule.exact ? rule.pattern === effect.part : mentionsCommand(rule.pattern, [effect.part])
}

/**
 * Whether leave to run a command is leave for this effect of it too: what it changes in the roots, whom on the internet it talks to. What
 * lies outside, what is secret and what is local needs a rule of its own.
 */
function covers(rule: PermissionRule, effect: Effect, subject: Subject): boolean {
  const { part, kind } = effect
  if (part === undefined || !coversPart(rule, part)) return false
  switch (kind) {
    case 'read':
      return isInside(effect, subject) && !isSensitiveRead(effect, subject.tool, subject.home)
    case 'write':
      return isInside(effect, subject)
    case 'network':
      return !isLocalHost(effect.target) && namesHost(rule.pattern, effect.target)
    case 'execute':
    case 'spawn':
    case 'unknown':
      return false
  }
}

function isInside(effect: Effect, subject: Subject): boolean {
  return situationOf(effect, subject) !== 'outside'
}

function coversPart({ pattern, exact }: PermissionRule, part: string): boolean {
  if (pattern === undefined) return true
  return exact ? pattern === part : matchCommand(pattern, part)
}

/** A pattern with an address is about the host in it. */
function namesHost(pattern: string | undefined, host: string): boolean {
  if (!pattern?.includes('://')) return true
  const hosts = Array.from(pattern.matchAll(/:\/\/([^/\s:*?#@'"]+)/g), ([, name]) => name)
  return hosts.some((name) => name?.toLowerCase() === host.toLowerCase())
}

/** Whether what is read may hold keys, tokens or passwords. */
export function isSensitiveRead(
  effect: Extract<Effect, { kind: 'read' | 'write' }>,
  tool: string,
  home: string | undefined,
): boolean {
  const tree = effect.tree === true && !leavesOut(effect, tool)
  return tree ? coversSensitive(effect.target, home) : isSensitivePath(effect.target, home)
}

function matchesExactly(pattern: string, effect: Effect, tool: string, strict: boolean): boolean {
  switch (effect.kind) {
    case 'read':
    case 'write':
      if (effect.tree && strict) return false
      return (
        effect.target === pattern ||
        (reachesInside(effect, tool) && isBelow(pattern, effect.target))
      )
    case 'execute':
      return (effect.part ?? effect.target) === pattern
    case 'network':
    case 'spawn':
      return effect.target === pattern
    case 'unknown':
      return effect.part === pattern
  }
}

function matchesPattern(
  pattern: string,
  effect: Effect,
  subject: Subject,
  strict: boolean,
): boolean {
  switch (effect.kind) {
    case 'read':
    case 'write': {
      const match = matchGlob(pattern, effect.target, subject, strict)
      if (strict) return effect.tree ? match.tree : match.path
      return match.path || (match.inside && reachesInside(effect, subject.tool))
    }
    case 'network':
      return matchHost(pattern, effect.target, strict)
    case 'execute': {
      const { target, part } = effect
      if (strict)
        return isUnderstood(subject.tool, effect) && coversCommand(pattern, target, part ?? target)
      return part === undefined
        ? mightMention(pattern, target)
        : mentionsCommand(pattern, [target, part])
    }
    case 'spawn':
      return matchTokens(compileStars(pattern.toLowerCase()), effect.target.toLowerCase())
    case 'unknown':
      if (strict) return false
      return effect.part === undefined || mentionsCommand(pattern, [effect.part])
  }
}

/** What is local, or not understood, is allowed only by a rule that names it. */
function coveredWithoutName(tool: string, effect: Effect): boolean {
  if (effect.kind === 'network') return !isLocalHost(effect.target)
  return isUnderstood(tool, effect)
}

/** A line of the shell that nobody took apart is understood only when it is one plain command. */
function isUnderstood(tool: string, effect: Effect): boolean {
  if (effect.kind !== 'execute' || effect.part !== undefined) return true
  return canonicalToolName(tool) !== 'bash' || isPlainCommand(effect.target)
}

const searching: ReadonlySet<string> = new Set(['glob', 'grep', 'ls'])

/** The tools that search leave out of a tree what they may not read. Everything else takes it as it is. */
function leavesOut(effect: Effect, tool: string): boolean {
  return effect.kind === 'read' && searching.has(canonicalToolName(tool))
}

function reachesInside(effect: Effect, tool: string): boolean {
  return 'tree' in effect && effect.tree && !leavesOut(effect, tool)
}
