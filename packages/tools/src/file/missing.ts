import type { Workspace } from '@harnext/core'
import { nearPaths } from './near-names.ts'
import { displayPath } from './target.ts'

/** What is missing, and what is there that it may have been meant to be. */
export async function missing(target: string, workspace: Workspace): Promise<string> {
  const near = await nearPaths(target, workspace)
  const hint = near.map((path) => displayPath(path, workspace)).join(', ')
  return `${displayPath(target, workspace)} does not exist.${hint && ` Did you mean ${hint}?`}`
}
