import { codeAt, literal, propertyAt, rustSpace, rustWord } from './escape.ts'
import { unmatchable } from './line-text.ts'
import type { Piece } from './piece.ts'

const named: { readonly [name: string]: string } = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`\\{-\\x7E',
  space: ' \\t\\x0B\\x0C\\r',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

const inside: {
  readonly [letter: string]: { readonly javascript: string; readonly rust: string | null }
} = {
  d: { javascript: '\\d', rust: '0-9' },
  // Inside a class, JavaScript cannot say that these do not match what cannot be matched.
  D: { javascript: '\\D', rust: null },
  w: { javascript: '\\w', rust: rustWord },
  W: { javascript: '\\W', rust: null },
  s: { javascript: '\\s', rust: rustSpace },
  S: { javascript: '\\S', rust: null },
  t: { javascript: '\\t', rust: '\\t' },
  r: { javascript: '\\r', rust: '\\r' },
  f: { javascript: '\\f', rust: '\\x0C' },
  v: { javascript: '\\v', rust: '\\x0B' },
  b: { javascript: '\\x08', rust: '\\x08' },
}

/** A class in brackets. A closing bracket that comes first belongs to it, as grep has it. */
export function classAt(text: string, at: number): Piece {
  const negated = text[at + 1] === '^'
  const first = at + (negated ? 2 : 1)
  let javascript = negated ? `[^${unmatchable}` : '['
  // A line never holds a line feed, but ripgrep insists that no class can match one.
  let rust: string | null = negated ? '[^\\n' : '['
  let next = first
  while (next < text.length && (text[next] !== ']' || next === first)) {
    const member = memberAt(text, next)
    javascript += member.javascript
    rust = rust === null || member.rust === null ? null : rust + member.rust
    next += member.length
  }
  if (next >= text.length) throw new RangeError('The pattern has a [ that nothing closes.')
  if (rust === '[') rust = null
  return {
    javascript: `${javascript}]`,
    rust: rust === null ? null : `${rust}]`,
    length: next + 1 - at,
  }
}

function memberAt(text: string, at: number): Piece {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (char === '\\') return escapedAt(text, at)
  const posix = /^\[:(\w+):\]/.exec(text.slice(at, at + 12))
  if (posix) {
    const members = named[posix[1] ?? '']
    if (members === undefined) throw new RangeError(`The class ${posix[0]} is not known.`)
    return { javascript: members, rust: members, length: posix[0].length }
  }
  // A hyphen between two members makes a range; it is written as it is.
  if (char === '-') return { javascript: '-', rust: '-', length: 1 }
  return {
    javascript: escaped(char, /[\^\\\]/[]/),
    rust: escaped(char, /[\^\\\][&~#]/),
    length: char.length,
  }
}

function escapedAt(text: string, at: number): Piece {
  const letter = String.fromCodePoint(text.codePointAt(at + 1) ?? 0)
  if (at + 1 >= text.length) throw new RangeError('The pattern ends in a backslash.')
  if (letter === 'n') return { javascript: '\\n', rust: '', length: 2 }
  const known = inside[letter]
  if (known) return { ...known, length: 2 }
  const code = codeAt(text, at) ?? propertyAt(text, at)
  if (code) return code
  if (letter === '-') return { javascript: '\\-', rust: '\\-', length: 2 }
  const { length } = literal(letter)
  return {
    javascript: escaped(letter, /[\^$\\.*+?()[\]{}|/]/),
    rust: escaped(letter, /[\^$\\.*+?()[\]{}|&~#]/),
    length,
  }
}

function escaped(char: string, special: RegExp): string {
  return special.test(char) ? `\\${char}` : char
}
