import { lineAt, type Place } from './find-text.ts'

const context = 3
const maxPlaces = 5
const maxLines = 40
const maxLength = 300

/** What an edit did, as the lines around each place: `-` before a line that went, `+` before one that came. */
export function editExcerpt(before: string, places: readonly Place[], replacement: string): string {
  const lines = before.split('\n')
  const shown = places
    .slice(0, maxPlaces)
    .map((place) => excerptOf(before, lines, place, replacement))
  const more = places.length - shown.length
  if (more > 0) shown.push(`(and ${more} more)`)
  return shown.join('\n')
}

function excerptOf(
  text: string,
  lines: readonly string[],
  { start, end }: Place,
  replacement: string,
): string {
  // Whole lines: a change may begin and end in the middle of one.
  const from = text.lastIndexOf('\n', start - 1) + 1
  const lineEnd = text.indexOf('\n', end)
  const to = lineEnd < 0 ? text.length : lineEnd
  const went = text.slice(from, to).split('\n')
  const came = (text.slice(from, start) + replacement + text.slice(end, to)).split('\n')
  let first = lineAt(text, from) - 1
  for (; went.length > 0 && went[0] === came[0]; first++) {
    went.shift()
    came.shift()
  }
  while (went.length > 0 && went.at(-1) === came.at(-1)) {
    went.pop()
    came.pop()
  }
  const next = first + went.length
  return [
    `@@ line ${first + 1} @@`,
    ...marked(lines.slice(Math.max(0, first - context), first), ' '),
    ...marked(went, '-'),
    ...marked(came, '+'),
    ...marked(lines.slice(next, next + context), ' '),
  ].join('\n')
}

function marked(lines: readonly string[], sign: string): readonly string[] {
  const shown = lines.slice(0, maxLines).map((line) => sign + cut(line))
  const more = lines.length - shown.length
  return more > 0 ? [...shown, `${sign}… (${more} more lines)`] : shown
}

function cut(line: string): string {
  return line.length > maxLength ? `${line.slice(0, maxLength).toWellFormed()}…` : line
}
