// A command line as the analysis takes it: flat, in the order in which the shell reads it. What runs inside of something else (a
// substitution, a loop, a function) is a step like every other one.

/** What a word is made of. `quoted` text is never a pattern and never split. */
export type ShellPiece =
  | { readonly type: 'text'; readonly value: string; readonly quoted: boolean }
  /** `*`, `?`, `[a-z]`. */
  | { readonly type: 'glob'; readonly value: string }
  /** A `~` or `$HOME` that the shell replaces by the home folder. */
  | { readonly type: 'home' }
  /** What only the run itself can say: a variable, the output of a command. `splits`: it may be several words. */
  | { readonly type: 'dynamic'; readonly splits?: true }
  /** `<(…)`, `>(…)`: a file that is a pipe to or from a command, which is a step of its own. */
  | { readonly type: 'pipe' }

export interface ShellWord {
  /** What a program gets, as far as that is known: quotes are gone, and `…` stands for what only the run itself can say. */
  readonly text: string
  /** As it stands in the line. */
  readonly written: string
  readonly pieces: readonly ShellPiece[]
}

export interface ShellAssignment {
  readonly name: string
  /** As it is written, with the name. */
  readonly text: string
}

export type RedirectOperator = '>' | '>>' | '<' | '<>' | '<&' | '>&' | '>|' | '&>' | '&>>'

export interface ShellRedirect {
  readonly operator: RedirectOperator
  /** `null`: the line ends before it. */
  readonly target: ShellWord | null
}

/** One simple command, or what stands beside none: assignments, the redirections of a loop. */
export interface ShellStep {
  readonly words: readonly ShellWord[]
  readonly assignments: readonly ShellAssignment[]
  readonly redirects: readonly ShellRedirect[]
  /** Something other than the terminal is its standard input. */
  readonly hasInput: boolean
  /** It may run many times: it stands in a loop or in a function. */
  readonly repeated: boolean
}

/** What could not be understood. */
export interface ShellProblem {
  /** The command it is about, as it is written; absent: the line. */
  readonly part?: string
  readonly why: string
}

export interface ShellLine {
  readonly steps: readonly ShellStep[]
  readonly problems: readonly ShellProblem[]
}

/** `written`: absent for words that stand in no line. */
export function makeWord(pieces: readonly ShellPiece[], written?: string): ShellWord {
  const text = pieces.map(pieceText).join('')
  return { text, written: written ?? text, pieces }
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

/** The word as a program gets it; `null` when only the run can say. */
export function literal(word: ShellWord): string | null {
  let text = ''
  for (const piece of word.pieces) {
    if (piece.type !== 'text') return null
    text += piece.value
  }
  return text
}

export function isDynamic(word: ShellWord): boolean {
  return word.pieces.some(({ type }) => type === 'dynamic' || type === 'pipe')
}

/** Without quotes, what a variable holds becomes as many words as it has. */
export function isSplit({ pieces }: ShellWord): boolean {
  return pieces.some((piece) => piece.type === 'dynamic' && piece.splits === true)
}

export function isPipe({ pieces }: ShellWord): boolean {
  return pieces.length === 1 && pieces[0]?.type === 'pipe'
}

/** A word without any meaning to the shell. */
export function plainWord(value: string): ShellWord {
  return makeWord([{ type: 'text', value, quoted: true }], canonicalWord(value))
}

/** Stands for whatever a program gets on its own from elsewhere. */
export const anyWord: ShellWord = makeWord([{ type: 'dynamic' }])

/** Words without the quotes that they do not need, one space between them: what rules are compared with. */
export function canonicalText(words: readonly ShellWord[]): string {
  return words.map((word) => canonicalOf(word)).join(' ')
}

function canonicalOf(word: ShellWord): string {
  const value = literal(word)
  return value === null ? word.written : canonicalWord(value)
}

function canonicalWord(value: string): string {
  if (/^[^\s'"\\$`;&|<>(){}*?[\]#!~]+$/.test(value)) return value
  return `'${value.replaceAll("'", "'\\''")}'`
}
