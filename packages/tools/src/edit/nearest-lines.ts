/** Lines of a file that are like a text which is not in it, and what the difference is. */
export interface NearLines {
  /** Counted from 1. */
  readonly first: number
  readonly lines: readonly string[]
  readonly difference: string
}

const maxFileLines = 50_000
const maxShown = 3

/**
 * Where a text nearly stands in a file: the same but for white space or for look-alike characters, or else the line most like its
 * first one.
 */
export function nearestLines(text: string, wanted: string): readonly NearLines[] {
  const lines = text.split('\n').slice(0, maxFileLines)
  const wantedLines = wanted.replace(/\n$/, '').split('\n')
  for (const { normalise, difference } of looseness) {
    const found = runsOf(lines.map(normalise), wantedLines.map(normalise))
    if (found.length > 0)
      return found.slice(0, maxShown).map((start) => ({
        first: start + 1,
        lines: lines.slice(start, start + wantedLines.length),
        difference,
      }))
  }
  return mostAlike(lines, wantedLines)
}

const looseness: readonly {
  readonly normalise: (line: string) => string
  readonly difference: string
}[] = [
  { normalise: (line) => line.trimEnd(), difference: 'white space at line ends' },
  { normalise: (line) => line.trim(), difference: 'indentation' },
  { normalise: (line) => line.replace(/\s+/g, ' ').trim(), difference: 'white space' },
  {
    normalise: withoutLookAlikes,
    difference: 'characters that look alike (quotes, dashes, spaces)',
  },
  {
    normalise: (line) => line.replace(/^\s*\d+\t/, '').trim(),
    difference: 'line numbers: old_string must not hold those that read shows',
  },
]

function withoutLookAlikes(line: string): string {
  return line
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201A\u201B\u2032]/g, "'")
    .replace(/[\u201C\u201D\u201E\u201F\u2033]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Where the wanted lines stand one after the other. Text that is nothing but white space stands nowhere. */
function runsOf(lines: readonly string[], wanted: readonly string[]): readonly number[] {
  if (wanted.every((line) => line === '')) return []
  const starts: number[] = []
  for (let start = 0; start + wanted.length <= lines.length; start++)
    if (wanted.every((line, index) => line === lines[start + index])) starts.push(start)
  return starts
}

/** By how many words of the longest wanted line they share; none where less than half are shared. */
function mostAlike(lines: readonly string[], wanted: readonly string[]): readonly NearLines[] {
  const key = wanted.reduce(
    (longest, line) => (line.trim().length > longest.length ? line.trim() : longest),
    '',
  )
  const words = wordsOf(key)
  if (words.size === 0) return []
  const scored = lines
    .map((line, index) => ({ index, line, score: shared(words, wordsOf(line)) }))
    .filter(({ score }) => score >= 0.5)
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
  return scored
    .slice(0, maxShown)
    .map(({ index, line }) => ({ first: index + 1, lines: [line], difference: 'text' }))
}

function wordsOf(line: string): ReadonlySet<string> {
  return new Set(line.match(/[\p{L}\p{N}_]+/gu))
}

function shared(wanted: ReadonlySet<string>, found: ReadonlySet<string>): number {
  let count = 0
  for (const word of wanted) if (found.has(word)) count++
  return count / Math.max(wanted.size, found.size)
}
