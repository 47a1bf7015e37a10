import { classAt } from './character-class.ts'
import { escapeAt } from './escape.ts'
import { unmatchable } from './line-text.ts'
import { same, type Piece } from './piece.ts'

/** A pattern in the spelling of both engines, which then find the same. */
export interface SearchPattern {
  readonly javascript: RegExp
  /** `null` where ripgrep has no such thing, or means something else by it. */
  readonly rust: string | null
  /** Whether it is sure to be quick: at most one repetition, and none of a group. */
  readonly isSimple: boolean
}

/**
 * Reads a regular expression as people write them for grep, ripgrep or JavaScript. It is matched line by line. What has no meaning
 * as an operator stands for itself (`interface {`). Throws a `RangeError` with a sentence.
 */
export function parsePattern(text: string, ignoreCase: boolean): SearchPattern {
  const flags = /^\(\?([imsu]+)\)/.exec(text)
  const body = text.slice(flags?.[0].length ?? 0)
  const insensitive = ignoreCase || (flags?.[1]?.includes('i') ?? false)
  let javascript = ''
  let rust: string | null = insensitive ? '(?i)' : ''
  let repetitions = 0
  for (let at = 0; at < body.length;) {
    const piece = pieceAt(body, at)
    if (/^([*+?]|\{\d)/.test(piece.javascript)) repetitions += body[at - 1] === ')' ? 2 : 1
    // What refers back to a group repeats it too.
    if (/^\\[1-9k]/.test(piece.javascript)) repetitions += 2
    javascript += piece.javascript
    rust = rust === null || piece.rust === null ? null : rust + piece.rust
    at += piece.length
  }
  return { javascript: compile(javascript, insensitive), rust, isSimple: repetitions < 2 }
}

function compile(source: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(source, ignoreCase ? 'ui' : 'u')
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/^.*: /s, '') : ''
    throw new RangeError(
      `The pattern is not a regular expression: ${message}. Put \\ before a character to look for it itself.`,
      { cause: error },
    )
  }
}

function pieceAt(text: string, at: number): Piece {
  const char = text[at] ?? ''
  switch (char) {
    case '\\':
      return escapeAt(text, at)
    case '[':
      return classAt(text, at)
    case '(':
      return groupAt(text, at)
    case '{':
      return quantifierAt(text, at)
    case '.':
      return { javascript: `[^${unmatchable}]`, rust: '.', length: 1 }
    case '}':
    case ']':
      return same(`\\${char}`, 1)
    case '\n':
    case '\r':
      throw new RangeError('The search goes line by line: a pattern cannot hold a line end.')
    default:
      return same(char, 1)
  }
}

function groupAt(text: string, at: number): Piece {
  const rest = text.slice(at, at + 200)
  if (!rest.startsWith('(?')) return same('(', 1)
  if (rest.startsWith('(?:')) return same('(?:', 3)
  const name = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest)
  if (name) return { javascript: `(?<${name[1]}>`, rust: `(?P<${name[1]}>`, length: name[0].length }
  const look = /^\(\?(?:=|!|<=|<!)/.exec(rest)
  if (look) return { javascript: look[0], rust: null, length: look[0].length }
  throw new RangeError(`The group ${rest.slice(0, 4)} is not known. (?i) may stand at the start.`)
}

function quantifierAt(text: string, at: number): Piece {
  const quantifier = /^\{\d+(?:,\d*)?\}/.exec(text.slice(at, at + 40))
  return quantifier ? same(quantifier[0], quantifier[0].length) : same('\\{', 1)
}
