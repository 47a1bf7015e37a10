import { isJsonObject, type Json } from '../json.ts'
import type { Effect } from '../tool/effects.ts'
import { matchGlob, type Anchors } from './glob.ts'
import type { PermissionRule } from './permission.ts'

const maximumPattern = 1024
/** Characters that a pattern is tried on. */
const maximumContent = 1_000_000

/** Why a pattern for contents cannot be used, or `null`. One that could take for ever is refused: it decides about every write. */
export function contentProblem(pattern: string): string | null {
  if (pattern.length > maximumPattern) return `content is longer than ${maximumPattern} characters`
  if (/\\[1-9]|\\k</.test(pattern)) return 'content must not refer back to what it matched'
  if (/[+*}]\)?[^()]*\)[+*{]/.test(pattern) || /\([^()]*\|[^()]*\)[+*{]/.test(pattern))
    return 'content must not repeat what itself repeats or chooses'
  try {
    const { source } = new RegExp(pattern, 'su')
    return source === '(?:)' ? 'content is empty' : null
  } catch (error) {
    return `content is no regular expression: ${String(error)}`
  }
}

/** Whether the conditions of a rule hold beside its pattern. What cannot be told counts against a rule that allows, and for one that does not. */
export function conditionsHold(
  { except, content, decision }: PermissionRule,
  effect: Effect | null,
  args: Json,
  anchors: Anchors,
): boolean {
  const strict = decision === 'allow'
  if (except !== undefined && isLeftOut(except, effect, anchors, strict)) return false
  if (content === undefined) return true
  if (contentProblem(content) !== null) return !strict
  const text = contentOf(args)
  if (text.length > maximumContent && !strict) return true
  return new RegExp(content, 'su').test(text.slice(0, maximumContent))
}

function isLeftOut(
  except: string,
  effect: Effect | null,
  anchors: Anchors,
  strict: boolean,
): boolean {
  if (effect?.kind !== 'read' && effect?.kind !== 'write') return strict
  const match = matchGlob(except, effect.target, anchors, !strict)
  if (strict) return match.path || (effect.tree === true && match.inside)
  return effect.tree ? match.tree : match.path
}

function contentOf(args: Json): string {
  if (!isJsonObject(args)) return ''
  const texts = ['content', 'new_string', 'newString', 'patch', 'input'].flatMap((name) => {
    const value = Object.hasOwn(args, name) ? args[name] : undefined
    return typeof value === 'string' ? [value] : []
  })
  // Several edits in one call.
  const edits = Array.isArray(args['edits']) ? args['edits'].map(contentOf) : []
  return [...texts, ...edits].join('\n')
}
