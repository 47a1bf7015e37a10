/**
 * The known name that `name` was probably meant to be; `undefined` when none is close. Case, `_` and `-` do not count, so that
 * `filePath` finds `file_path`.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name)
  // A misspelling changes a third of the letters at most.
  let limit = Math.max(1, Math.floor(wanted.length / 3)) + 1
  let found: string | undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate))
    if (distance >= limit) continue
    limit = distance
    found = candidate
  }
  return found
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '').slice(0, 64)
}

/** The number of letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
