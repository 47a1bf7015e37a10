import { execute, onlyNames, type Call, type Finding } from './finding.ts'
import type { ParseLine } from './parse.ts'
import { findingsOf } from './programs/programs.ts'
import { program } from './programs/runners.ts'
import {
  canonicalText,
  isDynamic,
  literal,
  makeWord,
  plainWord,
  type ShellPiece,
  type ShellRedirect,
  type ShellStep,
  type ShellWord,
} from './syntax.ts'
import { isHarmlessVariable, isObeyedVariable } from './variables.ts'

/** A finding, and the folders that its paths may be relative to. `null`: no telling. */
export interface Located {
  readonly finding: Finding
  readonly folders: readonly ShellWord[] | null
}

const maximumDepth = 8
const maximumFolders = 8
const maximumParts = 100
/** Where a name without a folder is looked for first. */
const systemFolder = /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$/

/**
 * What a command line would do: a finding for each of its commands, redirections and assignments, in the order in which the shell
 * comes to them. Pure; never throws. The line is read as bash reads it.
 */
export function analyse(line: string, parse: ParseLine): readonly Located[] {
  const state: State = { parse, folders: [plainWord('.')], depth: 0, found: [] }
  readLine(line, state)
  const parts = new Set(state.found.map(({ finding }) => finding.part))
  if (parts.size > maximumParts)
    add(state, [{ kind: 'unknown', why: `it has more than ${maximumParts} parts` }])
  return state.found
}

interface State {
  readonly parse: ParseLine
  /** Where a command may run: every folder that a `cd` before it may have led to. */
  folders: readonly ShellWord[] | null
  depth: number
  readonly found: Located[]
}

function add(state: State, findings: readonly Finding[]): void {
  for (const finding of findings) state.found.push({ finding, folders: state.folders })
}

function readLine(line: string, state: State): void {
  const { steps, problems } = state.parse(line)
  for (const { part, why } of problems)
    add(state, [{ kind: 'unknown', ...(part !== undefined && { part }), why }])
  for (const step of steps) readStep(step, state)
}

function readStep(step: ShellStep, state: State): void {
  // Assignments that stand alone last; those before a command are its own.
  if (step.assignments.length > 0 && step.words.length === 0 && step.redirects.length > 0)
    add(state, [{ kind: 'unknown', why: 'a redirection of nothing but assignments' }])
  if (step.words.length === 0)
    for (const { name, text } of step.assignments) {
      if (isObeyedVariable(name))
        add(state, [{ kind: 'unknown', part: text, why: `${name} changes what programs do` }])
      else add(state, [{ kind: 'named', part: text }])
    }
  else {
    add(state, commandFindings(step, state))
    if (step.words.some((word) => isFolderChange(word.text))) changeFolder(step, state)
  }
  for (const redirect of step.redirects) add(state, redirectFindings(redirect))
}

function commandFindings(step: ShellStep, state: State): readonly Finding[] {
  const kept = step.assignments.filter(({ name }) => !isHarmlessVariable(name))
  const findings = inner(step.words, step.hasInput, state)
  if (!kept.length) return findings
  const part = `${kept.map(({ text }) => text).join(' ')} ${canonicalText(step.words)}`
  // With other variables it is another command, which a rule has to name as it is.
  const obeyed = kept.some(({ name }) => isObeyedVariable(name))
  return [
    ...onlyNames(findings),
    { kind: 'execute', target: part, part },
    ...(obeyed
      ? [{ kind: 'unknown', part, why: `${kept[0]?.name} changes what programs do` } as const]
      : []),
  ]
}

function inner(words: readonly ShellWord[], hasInput: boolean, state: State): readonly Finding[] {
  const [first, ...args] = words
  if (!first) return []
  const part = canonicalText(words)
  const path = literal(first)
  if (path === null || path === '' || first.pieces.some(({ type }) => type !== 'text'))
    return [
      { kind: 'unknown', why: `which program ${first.written} is can only be known when it runs` },
    ]
  if (state.depth >= maximumDepth) return [{ kind: 'unknown', why: tooDeep }]
  const name = path.slice(path.lastIndexOf('/') + 1)
  const isPath = name !== path
  const call: Call = {
    name,
    args,
    part,
    hasInput,
    inner: (given) => deeper(state, () => inner(given, hasInput, state)),
    reparse: (text) => deeper(state, () => reparse(text, state)),
  }
  if (isPath) {
    const short = canonicalText([plainWord(name), ...args])
    const alias: Finding = { kind: 'named', part: short }
    if (!systemFolder.test(path)) return [alias, execute(call), ...program(call)]
    return [alias, ...findingsOf({ ...call, part: short })]
  }
  return findingsOf(call)
}

function deeper(state: State, work: () => readonly Finding[]): readonly Finding[] {
  state.depth++
  const findings = work()
  state.depth--
  return findings
}

/** As if it stood in the line itself: a folder that it changes to stays changed for what comes after it. */
function reparse(text: string, state: State): readonly Finding[] {
  if (state.depth >= maximumDepth) return [{ kind: 'unknown', why: tooDeep }]
  readLine(text, state)
  return []
}

const tooDeep = 'its commands lie too deep in each other'

function isFolderChange(text: string): boolean {
  return /^(?:cd|pushd|popd)$/.test(text)
}

/** After it, commands run in the folder that it names, or, where it failed, in the old one. */
function changeFolder(step: ShellStep, state: State): void {
  const at = step.words.findIndex(({ text }) => isFolderChange(text))
  const operands = step.words.slice(at + 1).filter(({ text }) => !/^(?:-[LPe@]|--)$/.test(text))
  const [target = home] = operands
  const folders = state.folders
  const isUnclear =
    folders === null ||
    step.repeated ||
    isDynamic(target) ||
    target.text === '-' ||
    step.words[at]?.text === 'popd'
  if (isUnclear || operands.length > 1) {
    state.folders = null
    return
  }
  const next = folders.flatMap((folder) => [below(folder, target)])
  const all = [...folders, ...next]
  state.folders = all.length > maximumFolders ? null : all
}

const home: ShellWord = makeWord([{ type: 'home' }])

/** The path as it is seen from the folder. */
export function below(folder: ShellWord, path: ShellWord): ShellWord {
  const [first] = path.pieces
  if (first?.type === 'home' || (first?.type === 'text' && first.value.startsWith('/'))) return path
  if (folder.text === '.') return path
  const pieces: readonly ShellPiece[] = [
    ...folder.pieces,
    { type: 'text', value: '/', quoted: true },
    ...path.pieces,
  ]
  return makeWord(pieces, `${folder.written}/${path.written}`)
}

function redirectFindings({ operator, target }: ShellRedirect): readonly Finding[] {
  if (!target) return []
  const part = `${operator} ${target.written}`
  const text = literal(target)
  if (/^(?:<&|>&)$/.test(operator) && /^(?:\d+-?|-)$/.test(text ?? '')) return []
  if (text === null && isDynamic(target))
    return [{ kind: 'unknown', part, why: 'where it is redirected can only be known when it runs' }]
  const socket = /^\/dev\/(?:tcp|udp)\/([^/]*)/.exec(text ?? '')
  if (socket) return [{ kind: 'network', host: socket[1] ?? '', part }]
  if (text !== null && /^\/dev\/(?:null|stdin|stdout|stderr|tty)$/.test(text)) return []
  const read: Finding = { kind: 'read', path: target, part }
  const write: Finding = { kind: 'write', path: target, part }
  if (operator === '<' || operator === '<&') return [read]
  return operator === '<>' ? [read, write] : [write]
}
