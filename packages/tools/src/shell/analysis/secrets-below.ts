import type { Workspace } from '@harnext/core'
import { isShown, shownAbove, shownIn, type ShownEndings } from './hidden-names.ts'

/** What a project has without what is installed; looking through them takes about as long as the search that is asked for. */
const maximumEntries = 50_000
const maximumFound = 20
/** Packages bring test keys along, and what git keeps is not text. */
const skipped = new Set(['node_modules', '.git'])

export interface TreeSearch {
  readonly workspace: Workspace
  readonly isSecret: (path: string) => boolean
  /** Hidden names are left out but for these, and those that ignore files show. Absent: all are seen. */
  readonly visible?: ShownEndings
  /** Symbolic links are followed. What they lead to elsewhere is found, too. */
  readonly follows: boolean
}

interface OpenFolder {
  readonly path: string
  readonly endings: ShownEndings
}

/** Files below a folder that may hold keys, tokens or passwords; `null` where there is too much to look at. */
export async function secretsBelow(
  folder: string,
  { workspace, isSecret, visible, follows }: TreeSearch,
): Promise<readonly string[] | null> {
  const info = await workspace.stat(folder)
  if (info?.kind !== 'directory') return []
  const found: string[] = []
  const above = visible ? [...visible, ...(await shownAbove(folder, workspace))] : []
  const open: OpenFolder[] = [{ path: folder, endings: above }]
  const opened = new Set([folder])
  let seen = 0
  for (let current = open.pop(); current; current = open.pop()) {
    const own = visible ? await shownIn(current.path, workspace) : []
    const endings = own.length ? [...current.endings, ...own] : current.endings
    for (const { name, kind } of await workspace.readDirectory(current.path)) {
      if (++seen > maximumEntries) return null
      if (visible && !isShown(name, endings)) continue
      const path = `${current.path}/${name}`
      if (kind === 'directory' && (follows || !skipped.has(name))) open.push({ path, endings })
      else if (kind === 'file' && isSecret(path)) found.push(path)
      else if (kind === 'symlink' && follows) {
        const target = await workspace.resolve(path)
        if (!target.inside || isSecret(target.path)) found.push(target.path)
        else if ((await workspace.stat(target.path))?.kind === 'directory')
          if (!opened.has(target.path)) open.push({ path: target.path, endings })
        opened.add(target.path)
      }
    }
    if (found.length >= maximumFound) break
  }
  return found
}
