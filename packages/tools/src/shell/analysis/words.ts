import type { DoubleQuotedChild, Word, WordPart } from 'unbash'
import type { Bindings } from './bindings.ts'
import { literal, makeWord, type ShellPiece, type ShellWord } from './syntax.ts'

const maximumWords = 64

/** A word as what programs get: several where it has braces, `a{b,c}`. */
export function toWords(word: Word, bindings: Bindings): readonly ShellWord[] {
  const { text, parts } = word
  const bound = boundWord(word, bindings)
  if (bound) return [bound]
  if (!parts) return [makeWord(plainPieces(text, word.value), text)]
  let alternatives: ShellPiece[][] = [[]]
  for (const [index, part] of parts.entries()) {
    const options = optionsOf(part, index === 0)
    alternatives = alternatives.flatMap((before) => options.map((after) => [...before, ...after]))
    if (alternatives.length > maximumWords)
      return [makeWord([{ type: 'dynamic', splits: true }], text)]
  }
  return alternatives.map((pieces) =>
    makeWord(pieces, alternatives.length === 1 ? text : undefined),
  )
}

/** `"$f"` in a loop over words is each of them; `"$f.txt"` too, where the word is no pattern, and `$f` where it cannot be split. */
function boundWord({ text, parts }: Word, bindings: Bindings): ShellWord | null {
  if (bindings.size === 0 || !parts) return null
  const inner = parts.map((part) => (part.type === 'DoubleQuoted' ? part.parts : [part]))
  const isAlone = inner.flat().length === 1
  let isBound = false
  const pieces = parts.flatMap((part, index): readonly ShellPiece[] => {
    const plain = bindings.get(variableOf(part.text) ?? '')
    if (plain && isOneWord(plain)) {
      isBound = true
      return plain.pieces
    }
    if (part.type !== 'DoubleQuoted' || part.parts.length === 0) return piecesOf(part, index === 0)
    return part.parts.flatMap((child): readonly ShellPiece[] => {
      const value = bindings.get(variableOf(child.text) ?? '')
      const isPattern = value?.pieces.some(({ type }) => type === 'glob')
      if (!value || (isPattern && !isAlone)) return [quotedPiece(child)]
      isBound = true
      return value.pieces.map((piece) =>
        piece.type === 'text' ? { ...piece, quoted: true } : piece,
      )
    })
  })
  return isBound ? makeWord(pieces, isAlone ? text : undefined) : null
}

/** Without quotes it stays as it is, and is no pattern. */
function isOneWord(word: ShellWord): boolean {
  return /^[\w./:@%+,-]+$/.test(literal(word) ?? '')
}

function variableOf(text: string): string | undefined {
  return /^\$(?:(\w+)|\{(\w+)\})$/
    .exec(text)
    ?.slice(1)
    .find((name) => name !== undefined)
}

function optionsOf(part: WordPart, isFirst: boolean): readonly ShellPiece[][] {
  if (part.type === 'BraceExpansion') return braceOptions(part.text)
  return [piecesOf(part, isFirst)]
}

function piecesOf(part: WordPart, isFirst: boolean): ShellPiece[] {
  switch (part.type) {
    case 'Literal':
      return isFirst
        ? plainPieces(part.text, part.value)
        : [{ type: 'text', value: part.value, quoted: part.text !== part.value }]
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [{ type: 'text', value: part.value, quoted: true }]
    case 'DoubleQuoted':
      return part.parts.length === 0
        ? [{ type: 'text', value: '', quoted: true }]
        : part.parts.map(quotedPiece)
    case 'Glob':
      return [{ type: 'glob', value: part.text }]
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      if (isHome(part.text)) return [{ type: 'home' }]
      return [isNumber(part.text) ? { type: 'dynamic' } : { type: 'dynamic', splits: true }]
    // Its translation, where there is one, is what a catalogue on the machine says.
    case 'LocaleString':
    case 'ArithmeticExpansion':
      return [{ type: 'dynamic' }]
    case 'CommandExpansion':
    case 'ExtendedGlob':
    case 'BraceExpansion':
      return [{ type: 'dynamic', splits: true }]
    case 'ProcessSubstitution':
      return [{ type: 'pipe' }]
  }
}

function quotedPiece(part: DoubleQuotedChild): ShellPiece {
  if (part.type === 'Literal') return { type: 'text', value: part.value, quoted: true }
  if (isHome(part.text)) return { type: 'home' }
  // All arguments, or all members, are words of their own inside of quotes, too.
  const isList = /^\$\{?[!]?(?:@|\w+\[@\]|\w+@)/.test(part.text)
  return isList ? { type: 'dynamic', splits: true } : { type: 'dynamic' }
}

/** What the shell itself counts: exit codes, processes, arguments. */
function isNumber(text: string): boolean {
  return /^\$[?#$!]$|^\$\{#\w*\}$/.test(text)
}

function isHome(text: string): boolean {
  return text === '$HOME' || text === '${HOME}'
}

/** What begins with `~` is the home, or that of somebody else. */
function plainPieces(text: string, value: string): ShellPiece[] {
  const quoted = text !== value
  if (!text.startsWith('~')) return [{ type: 'text', value, quoted }]
  if (text === '~') return [{ type: 'home' }]
  if (!text.startsWith('~/')) return [{ type: 'dynamic' }]
  return [{ type: 'home' }, { type: 'text', value: value.slice(1), quoted }]
}

/** `{a,b}` without anything special in it. */
function braceOptions(text: string): readonly ShellPiece[][] {
  if (!/^\{[\w./,@:=+-]*,[\w./,@:=+-]*\}$/.test(text)) return [[{ type: 'dynamic', splits: true }]]
  return text
    .slice(1, -1)
    .split(',')
    .map((value) => [{ type: 'text', value, quoted: false }])
}
