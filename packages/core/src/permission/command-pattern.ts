import { compileStars, matchTokens } from './wildcard.ts'

/**
 * Whether a simple command is meant by the pattern of a rule: the very text, `npm test:*` or `npm test *` for these words and whatever
 * follows, or `*` anywhere else for any characters. Runs of spaces count as one. `ls:*` is not `lsof`.
 */
export function matchCommand(pattern: string, command: string): boolean {
  return commandMatcher(pattern)(command)
}

/** The same for many commands. */
export function commandMatcher(pattern: string): (command: string) => boolean {
  const words = joinSpaces(pattern)
  const prefix = prefixOf(words)
  const start = prefix ?? words
  if (!start.includes('*')) {
    const following = `${start} `
    return (command) => {
      const text = joinSpaces(command)
      return text === start || (prefix !== undefined && text.startsWith(following))
    }
  }
  const tokens = compileStars(start)
  const open = compileStars(`${start} *`)
  return (command) => {
    const text = joinSpaces(command)
    return matchTokens(tokens, text) || (prefix !== undefined && matchTokens(open, text))
  }
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
