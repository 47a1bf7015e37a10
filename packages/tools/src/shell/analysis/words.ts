import type { DoubleQuotedChild, Word, WordPart } from 'unbash'
import type { ShellPiece, ShellWord } from './syntax.ts'

const maximumWords = 64

/** A word as what programs get: several where it has braces, `a{b,c}`. */
export function toWords(word: Word): readonly ShellWord[] {
  const { text, parts } = word
  if (!parts) return [{ text, pieces: plainPieces(text, word.value) }]
  let alternatives: ShellPiece[][] = [[]]
  for (const [index, part] of parts.entries()) {
    const options = optionsOf(part, index === 0)
    alternatives = alternatives.flatMap((before) => options.map((after) => [...before, ...after]))
    if (alternatives.length > maximumWords) return [{ text, pieces: [{ type: 'dynamic' }] }]
  }
  return alternatives.map((pieces) => ({
    text: alternatives.length === 1 ? text : pieces.map(pieceText).join(''),
    pieces,
  }))
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
      return [isHome(part.text) ? { type: 'home' } : { type: 'dynamic' }]
    // Its translation, where there is one, is what a catalogue on the machine says.
    case 'LocaleString':
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
    case 'ExtendedGlob':
    case 'BraceExpansion':
      return [{ type: 'dynamic' }]
    case 'ProcessSubstitution':
      return [{ type: 'pipe' }]
  }
}

function quotedPiece(part: DoubleQuotedChild): ShellPiece {
  if (part.type === 'Literal') return { type: 'text', value: part.value, quoted: true }
  return isHome(part.text) ? { type: 'home' } : { type: 'dynamic' }
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
  if (!/^\{[\w./,@:=+-]*,[\w./,@:=+-]*\}$/.test(text)) return [[{ type: 'dynamic' }]]
  return text
    .slice(1, -1)
    .split(',')
    .map((value) => [{ type: 'text', value, quoted: false }])
}

function pieceText(piece: ShellPiece): string {
  switch (piece.type) {
    case 'text':
    case 'glob':
      return piece.value
    case 'home':
      return '~'
    case 'dynamic':
    case 'pipe':
      return '…'
  }
}
