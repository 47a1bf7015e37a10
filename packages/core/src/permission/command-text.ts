import { commandMatcher, joinSpaces } from './command-pattern.ts'

// How rules read the commands that a shell tool names: the text of one simple command, as the tool took it apart.

/**
 * Whether a rule that allows covers a command. `target` is the command itself; `part` is all that is written around it, as a program that
 * runs it (`xargs grep`): there the pattern has to name the command too.
 */
export function coversCommand(pattern: string, target: string, part: string): boolean {
  const isMeant = commandMatcher(pattern)
  if (isMeant(target)) return true
  if (part === target || !isMeant(part)) return false
  const program = firstWord(target)
  return fixedWords(pattern).includes(program) || firstWord(part) === program
}

/** Whether a line that nobody took apart is one simple command whose words are what they look like. */
export function isPlainCommand(line: string): boolean {
  if (!/^[\p{L}\p{N} _./:=@%+,-]+$/u.test(line)) return false
  const first = firstWord(line)
  return first !== '' && !first.includes('=')
}

/** Whether a rule that forbids is about one of the texts, in any case. */
export function mentionsCommand(pattern: string, texts: readonly string[]): boolean {
  const isMeant = commandMatcher(pattern.toLowerCase())
  return texts.some((text) => isMeant(text.toLowerCase()))
}

/**
 * The same for a line that nobody took apart: it is enough that the program of the pattern stands anywhere in it. Quotes and backslashes
 * do not hide it.
 */
export function mightMention(pattern: string, line: string): boolean {
  if (mentionsCommand(pattern, [line])) return true
  const [program = ''] = fixedWords(pattern.toLowerCase())
  const words = line
    .toLowerCase()
    .replace(/["'\\]/g, '')
    .split(/[^\w.+-]+/)
  return program === '' || words.includes(program)
}

const destroyers: readonly RegExp[] = [
  /^rm (?:.* )?-(?:[a-z]*r|-recursive)/i,
  /^(?:dd|shred|wipefs|fdisk|parted|mkfs\S*|truncate)(?: |$)/,
  /^find .*-delete\b/,
  /^git (?:clean|reset --hard|checkout \.|push .*(?:--force|-f\b))/,
]

/** What makes a command one that is asked about where no sandbox holds it, in words; `null` when nothing does. */
export function alarmOf(command: string): string | null {
  const isDestroyer = destroyers.some((pattern) => pattern.test(joinSpaces(command)))
  return isDestroyer ? `${firstWord(command)} may destroy files` : null
}

function firstWord(text: string): string {
  const [first = ''] = joinSpaces(text).split(' ')
  return first
}

/** The words that a pattern begins with, up to its first star. */
function fixedWords(pattern: string): readonly string[] {
  const [fixed = ''] = joinSpaces(pattern)
    .replace(/:\*$/, '')
    .split(/(?<!\\)\*/)
  return fixed.split(' ').filter((word) => word !== '')
}
