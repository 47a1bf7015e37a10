import type {
  Assignment,
  Command,
  For,
  Redirection,
  SyntaxNode,
  Word,
  forEachChild,
  parse,
} from 'unbash'
import { assignedValue, loopValues, type Bindings } from './bindings.ts'
import { readPlainly } from './plain/plain-line.ts'
import { wordsOf } from './plain/words-of.ts'
import { problemOf } from './problems.ts'
import {
  makeWord,
  type ShellAssignment,
  type ShellLine,
  type ShellPiece,
  type ShellProblem,
  type ShellRedirect,
  type ShellStep,
  type ShellWord,
} from './syntax.ts'
import { toWords } from './words.ts'

/** Takes a command line apart. Never throws: what it does not understand is a problem of the line. */
export type ParseLine = (line: string) => ShellLine

/** The parser is loaded when the first command is looked at, and kept: to import it again takes as long as to parse a line. */
export function loadParser(): Promise<ParseLine> {
  return (parser ??= import('unbash').then((library) => (line) => parseLine(line, library)))
}
let parser: Promise<ParseLine> | undefined

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
  /** What the variables of the loops around it stand for. */
  readonly bindings: Bindings
}

function parseLine(line: string, library: Library): ShellLine {
  try {
    const script = library.parse(line)
    const plain = readScript({ line, script, library, others: [] })
    // What a variable stands for can be said when nothing else in the line can change it.
    const isSet = plain.steps.some(({ words, assignments }) => !words.length && assignments.length)
    const { steps, problems } = isSet
      ? readScript({ line, script, library, others: plain.steps })
      : plain
    const why = problems.length ? null : problemOfForm(line, wordsOf(script, library.forEachChild))
    return { steps, problems: why === null ? problems : [{ why }] }
  } catch (error) {
    return { steps: [], problems: [{ why: `it cannot be parsed: ${String(error)}` }] }
  }
}

/** Two readings that share no code have to find the same words. */
function problemOfForm(line: string, words: readonly string[]): string | null {
  if (confusing.test(line)) return 'it holds characters that a shell and a person read differently'
  const second = readPlainly(line)
  const other = 'which not every shell reads in the same way'
  if ('stuckAt' in second)
    return `its form is one ${other}, from ${JSON.stringify(line.slice(second.stuckAt, second.stuckAt + 20))} on`
  const isSame = second.words.toSorted().join('\n') === words.toSorted().join('\n')
  return isSame ? null : `it has words ${other}`
}

interface Reading {
  readonly line: string
  readonly script: SyntaxNode
  readonly library: Library
  /** All steps of the line, by which variables are judged. */
  readonly others: readonly ShellStep[]
}

function readScript(reading: Reading): ShellLine {
  const output: Output = { ...reading, steps: [], problems: [] }
  walk(reading.script, { hasInput: false, repeated: false, bindings: new Map() }, output)
  return output
}

interface Output extends Reading {
  readonly steps: ShellStep[]
  readonly problems: ShellProblem[]
}

/** What is inside comes first, as the shell runs it first. */
function walk(node: SyntaxNode, place: Place, output: Output): void {
  const why = problemOf(node)
  if (why !== null) output.problems.push({ why })
  if (node.type === 'Pipeline') {
    for (const [index, command] of node.commands.entries())
      walk(command, { ...place, hasInput: place.hasInput || index > 0 }, output)
    return
  }
  const inner = placeInside(node, place)
  const isList = node.type === 'Script' || node.type === 'CompoundList' || node.type === 'AndOr'
  let current = inner
  output.library.forEachChild(node, (child) => {
    if (node.type === 'For' && child === node.body) walkBody(node, inner, output)
    else walk(child, current, output)
    if (isList) current = placeBehind(child, node, current, output)
  })
  const step = stepOf(node, inner)
  if (step) output.steps.push(step)
}

/** With the variables that were surely set when the next command of the list runs. */
function placeBehind(node: SyntaxNode, list: SyntaxNode, place: Place, output: Output): Place {
  if (node.type === 'Statement')
    return node.background ? place : placeBehind(node.command, list, place, output)
  // Its first command runs in any case.
  if (node.type === 'AndOr')
    return node.commands[0] ? placeBehind(node.commands[0], list, place, output) : place
  const isSure =
    list.type !== 'AndOr' ||
    list.commands[0] === node ||
    list.operators.every((operator) => operator === '&&')
  if (!isSure || node.type !== 'Command' || node.name || node.redirects.length > 0) return place
  const bindings = new Map(place.bindings)
  for (const item of node.prefix) {
    if (item.type !== 'Assignment') continue
    const { name, value, append, index } = item
    const words = value.type === 'Word' && !append && !index ? toWords(value, place.bindings) : []
    const word = assignedValue(name, words, output)
    if (word) bindings.set(name, word)
  }
  return { ...place, bindings }
}

/** Once for each word that the variable stands for, or once where that is not known. */
function walkBody(node: For, place: Place, output: Output): void {
  const words = node.wordlist?.flatMap((word) => toWords(word, place.bindings)) ?? []
  const values = loopValues(node.name.value, words, output)
  if (!values) return walk(node.body, place, output)
  for (const value of values) {
    const bindings = new Map([...place.bindings, [node.name.value, value]])
    walk(node.body, { ...place, bindings }, output)
  }
}

const repeating: ReadonlySet<string> = new Set<SyntaxNode['type']>([
  'For',
  'While',
  'Select',
  'ArithmeticFor',
  'Function',
])

function placeInside(node: SyntaxNode, place: Place): Place {
  if (repeating.has(node.type)) return { ...place, repeated: true }
  if (node.type !== 'Command' && node.type !== 'Redirected') return place
  return { ...place, hasInput: place.hasInput || hasInput(node.redirects) }
}

function stepOf(node: SyntaxNode, place: Place): ShellStep | null {
  if (node.type === 'Command') return commandStep(node, place)
  if (node.type === 'Redirected')
    return {
      ...nothing,
      ...stepPlace(place),
      redirects: toRedirects(node.redirects, place.bindings),
    }
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
  const { bindings } = place
  const words = [
    ...(command.name ? toWords(command.name, bindings) : []),
    ...command.args.flatMap((item) => argument(item, bindings)),
  ]
  const redirects = toRedirects(command.redirects, bindings)
  return { ...stepPlace(place), words, assignments, redirects }
}

/** `export A=b` and `make A=b` have an argument that looks like an assignment. */
function argument(item: Word | Assignment, bindings: Bindings): readonly ShellWord[] {
  if (item.type === 'Word') return toWords(item, bindings)
  const { name, value, text } = item
  if (value.type !== 'Word' || item.append || item.index)
    return [makeWord([{ type: 'dynamic' }], text)]
  const start: ShellPiece = { type: 'text', value: `${name}=`, quoted: false }
  return toWords(value, bindings).map(({ pieces }) => makeWord([start, ...pieces], text))
}

function hasInput(redirects: readonly Redirection[]): boolean {
  return redirects.some(({ operator }) => operator.startsWith('<'))
}

/** What a here-document holds was walked already; it touches no file. */
function toRedirects(redirects: readonly Redirection[], bindings: Bindings): ShellRedirect[] {
  return redirects.flatMap((redirect): ShellRedirect[] => {
    if (redirect.type !== 'Redirect') return []
    const targets = redirect.target ? toWords(redirect.target, bindings) : []
    const [target = null] = targets
    // To several files at once is an error, or one whose name nobody knows.
    return [{ operator: redirect.operator, target: targets.length > 1 ? ambiguous : target }]
  })
}

const ambiguous: ShellWord = makeWord([{ type: 'dynamic' }], '{…}')
