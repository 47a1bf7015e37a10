import type {
  Assignment,
  Command,
  Redirection,
  SyntaxNode,
  Word,
  forEachChild,
  parse,
} from 'unbash'
import { problemOf } from './problems.ts'
import type {
  ShellAssignment,
  ShellLine,
  ShellProblem,
  ShellRedirect,
  ShellStep,
  ShellWord,
} from './syntax.ts'
import { toWords } from './words.ts'

/** Takes a command line apart. Never throws: what it does not understand is a problem of the line. */
export type ParseLine = (line: string) => ShellLine

/** The parser is loaded when the first command is looked at. */
export async function loadParser(): Promise<ParseLine> {
  const library = await import('unbash')
  return (line) => parseLine(line, library)
}

/** Control characters but for line ends and tabs, spaces that are none to the shell, what is not seen or turns the writing. */
const confusing =
  // oxlint-disable-next-line no-control-regex -- they are what it is about
  /[\0-\x08\x0B-\x1F\x7F-\xA0\u00AD\u061C\u1680\u180E\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000]|\p{Default_Ignorable_Code_Point}/u

interface Library {
  readonly parse: typeof parse
  readonly forEachChild: typeof forEachChild
}

interface Place {
  readonly hasInput: boolean
  readonly repeated: boolean
  /** The text that positions are about. */
  readonly source: string
}

function parseLine(line: string, library: Library): ShellLine {
  const steps: ShellStep[] = []
  const problems: ShellProblem[] = []
  if (confusing.test(line))
    problems.push({ why: 'it holds characters that a shell and a person read differently' })
  if (/(?:^|[^\\])(?:\\\\)*\\\s*$/.test(line)) problems.push({ why: 'it ends with a backslash' })
  if (/`[^`]*`[^`]*`/.test(line))
    problems.push({ why: 'which of its backquotes belong together is not the same everywhere' })
  try {
    const place = { hasInput: false, repeated: false, source: line }
    walk(library.parse(line), place, { steps, problems, library })
  } catch (error) {
    problems.push({ why: `it cannot be parsed: ${String(error)}` })
  }
  return { steps, problems }
}

interface Output {
  readonly steps: ShellStep[]
  readonly problems: ShellProblem[]
  readonly library: Library
}

/** What is inside comes first, as the shell runs it first. */
function walk(node: SyntaxNode, place: Place, output: Output): void {
  const why = problemOf(node) ?? lostText(node, place.source)
  if (why !== null) output.problems.push({ why })
  if (node.type === 'Pipeline') {
    for (const [index, command] of node.commands.entries())
      walk(command, { ...place, hasInput: place.hasInput || index > 0 }, output)
    return
  }
  const inner = placeInside(node, place)
  output.library.forEachChild(node, (child) => walk(child, inner, output))
  const step = stepOf(node, inner)
  if (step) output.steps.push(step)
}

const repeating: ReadonlySet<string> = new Set<SyntaxNode['type']>([
  'For',
  'While',
  'Select',
  'ArithmeticFor',
  'Function',
])

/** The parser leaves out what it makes no sense of: nothing may stand before a command, or between its words, that is not seen. */
function lostText(node: SyntaxNode, source: string): string | null {
  const lost =
    (node.type === 'Statement' && (lostBefore(node.pos, source) || lostAfter(node.end, source))) ||
    (node.type === 'BraceGroup' && lostEnd(source.slice(node.pos, node.end))) ||
    (node.type === 'Redirect' && /\d/.test(source[node.pos - 1] ?? '') && node.operator) ||
    (node.type === 'HereDoc' && lostBehind(node.delimiter?.end, source)) ||
    (node.type === 'Command' && lostInside(node, source))
  return lost ? `what ${lost} is for is not understood` : null
}

function lostBefore(pos: number, source: string): string {
  const before = source.slice(0, pos).replace(/(?:[ \t]|\\\n)+$/, '')
  const [last = ''] = /[^\s;&|(){}`]*$/.exec(before) ?? []
  return last === '' || keywords.has(last) ? '' : last
}

/** Whether what stands behind a here-document's name on its line, or its text, comes first is not the same everywhere. */
function lostBehind(end: number | undefined, source: string): string {
  return end !== undefined && /^[ \t]*&(?![&>])/.test(source.slice(end)) ? '&' : ''
}

/** A semicolon on a line of its own ends nothing. */
function lostAfter(end: number, source: string): string {
  return /^[ \t]*\n\s*;(?!;)/.test(source.slice(end)) ? ';' : ''
}

/** The brace that ends a group is one where a command could begin. */
function lostEnd(group: string): string {
  return /[;&\n]\s*\}$/.test(group) ? '' : '}'
}

const keywords: ReadonlySet<string> = new Set(
  '! if then elif else while until do time coproc'.split(' '),
)

function lostInside({ name, prefix, suffix }: Command, source: string): string {
  const parts = [...prefix, ...(name ? [name] : []), ...suffix].toSorted((a, b) => a.pos - b.pos)
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    const between = next ? source.slice(part.end, next.pos).replace(/\\\n/g, '') : ''
    if (between.trim() !== '') return between.trim()
  }
  const end = parts.at(-1)?.end ?? 0
  return /^[ \t]*\(/.test(source.slice(end)) ? '(' : ''
}

function placeInside(node: SyntaxNode, place: Place): Place {
  if (node.type === 'Script') return { ...place, source: node.source ?? place.source }
  if (repeating.has(node.type)) return { ...place, repeated: true }
  if (node.type !== 'Command' && node.type !== 'Redirected') return place
  return { ...place, hasInput: place.hasInput || hasInput(node.redirects) }
}

function stepOf(node: SyntaxNode, place: Place): ShellStep | null {
  if (node.type === 'Command') return commandStep(node, place)
  if (node.type === 'Redirected')
    return { ...nothing, ...stepPlace(place), redirects: toRedirects(node.redirects) }
  if (node.type !== 'For' && node.type !== 'Select') return null
  const { value: name, text } = node.name
  return { ...nothing, ...stepPlace(place), assignments: [{ name, text }] }
}

function stepPlace({ hasInput: given, repeated }: Place): Pick<ShellStep, 'hasInput' | 'repeated'> {
  return { hasInput: given, repeated }
}

const nothing = { words: [], assignments: [], redirects: [] } as const

function commandStep(command: Command, place: Place): ShellStep {
  const assignments = command.prefix.flatMap((item): ShellAssignment[] =>
    item.type === 'Assignment' ? [{ name: item.name, text: item.text }] : [],
  )
  const words = [...(command.name ? toWords(command.name) : []), ...command.args.flatMap(argument)]
  return { ...stepPlace(place), words, assignments, redirects: toRedirects(command.redirects) }
}

/** `export A=b` and `make A=b` have an argument that looks like an assignment. */
function argument(item: Word | Assignment): readonly ShellWord[] {
  if (item.type === 'Word') return toWords(item)
  const { name, value, text } = item
  const plain = value.type === 'Word' && !item.append && !item.index
  const values: readonly ShellWord[] = plain
    ? toWords(value)
    : [{ text: '', pieces: [{ type: 'dynamic' }] }]
  return values.map(({ pieces }) => ({
    text,
    pieces: [{ type: 'text', value: `${name}=`, quoted: false }, ...pieces],
  }))
}

function hasInput(redirects: readonly Redirection[]): boolean {
  return redirects.some(({ operator }) => operator.startsWith('<'))
}

/** What a here-document holds was walked already; it touches no file. */
function toRedirects(redirects: readonly Redirection[]): ShellRedirect[] {
  return redirects.flatMap((redirect): ShellRedirect[] => {
    if (redirect.type !== 'Redirect') return []
    const targets = redirect.target ? toWords(redirect.target) : []
    const [target = null] = targets
    // To several files at once is an error, or one whose name nobody knows.
    return [{ operator: redirect.operator, target: targets.length > 1 ? ambiguous : target }]
  })
}

const ambiguous: ShellWord = { text: '{…}', pieces: [{ type: 'dynamic' }] }
