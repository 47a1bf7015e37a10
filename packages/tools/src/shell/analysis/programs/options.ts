import { isPipe, isSplit, literal, makeWord, plainWord, type ShellWord } from '../syntax.ts'

/** What the value of an option is: text, a path that is read, with all below it, or one that is written. */
export type ValueUse = 'text' | 'read' | 'tree' | 'write'

export interface OptionSpec {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, ValueUse>
  /** Long options whose value, if any, comes after `=`. */
  readonly optional: ReadonlySet<string>
  /** `-5` is understood. */
  readonly numbers: boolean
}

const uses: ReadonlyMap<string, ValueUse> = new Map([
  [':', 'text'],
  ['<', 'read'],
  ['%', 'tree'],
  ['>', 'write'],
])

/**
 * The options that are understood, in short: `-a --all` are flags, `-n:` takes a value, `-f<` a path that is read, `-o>` one that is
 * written, `-d%` a folder that is read, `--color?` a value after `=` or none, `-#` a number. There are no abbreviations. Read on first
 * use: there are hundreds, of which most are never needed.
 */
export function optionSpec(text: string): OptionSpec {
  let known: OptionSpec | undefined
  const spec = (): OptionSpec => (known ??= readSpec(text))
  return {
    get flags() {
      return spec().flags
    },
    get values() {
      return spec().values
    },
    get optional() {
      return spec().optional
    },
    get numbers() {
      return spec().numbers
    },
  }
}

function readSpec(text: string): OptionSpec {
  const flags = new Set<string>()
  const values = new Map<string, ValueUse>()
  const optional = new Set<string>()
  for (const token of text.split(/\s+/).filter((each) => each !== '' && each !== '-#')) {
    const name = token.replace(/[:<>%?]$/, '')
    const use = uses.get(token.slice(name.length))
    if (use) values.set(name, use)
    else if (token.endsWith('?')) optional.add(name)
    else flags.add(name)
  }
  return { flags, values, optional, numbers: /(?:^|\s)-#/.test(text) }
}

export interface OptionValue {
  readonly name: string
  readonly use: ValueUse
  readonly word: ShellWord
}

export interface ReadOptions {
  readonly flags: ReadonlySet<string>
  readonly values: readonly OptionValue[]
  readonly operands: readonly ShellWord[]
  /** What is not on the list, or can only be known when it runs. */
  readonly problem: string | null
}

export interface ReadOptionsSettings {
  /** Options end where the first operand stands. */
  readonly stopAtOperand?: boolean
  /** A `<(…)` is an operand, which is a pipe that is read. */
  readonly takesPipes?: boolean
}

export function readOptions(
  args: readonly ShellWord[],
  spec: OptionSpec,
  { stopAtOperand = false, takesPipes = false }: ReadOptionsSettings = {},
): ReadOptions {
  const flags = new Set<string>()
  const values: OptionValue[] = []
  const operands: ShellWord[] = []
  let problem: string | null = null
  const rest = [...args]
  for (let word = rest.shift(); word; word = rest.shift()) {
    const text = literal(word)
    if (isSplit(word)) problem ??= mayBeSeveral(word)
    if (text === '--') {
      operands.push(...rest)
      break
    }
    const start = startOf(word)
    if (start === null || text === '-' || !start.startsWith('-')) {
      if (start === null && !startsWithGlob(word) && !(takesPipes && isPipe(word)))
        problem ??= `what ${word.written} is can only be known when it runs`
      operands.push(word)
      if (!stopAtOperand) continue
      operands.push(...rest)
      break
    }
    const found = start.startsWith('--') ? longOption(word, spec) : shortOptions(word, spec)
    if (typeof found === 'string') {
      problem ??= found
      continue
    }
    for (const flag of found.flags) flags.add(flag)
    if (!found.value) continue
    const { name, use, attached } = found.value
    const value = attached ?? rest.shift()
    if (value) values.push({ name, use, word: value })
    else problem ??= `${name} has no value`
    // What it matches beside the first is an operand.
    if (value && !attached && use === 'text' && hasGlob(value))
      values.push({ name, use: 'read', word: value })
    if (value && (isSplit(value) || isLoosePattern(value))) problem ??= mayBeSeveral(value)
  }
  return { flags, values, operands, problem }
}

export function hasGlob({ pieces }: ShellWord): boolean {
  return pieces.some(({ type }) => type === 'glob')
}

export function mayBeSeveral({ written }: ShellWord): string {
  return `${written} may become several words, of which one may be an option`
}

/** A pattern of files that may match several, and one that looks like an option: no option has a dot. */
export function isLoosePattern({ pieces }: ShellWord): boolean {
  if (pieces[0]?.type !== 'glob') return false
  return !pieces.some((piece) => piece.type === 'text' && piece.value.includes('.'))
}

interface FoundOptions {
  readonly flags: readonly string[]
  readonly value?: { readonly name: string; readonly use: ValueUse; readonly attached?: ShellWord }
}

function longOption(word: ShellWord, spec: OptionSpec): FoundOptions | string {
  const start = startOf(word) ?? ''
  const equals = start.indexOf('=')
  const name = equals < 0 ? start : start.slice(0, equals)
  if (equals < 0 && literal(word) === null) return notKnown(word.written)
  if (equals < 0 && (spec.flags.has(name) || spec.optional.has(name))) return { flags: [name] }
  const use = spec.values.get(name)
  if (equals >= 0 && spec.optional.has(name)) return { flags: [name] }
  if (!use) return notKnown(name)
  if (equals < 0) return { flags: [], value: { name, use } }
  return { flags: [], value: { name, use, attached: cutStart(word, equals + 1) } }
}

/** `-la`, `-n5`, `-n 5`. */
function shortOptions(word: ShellWord, spec: OptionSpec): FoundOptions | string {
  const start = startOf(word) ?? ''
  if (spec.numbers && /^-\d+$/.test(literal(word) ?? '')) return { flags: [] }
  // `-name`, as find and others have it.
  if (spec.flags.has(start) && literal(word) !== null) return { flags: [start] }
  const flags: string[] = []
  for (let at = 1; at < start.length; at++) {
    const name = `-${start[at]}`
    const use = spec.values.get(name)
    if (use) {
      const isLast = at + 1 === start.length && literal(word) !== null
      return { flags, value: { name, use, ...(!isLast && { attached: cutStart(word, at + 1) }) } }
    }
    if (!spec.flags.has(name)) return notKnown(name)
    flags.push(name)
  }
  return literal(word) === null ? notKnown(word.written) : { flags }
}

function notKnown(option: string): string {
  return `what the option ${option} does is not known here`
}

/** The text that a word surely begins with; `null` when it begins with what only the run can say. */
function startOf({ pieces }: ShellWord): string | null {
  let text = ''
  for (const piece of pieces) {
    if (piece.type === 'home') return `${text}/`
    if (piece.type !== 'text') return text === '' ? null : text
    text += piece.value
  }
  return text
}

function startsWithGlob({ pieces }: ShellWord): boolean {
  return pieces[0]?.type === 'glob'
}

/** The word without its first characters, which are text. */
export function cutStart(word: ShellWord, length: number): ShellWord {
  let left = length
  const pieces = word.pieces.flatMap((piece) => {
    if (piece.type !== 'text' || left === 0) return [piece]
    const cut = Math.min(left, piece.value.length)
    left -= cut
    return [{ ...piece, value: piece.value.slice(cut) }]
  })
  const rest = makeWord(pieces)
  const text = literal(rest)
  return text === null ? rest : plainOrHome(text)
}

/** After `=` a shell leaves `~` alone, but programs may not. */
function plainOrHome(text: string): ShellWord {
  if (text !== '~' && !text.startsWith('~/')) return plainWord(text)
  return makeWord([{ type: 'home' }, { type: 'text', value: text.slice(1), quoted: true }])
}
