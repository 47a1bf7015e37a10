import { basename, dirname, join } from 'node:path'
import type { Workspace } from '@harnext/core'
import { decodeText } from '../file/encoding.ts'
import { parseGitignore, type IgnoreRules } from './gitignore.ts'

/** The `.gitignore` of one folder, and how its paths relate to those of a walk: names to put in front, or to drop. */
export interface IgnoreLevel {
  readonly rules: IgnoreRules
  readonly prefix: readonly string[]
  readonly drop: number
}

/** Whether an entry is ignored, given the levels from the deepest up. `names` are from the folder where the walk began. */
export function isIgnored(
  levels: readonly IgnoreLevel[],
  names: readonly string[],
  isFolder: boolean,
): boolean {
  for (const { rules, prefix, drop } of levels) {
    const verdict = rules([...prefix, ...names.slice(drop)], isFolder)
    if (verdict !== null) return verdict
  }
  return false
}

/**
 * The levels above a folder, up to the top of its repository, or of the file system where it is in none. `null` when the folder is
 * ignored itself: then no rules hold in it.
 */
export async function ignoredFrom(
  folder: string,
  workspace: Workspace,
): Promise<readonly IgnoreLevel[] | null> {
  const levels: IgnoreLevel[] = []
  const prefix: string[] = []
  let current = folder
  while (!(await isRepository(current, workspace)) && dirname(current) !== current) {
    prefix.unshift(basename(current))
    current = dirname(current)
    const level = await levelOf(current, workspace, { prefix: [...prefix] })
    if (level) levels.push(level)
  }
  return isIgnoredFolder(levels) ? null : levels
}

/** Whether the folder where the walk began, or one above it, is ignored. */
function isIgnoredFolder(levels: readonly IgnoreLevel[]): boolean {
  const longest = levels.at(-1)?.prefix.length ?? 0
  for (let above = 0; above < longest; above++) {
    const verdicts = levels
      .filter(({ prefix }) => prefix.length > above)
      .map(({ rules, prefix }) => rules(prefix.slice(0, prefix.length - above), true))
    if (verdicts.find((verdict) => verdict !== null)) return true
  }
  return false
}

/** `null` when the folder has no `.gitignore` that can be read. */
export async function levelOf(
  folder: string,
  workspace: Workspace,
  place: { readonly prefix?: readonly string[]; readonly drop?: number },
): Promise<IgnoreLevel | null> {
  try {
    const { text } = decodeText(await workspace.readFile(join(folder, '.gitignore')))
    return { rules: parseGitignore(text), prefix: place.prefix ?? [], drop: place.drop ?? 0 }
  } catch {
    // A file that may not be read gives no rules; git itself does the same.
    return null
  }
}

async function isRepository(folder: string, workspace: Workspace): Promise<boolean> {
  try {
    return (await workspace.stat(join(folder, '.git'))) !== null
  } catch {
    return false
  }
}
