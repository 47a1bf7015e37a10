import type { Place } from './find-text.ts'

/** A place where a text stands but for white space, what takes its place there, and what the difference is. */
export interface TolerantMatch {
  readonly place: Place
  readonly replacement: string
  readonly difference: string
}

/**
 * Finds whole lines that are the wanted ones but for white space at their ends, or but for the same indentation before each. `null`
 * where that is not one place: a guess must not be wrong. The replacement is indented like what was found.
 */
export function findTolerant(
  text: string,
  wanted: string,
  replacement: string,
): TolerantMatch | null {
  const lines = text.split('\n')
  const wantedLines = wanted.replace(/\n$/, '').split('\n')
  if (wantedLines.every((line) => line.trim() === '')) return null
  return (
    trailing(lines, wantedLines, wanted, replacement) ??
    indented(lines, wantedLines, wanted, replacement)
  )
}

function trailing(
  lines: readonly string[],
  wantedLines: readonly string[],
  wanted: string,
  replacement: string,
): TolerantMatch | null {
  const same = (a: string, b: string): boolean => a.trimEnd() === b.trimEnd()
  const start = onlyRun(lines, wantedLines, same)
  if (start === null) return null
  const place = placeOf(lines, start, wantedLines.length, wanted.endsWith('\n'))
  return { place, replacement, difference: 'white space at line ends' }
}

function indented(
  lines: readonly string[],
  wantedLines: readonly string[],
  wanted: string,
  replacement: string,
): TolerantMatch | null {
  const start = onlyRun(lines, wantedLines, (a, b) => a.trim() === b.trim())
  if (start === null) return null
  const found = lines.slice(start, start + wantedLines.length)
  const shift = shiftOf(found, wantedLines)
  if (!shift) return null
  const place = placeOf(lines, start, wantedLines.length, wanted.endsWith('\n'))
  const moved = replacement.split('\n').map((line) => shifted(line, shift))
  return { place, replacement: moved.join('\n'), difference: 'indentation' }
}

interface Shift {
  readonly add: string
  readonly remove: string
}

/** The one indentation that lies between each two lines. */
function shiftOf(found: readonly string[], wanted: readonly string[]): Shift | null {
  let shift: Shift | null = null
  for (const [index, line] of wanted.entries()) {
    if (line.trim() === '') continue
    const there = indentOf(found[index] ?? '')
    const given = indentOf(line)
    const add = there.endsWith(given) ? there.slice(0, there.length - given.length) : ''
    const remove = given.endsWith(there) ? given.slice(0, given.length - there.length) : ''
    if (add === '' && remove === '' && there !== given) return null
    if (shift && (shift.add !== add || shift.remove !== remove)) return null
    shift = { add, remove }
  }
  return shift
}

function shifted(line: string, { add, remove }: Shift): string {
  if (line.trim() === '') return line
  return add + (line.startsWith(remove) ? line.slice(remove.length) : line.trimStart())
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? ''
}

function onlyRun(
  lines: readonly string[],
  wanted: readonly string[],
  same: (line: string, wanted: string) => boolean,
): number | null {
  let found: number | null = null
  for (let start = 0; start + wanted.length <= lines.length; start++) {
    if (!wanted.every((line, index) => same(lines[start + index] ?? '', line))) continue
    if (found !== null) return null
    found = start
  }
  return found
}

function placeOf(lines: readonly string[], first: number, count: number, withEnd: boolean): Place {
  const start = lines.slice(0, first).reduce((sum, line) => sum + line.length + 1, 0)
  const length = lines.slice(first, first + count).join('\n').length
  const isLast = first + count === lines.length
  return { start, end: start + length + (withEnd && !isLast ? 1 : 0) }
}
