import { literal, type ShellStep, type ShellWord } from './syntax.ts'

/** What the variables of loops stand for. */
export type LoopBindings = ReadonlyMap<string, ShellWord>

const maximumValues = 16

/** Commands of the shell that may set a variable whose name is put together as they run. */
const setters: ReadonlySet<string> = new Set(
  'eval source . trap read printf declare typeset local export readonly let mapfile readarray getopts unset wait coproc command builtin exec'.split(
    ' ',
  ),
)
const folderChanges: ReadonlySet<string> = new Set(['cd', 'pushd', 'popd'])

/** The words of a loop, where its variable is each of them in turn and nothing else of the line can change it; `null` where that is not known. */
export function loopValues(
  name: string,
  words: readonly ShellWord[],
  { line, others }: { readonly line: string; readonly others: readonly ShellStep[] },
): readonly ShellWord[] | null {
  if (others.length === 0 || words.length === 0 || words.length > maximumValues) return null
  if (words.some(({ pieces }) => pieces.some(({ type }) => type === 'dynamic' || type === 'pipe')))
    return null
  const commands = others.flatMap(({ words: [first] }) => (first ? [literal(first)] : []))
  // A command that is not known could be one of these.
  if (commands.some((command) => command === null || setters.has(command))) return null
  const hasPattern = words.some(({ pieces }) => pieces.some(({ type }) => type === 'glob'))
  // A pattern is what it matches in the folder where the loop begins.
  if (hasPattern && commands.some((command) => command !== null && folderChanges.has(command)))
    return null
  return isNamedOnce(name, line) ? words : null
}

/** Beside the loop itself, the line only says what the variable holds. */
function isNamedOnce(name: string, line: string): boolean {
  if (!/^[A-Za-z_]\w*$/.test(name) || /\(\(|\bIFS\b/.test(line)) return false
  const rest = line.replaceAll(new RegExp(`\\$(?:${name}\\b|\\{${name}\\})`, 'g'), '')
  const loops = rest.match(new RegExp(`\\b(?:for|select)\\s+${name}\\b`, 'g')) ?? []
  return (
    loops.length === 1 &&
    !new RegExp(`(?<![\\w-])${name}(?:\\+?=|\\[)|\\{[#!]?${name}\\b`).test(rest)
  )
}
