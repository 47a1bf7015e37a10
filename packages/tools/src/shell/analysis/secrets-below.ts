import type { Workspace } from '@harnext/core'

/** What a project has without what is installed; looking through them takes about as long as the search that is asked for. */
const maximumEntries = 50_000
const maximumFound = 20
/** Packages bring test keys along, and what git keeps is not text. */
const skipped = new Set(['node_modules', '.git'])

/**
 * Files below a folder that may hold keys, tokens or passwords; `null` where there is too much to look at. Symbolic links are not
 * followed, as by the programs that search trees.
 */
export async function secretsBelow(
  folder: string,
  workspace: Workspace,
  isSecret: (path: string) => boolean,
  { hidden }: { readonly hidden: boolean },
): Promise<readonly string[] | null> {
  const info = await workspace.stat(folder)
  if (info?.kind !== 'directory') return []
  const found: string[] = []
  const open = [folder]
  let seen = 0
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    for (const { name, kind } of await workspace.readDirectory(current)) {
      if (++seen > maximumEntries) return null
      if (!hidden && name.startsWith('.')) continue
      const path = `${current}/${name}`
      if (kind === 'directory' && !skipped.has(name)) open.push(path)
      else if (kind === 'file' && isSecret(path)) found.push(path)
    }
    if (found.length >= maximumFound) break
  }
  return found
}
