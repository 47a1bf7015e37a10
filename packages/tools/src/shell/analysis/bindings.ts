import { literal, type ShellStep, type ShellWord } from './syntax.ts'

/** What variables stand for: those of loops, and those that are set to plain words. */
export type Bindings = ReadonlyMap<string, ShellWord>

const maximumValues = 16

/** Commands of the shell that may set a variable whose name is put together as they run. */
const setters: ReadonlySet<string> = new Set(
  'eval source . trap read printf declare typeset local export readonly let mapfile readarray getopts unset wait coproc command builtin exec'.split(
    ' ',
  ),
)
const folderChanges: ReadonlySet<string> = new Set(['cd', 'pushd', 'popd'])

interface Around {
  readonly line: string
  /** All steps of the line. */
  readonly others: readonly ShellStep[]
}

/** The words of a loop, where its variable is each of them in turn and nothing else of the line can change it; `null` where that is not known. */
export function loopValues(
  name: string,
  words: readonly ShellWord[],
  { line, others }: Around,
): readonly ShellWord[] | null {
  if (words.length === 0 || words.length > maximumValues || mayBeSet(others)) return null
  if (words.some(({ pieces }) => pieces.some(({ type }) => type === 'dynamic' || type === 'pipe')))
    return null
  const hasPattern = words.some(({ pieces }) => pieces.some(({ type }) => type === 'glob'))
  // A pattern is what it matches in the folder where the loop begins.
  if (hasPattern && commandsOf(others).some((command) => folderChanges.has(command ?? '')))
    return null
  return isNamedOnce(name, line, 'loop') ? words : null
}

/** The word that a variable is set to, where nothing else of the line can change it; `null` where that is not known. */
export function assignedValue(
  name: string,
  words: readonly ShellWord[],
  { line, others }: Around,
): ShellWord | null {
  const [word, ...more] = words
  if (!word || more.length > 0 || literal(word) === null || mayBeSet(others)) return null
  return isNamedOnce(name, line, 'assignment') ? word : null
}

function commandsOf(steps: readonly ShellStep[]): readonly (string | null)[] {
  return steps.flatMap(({ words: [first] }) => (first ? [literal(first)] : []))
}

/** A command that is not known could be one of the setters, too. */
function mayBeSet(others: readonly ShellStep[]): boolean {
  if (others.length === 0) return true
  return commandsOf(others).some((command) => command === null || setters.has(command))
}

/** The shell itself sets them. */
const ownVariables =
  /^(?:_|S?RANDOM|SECONDS|LINENO|FUNCNAME|DIRSTACK|E?UID|PPID|GROUPS|REPLY|PIPESTATUS|COPROC|MAPFILE|(?:BASH|EPOCH|HIST|COMP|OPT|READLINE).*)$/

/** Beside that, the line only says what the variable holds. */
function isNamedOnce(name: string, line: string, by: 'loop' | 'assignment'): boolean {
  if (!/^[A-Za-z_]\w*$/.test(name) || ownVariables.test(name)) return false
  if (/\(\(|\bIFS\b/.test(line)) return false
  const rest = line.replaceAll(new RegExp(`\\$(?:${name}\\b|\\{${name}\\})`, 'g'), '')
  const count = (pattern: string): number => rest.match(new RegExp(pattern, 'g'))?.length ?? 0
  const loops = count(`\\b(?:for|select)\\s+${name}\\b`)
  const assignments = count(`(?<![\\w-])${name}(?:\\+?=|\\[)`)
  const isInExpansion = count(`\\{[#!]?${name}\\b`) > 0
  const [once, never] = by === 'loop' ? [loops, assignments] : [assignments, loops]
  return once === 1 && never === 0 && !isInExpansion
}
