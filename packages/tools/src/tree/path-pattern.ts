import { compileName } from './wildcard.ts'

type Step = 'deep' | ((name: string) => boolean)

/** Whether names from the top of a tree down to an entry match: `**` stands for any number of them. */
export function compilePath(segments: readonly string[]): (names: readonly string[]) => boolean {
  const steps: Step[] = segments
    .filter((segment, index) => segment !== '**' || segments[index - 1] !== '**')
    .map((segment) => (segment === '**' ? 'deep' : compileName(segment)))
  return (names) => matches(steps, names)
}

/** As with characters: only the last `**` ever needs to be tried again. */
function matches(steps: readonly Step[], names: readonly string[]): boolean {
  let step = 0
  let at = 0
  let deep = -1
  let deepEnd = 0
  while (at < names.length) {
    const current = steps[step]
    if (current === 'deep') {
      deep = step++
      deepEnd = at
    } else if (current?.(names[at] ?? '')) {
      step++
      at++
    } else if (deep >= 0) {
      step = deep + 1
      at = ++deepEnd
    } else return false
  }
  return steps.slice(step).every((each) => each === 'deep')
}

const maxAlternatives = 1000

/** A pattern over paths relative to a folder, with slashes between names. */
export interface PathPattern {
  matches(names: readonly string[]): boolean
  /** Whether a folder may hold something that matches. */
  mayHold(folder: readonly string[]): boolean
  /** The patterns that the last name must match one of; `null` when it may be anything. */
  readonly lastNames: readonly string[] | null
  /** Whether a folder of this name is asked for by its name. */
  mentions(name: string): boolean
}

/**
 * A pattern of `glob`: `*`, `?` and `[a-z]` stay within a name, `**` is any number of folders, `{a,b}` alternatives. A pattern
 * without a slash is for names at any depth. Throws a `RangeError` with a sentence for one that makes no sense.
 */
export function compileGlob(pattern: string): PathPattern {
  const alternatives = expandBraces(pattern).map(segmentsOf)
  const matchers = alternatives.map(compilePath)
  const starts = alternatives.map(literalStart)
  const last = alternatives.map((segments) => segments.at(-1) ?? '**')
  return {
    matches: (names) => matchers.some((matcher) => matcher(names)),
    mayHold: (folder) =>
      starts.some((start) =>
        folder.every((name, index) => index >= start.length || start[index] === name),
      ),
    lastNames: last.includes('**') ? null : last,
    mentions: (name) => alternatives.some((segments) => segments.includes(name)),
  }
}

function segmentsOf(pattern: string): readonly string[] {
  const names = pattern.split('/').filter((name) => name !== '' && name !== '.')
  if (names.includes('..'))
    throw new RangeError('The pattern must not hold "..": put the folder into path.')
  if (names.length === 0) throw new RangeError('The pattern is empty.')
  const isDeep = !pattern.includes('/')
  // What ends in a slash is all that lies in the folder.
  const isOpen = pattern.endsWith('/')
  return [...(isDeep ? ['**'] : []), ...names, ...(isOpen ? ['**', '*'] : [])]
}

function literalStart(segments: readonly string[]): readonly string[] {
  const end = segments.findIndex((segment) => /[*?[\\]/.test(segment))
  return segments.slice(0, end < 0 ? segments.length : end)
}

/** All texts that `{a,b}` stands for. `{` without its `}` or without a comma stands for itself. */
export function expandBraces(pattern: string): readonly string[] {
  const done: string[] = []
  const open = [pattern]
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const brace = firstBrace(text)
    if (brace) {
      const { start, end, parts } = brace
      for (const part of parts) open.push(text.slice(0, start) + part + text.slice(end + 1))
    } else done.push(text)
    if (done.length + open.length > maxAlternatives)
      throw new RangeError(`The pattern has more than ${maxAlternatives} alternatives.`)
  }
  return done.toReversed()
}

interface Brace {
  readonly start: number
  readonly end: number
  readonly parts: readonly string[]
}

function firstBrace(text: string): Brace | null {
  for (let start = 0; start < text.length; start++) {
    if (text[start] === '\\') start++
    else if (text[start] === '{') {
      const brace = braceAt(text, start)
      if (brace) return brace
    }
  }
  return null
}

function braceAt(text: string, start: number): Brace | null {
  const parts: string[] = []
  let from = start + 1
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '{') depth++
    else if (char === ',' && depth === 1) {
      parts.push(text.slice(from, at))
      from = at + 1
    } else if (char === '}' && --depth === 0)
      return parts.length ? { start, end: at, parts: [...parts, text.slice(from, at)] } : null
  }
  return null
}
