import type { Workspace } from '@harnext/core'
import { LeftOut, walkTree } from './walk.ts'

/** A larger tree takes too long to look through twice for each command. */
const maxIndexed = 50_000

/** What tells a file from what it was before: by path. */
export type TreeIndex = ReadonlyMap<string, string>

/**
 * All files of the roots that are not ignored, by size, time and mode. `null`: a root has more than `maxEntries` entries (50,000), or some
 * could not be read.
 */
export async function indexTree(
  workspace: Workspace,
  signal: AbortSignal,
  maxEntries: number = maxIndexed,
): Promise<TreeIndex | null> {
  const index = new Map<string, string>()
  const left = new LeftOut()
  for (const folder of workspace.roots) {
    const walk = { workspace, folder, links: true, sensitive: true, signal, maxEntries } as const
    for await (const { path, info } of walkTree(walk, left))
      index.set(path, `${info.kind} ${info.size} ${info.modified} ${info.mode}`)
    if (left.truncated || left.unreadable.length > 0) return null
  }
  return index
}

/** Created, changed and removed paths, sorted. */
export function changedPaths(before: TreeIndex, after: TreeIndex): readonly string[] {
  const changed = [...after].flatMap(([path, state]) => (before.get(path) === state ? [] : [path]))
  const removed = [...before.keys()].filter((path) => !after.has(path))
  return [...changed, ...removed].toSorted()
}
