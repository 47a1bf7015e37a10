import type { Hunk } from './parse-patch.ts'

/**
 * A text with these changes, from its front to its end. Lines are found as they are, else but for white space at their ends, else but
 * for all white space around them. Throws a `RangeError` that names the lines that are not there.
 */
export function applyHunks(text: string, hunks: readonly Hunk[]): string {
  const isCrlf = text.includes('\r\n')
  const plain = text.replaceAll('\r\n', '\n')
  const hasEnd = plain.endsWith('\n') || plain === ''
  const lines = (hasEnd ? plain.slice(0, -1) : plain).split('\n')
  if (plain === '') lines.pop()
  const result: string[] = []
  let from = 0
  for (const { anchors, before, after, atEnd } of hunks) {
    let search = from
    for (const anchor of anchors) search = afterAnchor(lines, anchor, search)
    const start = placeOf(lines, before, search, atEnd)
    if (start === null) throw new RangeError(missing(before, search > from))
    // Lines that stay keep the white space that they have.
    result.push(
      ...lines.slice(from, start),
      ...kept(lines.slice(start, start + before.length), before, after),
    )
    from = start + before.length
  }
  result.push(...lines.slice(from))
  const joined = result.join('\n') + (hasEnd && result.length ? '\n' : '')
  return isCrlf ? joined.replaceAll('\n', '\r\n') : joined
}

const looseness: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
]

function afterAnchor(lines: readonly string[], anchor: string, from: number): number {
  for (const same of looseness) {
    const found = lines.findIndex((line, index) => index >= from && same(line) === same(anchor))
    if (found >= 0) return found + 1
  }
  throw new RangeError(`The line behind @@ is not there: ${JSON.stringify(anchor)}.`)
}

function placeOf(
  lines: readonly string[],
  before: readonly string[],
  from: number,
  atEnd: boolean,
): number | null {
  // What is only added goes where the search stands, or to the end.
  if (before.length === 0) return atEnd || from === 0 ? lines.length : from
  const last = lines.length - before.length
  for (const same of looseness)
    for (let start = atEnd ? Math.max(from, last) : from; start <= last; start++)
      if (before.every((line, index) => same(lines[start + index] ?? '') === same(line)))
        return start
  return atEnd ? placeOf(lines, before, from, false) : null
}

/** What is in both the old and the new lines stays as the file has it. */
function kept(
  found: readonly string[],
  before: readonly string[],
  after: readonly string[],
): readonly string[] {
  let next = 0
  return after.map((line) => {
    const index = before.indexOf(line, next)
    if (index < 0) return line
    next = index + 1
    return found[index] ?? line
  })
}

function missing(before: readonly string[], isAnchored: boolean): string {
  const where = isAnchored ? ' behind the line of @@' : ''
  return `These lines are not there${where}:\n${before.slice(0, 10).join('\n')}`
}
