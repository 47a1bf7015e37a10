import { isBelow } from '../tool/concurrency.ts'
import type { Effect } from '../tool/effects.ts'
import { canonicalToolName } from '../tool/names.ts'
import { commandPattern } from './command-pattern.ts'
import { isPlainCommand } from './command-text.ts'
import { globOf, type Anchors } from './glob.ts'

/** The effect in the words of a sentence, a path as it is seen from the working directory: `write src/a.ts`. */
export function describe(effect: Effect, anchors: Anchors): string {
  const text = effect.kind === 'unknown' ? (effect.part ?? effect.detail) : textOf(effect, anchors)
  const tree = 'tree' in effect && effect.tree ? ' and what is below it' : ''
  return text === undefined
    ? 'what could not be named'
    : `${effect.kind === 'unknown' ? 'what could not be named in' : effect.kind} ${cut(text)}${tree}`
}

export function callWords(tool: string): string {
  return `the call of ${cut(tool)}`
}

/** Only word by word, and written as an object: no pattern says what could not be understood. */
function exactRule(tool: string, part: string | undefined): string | undefined {
  if (part === undefined) return undefined
  return JSON.stringify({ tool, effect: 'unknown', pattern: part, exact: true, decision: 'allow' })
}

export function commandWords(part: string): string {
  return `the command ${cut(part)}`
}

/**
 * The text of the rule that would permit an effect that a mode asks about; `undefined` where no rule that can be written names it, as
 * a whole line of several commands.
 */
export function permittingRule(effect: Effect, tool: string, anchors: Anchors): string | undefined {
  const isShell = canonicalToolName(tool) === 'bash'
  switch (effect.kind) {
    case 'read':
      return `read(${globOf(effect.target, anchors, effect.tree)})`
    case 'write':
      return `edit(${globOf(effect.target, anchors, effect.tree)})`
    case 'network':
      return `network(${effect.target})`
    case 'execute': {
      if (!isShell) return tool
      if (effect.part === undefined && !isPlainCommand(effect.target)) return undefined
      return `bash(${commandPattern(effect.target)})`
    }
    case 'spawn':
      return isShell ? undefined : tool
    case 'unknown':
      return isShell ? exactRule(tool, effect.part) : tool
  }
}

function textOf(effect: Exclude<Effect, { kind: 'unknown' }>, anchors: Anchors): string {
  if (effect.kind !== 'read' && effect.kind !== 'write') return effect.target
  const root = anchors.roots[0]
  if (root === undefined || !isBelow(effect.target, root)) return effect.target
  return effect.target.slice(root.endsWith('/') ? root.length : root.length + 1)
}

/** On one line, at most 200 characters. */
function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
