import { join } from 'node:path'
import { isSensitivePath, type FileInfo, type Workspace } from '@harnext/core'
import { codeOf } from '../file/failure.ts'
import { ignoredFrom, isIgnored, levelOf, type IgnoreLevel } from './ignore-levels.ts'
import type { PathPattern } from './path-pattern.ts'

/** Folders that are passed over unless the pattern mentions them, or the walk begins in them. */
export const skippedFolders: readonly string[] = ['.git', 'node_modules']
/** A walk over a whole disk has to end. */
const maxEntries = 1_000_000

export interface TreeFile {
  /** Absolute. */
  readonly path: string
  /** From the folder where the walk began. */
  readonly names: readonly string[]
  readonly info: FileInfo
}

export interface TreeWalk {
  readonly workspace: Workspace
  readonly folder: string
  readonly pattern?: PathPattern
  /** Gives symbolic links too; they are never followed. */
  readonly links?: true
  /** Gives folders too, each before what it holds. */
  readonly folders?: true
  /** Gives files that may hold secrets too: their names are not what is secret. */
  readonly sensitive?: true
  /** @default 1,000,000 */
  readonly maxEntries?: number
  readonly signal: AbortSignal
}

/** What a walk did not give. */
export class LeftOut {
  /** Files that matched and may hold secrets. */
  sensitive = 0
  /** What could not be read, absolute. */
  readonly unreadable: string[] = []
  /** There were too many entries to see all. */
  truncated = false
}

interface Frame {
  readonly names: readonly string[]
  readonly entries: readonly FileInfo[]
  readonly levels: readonly IgnoreLevel[] | null
  next: number
}

/**
 * The files and links below a folder, name by name, without what a `.gitignore` of the repository leaves out, `.git`, `node_modules`,
 * and files that may hold secrets. A folder that is ignored itself was named on purpose: nothing in it is ignored.
 */
export async function* walkTree(walk: TreeWalk, left: LeftOut): AsyncGenerator<TreeFile> {
  const levels = await ignoredFrom(walk.folder, walk.workspace)
  const stack: Frame[] = []
  const top = await openFrame(walk, [], levels, left)
  if (top) stack.push(top)
  let seen = 0
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    const info = frame.entries[frame.next++]
    if (!info) {
      stack.pop()
      continue
    }
    if (++seen > (walk.maxEntries ?? maxEntries)) {
      left.truncated = true
      return
    }
    const names = [...frame.names, info.name]
    if (isPassedOver(walk, frame, info, names)) continue
    if (info.kind === 'directory') {
      if (walk.folders) yield { path: join(walk.folder, ...names), names, info }
      const inner = await openFrame(walk, names, frame.levels, left)
      if (inner) stack.push(inner)
    } else if (info.kind === 'file' || (info.kind === 'symlink' && walk.links)) {
      const path = join(walk.folder, ...names)
      if (!walk.sensitive && isSensitivePath(path, walk.workspace.home)) left.sensitive++
      else yield { path, names, info }
    }
  }
}

function isPassedOver(
  { pattern }: TreeWalk,
  { levels }: Frame,
  { name, kind }: FileInfo,
  names: readonly string[],
): boolean {
  const isFolder = kind === 'directory'
  if (pattern && !(isFolder ? pattern.mayHold(names) : pattern.matches(names))) return true
  // What is asked for by its name is not passed over for it.
  if (pattern?.mentions(name)) return false
  return skippedFolders.includes(name) || (levels !== null && isIgnored(levels, names, isFolder))
}

async function openFrame(
  walk: TreeWalk,
  names: readonly string[],
  levels: readonly IgnoreLevel[] | null,
  left: LeftOut,
): Promise<Frame | null> {
  walk.signal.throwIfAborted()
  const path = join(walk.folder, ...names)
  try {
    const entries = await walk.workspace.readDirectory(path)
    if (levels === null) return { names, entries, levels, next: 0 }
    // A repository inside another has rules of its own.
    const outer = names.length && entries.some(({ name }) => name === '.git') ? [] : levels
    const own = entries.some(({ name }) => name === '.gitignore')
      ? await levelOf(path, walk.workspace, { drop: names.length })
      : null
    return { names, entries, levels: own ? [own, ...outer] : outer, next: 0 }
  } catch (error) {
    // It was removed meanwhile.
    if (codeOf(error) !== 'ENOENT') left.unreadable.push(path)
    return null
  }
}
