import { compileStars, matchTokens } from './wildcard.ts'

/**
 * Whether a simple command is meant by the pattern of a rule: the very text, `npm test:*` or `npm test *` for these words and whatever
 * follows, or `*` anywhere else for any characters. Runs of spaces count as one. `ls:*` is not `lsof`.
 */
export function matchCommand(pattern: string, command: string): boolean {
  const text = joinSpaces(command)
  const words = joinSpaces(pattern)
  const prefix = prefixOf(words)
  if (prefix === undefined) return matchTokens(compileStars(words), text)
  const tokens = compileStars(prefix)
  return (
    matchTokens(tokens, text) ||
    matchTokens([...tokens, { type: 'one', char: ' ' }, { type: 'star' }], text)
  )
}

/** The pattern that stands for this very command. */
export function commandPattern(command: string): string {
  return joinSpaces(command).replaceAll('*', '\\*')
}

/** What stands before `:*` or ` *`. */
function prefixOf(pattern: string): string | undefined {
  return /^([^]+?)(?::\*| \*)$/.exec(pattern)?.[1]
}

export function joinSpaces(text: string): string {
  return text.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')
}
