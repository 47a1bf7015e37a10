/** How one file differs from what is to stand there. Absent: there is no such file. */
export interface FileChange {
  readonly path: string
  readonly before?: string
  readonly after?: string
}

const CONTEXT = 3

/** A unified diff that `patch` and `git apply` take; empty where nothing differs. */
export function unifiedDiff(changes: readonly FileChange[]): string {
  return changes.map(fileDiff).join('')
}

function fileDiff({ path, before, after }: FileChange): string {
  if (before === after) return ''
  const head = [
    `--- ${before === undefined ? '/dev/null' : `a/${path}`}`,
    `+++ ${after === undefined ? '/dev/null' : `b/${path}`}`,
  ]
  const edits = lineEdits(linesOf(before ?? ''), linesOf(after ?? ''))
  return `${[...head, ...hunks(edits)].join('\n')}\n`
}

/** Each line with its end, if it has one. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

interface Edit {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

/** The longest common lines stay; what goes stands before what comes. */
function lineEdits(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const common = commonLengths(before, after)
  const edits: Edit[] = []
  let [from, to] = [0, 0]
  while (from < before.length || to < after.length) {
    const [old, now] = [before[from], after[to]]
    if (old !== undefined && old === now) {
      edits.push({ sign: ' ', line: old })
      from += 1
      to += 1
    } else if (now === undefined || (old !== undefined && goesFirst(common, from, to))) {
      edits.push({ sign: '-', line: old ?? '' })
      from += 1
    } else {
      edits.push({ sign: '+', line: now })
      to += 1
    }
  }
  return edits
}

function goesFirst(common: readonly Uint32Array[], from: number, to: number): boolean {
  return (common[from + 1]?.[to] ?? 0) >= (common[from]?.[to + 1] ?? 0)
}

/** How many lines the rests behind two places have in common. */
function commonLengths(
  before: readonly string[],
  after: readonly string[],
): readonly Uint32Array[] {
  const table = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let from = before.length - 1; from >= 0; from -= 1)
    for (let to = after.length - 1; to >= 0; to -= 1) {
      const row = table[from]
      const below = table[from + 1]
      if (!row || !below) continue
      row[to] =
        before[from] === after[to]
          ? (below[to + 1] ?? 0) + 1
          : Math.max(below[to] ?? 0, row[to + 1] ?? 0)
    }
  return table
}

function hunks(edits: readonly Edit[]): readonly string[] {
  const lines: string[] = []
  let [old, now] = [1, 1]
  for (let at = 0; at < edits.length;) {
    const change = edits.findIndex(({ sign }, index) => index >= at && sign !== ' ')
    const start = change === -1 ? edits.length : Math.max(at, change - CONTEXT)
    old += start - at
    now += start - at
    if (change === -1) break
    const end = endOfHunk(edits, change)
    const part = edits.slice(start, end)
    const gone = part.filter(({ sign }) => sign !== '+').length
    const come = part.filter(({ sign }) => sign !== '-').length
    lines.push(`@@ -${range(old, gone)} +${range(now, come)} @@`, ...part.flatMap(shown))
    old += gone
    now += come
    at = end
  }
  return lines
}

/** Changes that stand close together share a hunk. */
function endOfHunk(edits: readonly Edit[], change: number): number {
  let last = change
  for (let at = change; at < edits.length && at - last <= CONTEXT * 2; at += 1)
    if (edits[at]?.sign !== ' ') last = at
  return Math.min(edits.length, last + CONTEXT + 1)
}

/** What does not exist begins before the first line. */
function range(start: number, length: number): string {
  return length === 0 ? `${start - 1},0` : `${start},${length}`
}

function shown({ sign, line }: Edit): readonly string[] {
  return line.endsWith('\n')
    ? [`${sign}${line.slice(0, -1)}`]
    : [`${sign}${line}`, '\\ No newline at end of file']
}
