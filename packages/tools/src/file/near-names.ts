import { dirname, basename, join } from 'node:path'
import type { Workspace } from '@harnext/core'

const maxNames = 3
const maxEntries = 2000

/** Up to three existing paths beside a missing one that it may have been meant to be, best first. Only inside the roots. */
export async function nearPaths(path: string, workspace: Workspace): Promise<readonly string[]> {
  const folder = dirname(path)
  try {
    if (!(await workspace.resolve(folder)).inside) return []
    const entries = await workspace.readDirectory(folder)
    const names = entries.slice(0, maxEntries).map(({ name }) => name)
    return nearNames(basename(path), names).map((name) => join(folder, name))
  } catch {
    // The caller has a failure to report already, and this is only a help with it.
    return []
  }
}

/** Those of `names` that are most like `wanted`: the same but for case or ending, or a few letters apart. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  return names
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance: far }) => far <= Math.max(2, wanted.length / 3))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, maxNames)
    .map(({ name }) => name)
}

function distance(a: string, b: string): number {
  if (withoutEnding(a) === withoutEnding(b)) return a === b ? 0 : 1
  return editDistance(a.slice(0, 64), b.slice(0, 64))
}

function withoutEnding(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(0, dot) : name
}

/** Letters to insert, delete or replace. */
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
