import { unmatchable } from './line-text.ts'
import { same, type Piece } from './piece.ts'

/** White space without the line feed, in the spelling of a class; both engines must mean the same by `\s`. */
export const rustSpace =
  '\\t\\x0B\\x0C\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}'
export const rustWord = '0-9A-Za-z_'

/** By the letter after the backslash. What JavaScript does not have is put in its words; ripgrep's Unicode classes in ASCII. */
const escapes: {
  readonly [letter: string]: { readonly javascript: string; readonly rust: string | null }
} = {
  d: { javascript: '\\d', rust: '[0-9]' },
  D: { javascript: `[^\\d${unmatchable}]`, rust: '[^0-9\\n]' },
  w: { javascript: '\\w', rust: `[${rustWord}]` },
  W: { javascript: `[^\\w${unmatchable}]`, rust: `[^${rustWord}\\n]` },
  s: { javascript: '\\s', rust: `[${rustSpace}]` },
  S: { javascript: `[^\\s${unmatchable}]`, rust: `[^${rustSpace}\\n]` },
  b: { javascript: '\\b', rust: '(?-u:\\b)' },
  B: { javascript: '\\B', rust: null },
  t: { javascript: '\\t', rust: '\\t' },
  f: { javascript: '\\f', rust: '\\x0C' },
  v: { javascript: '\\v', rust: '\\x0B' },
  A: { javascript: '^', rust: '^' },
  z: { javascript: '$', rust: '$' },
  Z: { javascript: '$', rust: '$' },
  '<': { javascript: '\\b(?=\\w)', rust: null },
  '>': { javascript: '\\b(?<=\\w)', rust: null },
}

/** An escape outside of a class. */
export function escapeAt(text: string, at: number): Piece {
  const letter = String.fromCodePoint(text.codePointAt(at + 1) ?? 0)
  if (at + 1 >= text.length) throw new RangeError('The pattern ends in a backslash.')
  const known = escapes[letter]
  if (known) return { ...known, length: 2 }
  return codeAt(text, at) ?? propertyAt(text, at) ?? referenceAt(text, at) ?? literal(letter)
}

/** `\x41`, `\u0041`, `\u{41}`, `\x{41}`; `null` when it is none. */
export function codeAt(text: string, at: number): Piece | null {
  const code = /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|[xu]\{([0-9A-Fa-f]{1,6})\})/.exec(
    text.slice(at, at + 12),
  )
  if (!code) return null
  const hex = code[1] ?? code[2] ?? code[3] ?? ''
  const isSurrogate = /^0*d[89a-f]..$/i.test(hex)
  const javascript = code[2] ? code[0] : `\\u{${hex}}`
  return { javascript, rust: isSurrogate ? null : `\\x{${hex}}`, length: code[0].length }
}

/** `\pL`, `\p{Lu}`, `\p{Script=Greek}`; `null` when it is none. */
export function propertyAt(text: string, at: number): Piece | null {
  const property = /^\\([pP])(?:([A-Z])|\{([\w=]+)\})/.exec(text.slice(at, at + 80))
  if (!property) return null
  const name = property[2] ?? property[3] ?? ''
  const source = `\\${property[1]}{${name}}`
  // Both know the general categories; names of scripts they spell each in its own way.
  const isCategory = /^[A-Z][a-z]?$/.test(name) && property[1] === 'p'
  return { javascript: source, rust: isCategory ? source : null, length: property[0].length }
}

function referenceAt(text: string, at: number): Piece | null {
  const reference = /^\\(?:[1-9]\d?|k<\w+>)/.exec(text.slice(at, at + 40))
  return reference && { javascript: reference[0], rust: null, length: reference[0].length }
}

/** A character that stands for itself. A letter or digit is more likely meant as something that is not there. */
export function literal(char: string): Piece {
  if (char === 'n' || char === 'r')
    throw new RangeError('The search goes line by line: a pattern cannot hold a line end.')
  if (/[0-9A-Za-z]/.test(char)) throw new RangeError(`The escape \\${char} is not known.`)
  const source = /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
  return same(source, char.length + 1)
}
