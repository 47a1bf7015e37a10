import { dirname, resolve } from 'node:path'
import type { Workspace } from '@harnext/core'
import { isHarmlessConfig } from './git-config.ts'
import { readIndex, type TrackedFile } from './git-index.ts'

/** A repository of which git runs nothing when it only looks. */
export interface PlainRepository {
  readonly top: string
  readonly tracked: readonly TrackedFile[]
}

/**
 * The repository that git finds from a folder, if nothing in it names a program that a look would run: no such setting, hook or
 * submodule. What the person's own settings name is the person's. `null`: there is one, or it is not known.
 */
export async function plainRepository(
  folder: string,
  workspace: Workspace,
): Promise<PlainRepository | null> {
  const { path, inside } = await workspace.resolve(folder)
  const found = inside ? await findRepository(path, workspace) : null
  if (!found) return null
  const { top, own, common } = found
  if (!(await isWhole(found, workspace))) return null
  const configs = [
    await text(`${common}/config`, workspace),
    await text(`${own}/config.worktree`, workspace),
  ]
  if (configs[0] === null || !configs.every((each) => each === null || isHarmlessConfig(each)))
    return null
  for (const name of ['hooks/post-index-change', 'modules'])
    if (await workspace.stat(`${common}/${name}`)) return null
  const index = await bytes(`${own}/index`, workspace)
  const tracked = index ? readIndex(index) : []
  if (!tracked || tracked.some(({ isSubmodule }) => isSubmodule)) return null
  return { top, tracked }
}

interface FoundRepository {
  readonly top: string
  /** Of this working tree. */
  readonly own: string
  /** Of all working trees of the repository. */
  readonly common: string
}

async function findRepository(
  start: string,
  workspace: Workspace,
): Promise<FoundRepository | null> {
  for (let top = start; ; top = dirname(top)) {
    const git = `${top}/.git`
    const info = await workspace.stat(git)
    if (info?.kind === 'directory') return { top, own: git, common: git }
    if (info) return linkedRepository(top, git, workspace)
    if (await isBare(top, workspace)) return null
    if (dirname(top) === top) return null
  }
}

/** Where Git sees no repository it looks elsewhere: in the folder itself, or above it. */
async function isWhole(
  { top, own, common }: FoundRepository,
  workspace: Workspace,
): Promise<boolean> {
  if (await isBare(top, workspace)) return false
  const head = (await text(`${own}/HEAD`, workspace)) ?? ''
  if (!/^(?:ref: refs\/\S+|[0-9a-f]{40})\n$/.test(head)) return false
  for (const name of ['objects', 'refs'])
    if ((await workspace.stat(`${common}/${name}`))?.kind !== 'directory') return false
  return true
}

/** A folder may itself be what `.git` is elsewhere. */
async function isBare(folder: string, workspace: Workspace): Promise<boolean> {
  for (const name of ['HEAD', 'objects'])
    if (!(await workspace.stat(`${folder}/${name}`))) return false
  return true
}

/** `.git` of a further working tree is a file that names a folder, which names the repository. */
async function linkedRepository(
  top: string,
  git: string,
  workspace: Workspace,
): Promise<FoundRepository | null> {
  const link = /^gitdir: ([^\n]+)\n?$/.exec((await text(git, workspace)) ?? '')?.[1]
  if (link === undefined) return null
  const own = resolve(top, link)
  const common = await text(`${own}/commondir`, workspace)
  return { top, own, common: common === null ? own : resolve(own, common.trim()) }
}

async function text(path: string, workspace: Workspace): Promise<string | null> {
  const content = await bytes(path, workspace)
  return content && new TextDecoder().decode(content)
}

/** Larger ones are not looked at: nothing that a person works in has one. */
const mostBytes = 32 * 1024 * 1024

async function bytes(path: string, workspace: Workspace): Promise<Uint8Array | null> {
  const info = await workspace.stat(path)
  if (info?.kind !== 'file') return null
  if (info.size > mostBytes) return new Uint8Array()
  return workspace.readFile(path)
}
