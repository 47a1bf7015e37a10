import { existsSync, lstatSync, statSync, type Dirent } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isProtectedPath, isSensitivePath, ToolError } from '@harnext/core'
import { codeOf } from '../file/failure.ts'
import { skippedFolders } from '../tree/walk.ts'
import type { SandboxPolicy } from './sandbox.ts'

/** In the home: what opens accounts, and what harnext itself keeps. */
const hiddenInHome: readonly string[] = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  '.config/gcloud',
  '.config/gh',
  '.config/op',
  '.config/rclone',
  '.config/harnext',
  '.local/share/keyrings',
  '.password-store',
  '.harnext',
  '.claude.json',
  '.claude',
  '.codex',
  '.bash_history',
  '.zsh_history',
]

/** What a program would obey later, and what therefore must not come to be either. */
const guarded: readonly string[] = [
  '.mcp.json',
  'harnext.config.json',
  '.envrc',
  '.npmrc',
  '.harnext',
  '.claude',
  '.vscode',
  '.idea',
  '.husky',
]

/** Entries of the roots: more take longer to look through than a command may be held up. */
const maxEntries = 200_000

/** What lies over the files of the machine; all of it is there, but for `absent`. */
export interface Masks {
  /** Folders that are empty, and files that are. */
  readonly hidden: readonly string[]
  readonly readOnly: readonly string[]
  /** Nothing is there, and nothing may be put there. */
  readonly absent: readonly string[]
}

/** Throws `ToolError` for roots that hold too much to find the keys in them: they must not be visible because there is more. */
export async function masksOf({ roots, home, writes = true }: SandboxPolicy): Promise<Masks> {
  const hiddenHere = home === undefined ? [] : hiddenInHome.map((name) => join(home, name))
  const hidden = [...hiddenHere, '/etc/shadow', '/etc/gshadow', '/etc/sudoers'].filter(
    // A root that is such a folder was named on purpose.
    (path) => existsSync(path) && !roots.includes(path),
  )
  const readOnly: string[] = []
  const absent: string[] = []
  for (const root of roots) {
    for (const name of guarded) if (isAbsent(join(root, name))) absent.push(join(root, name))
    for (const { name } of await entriesOf(root)) {
      const path = join(root, name)
      if (name === '.git' || isSensitivePath(path, home) || absent.includes(path)) continue
      if (isProtectedPath(path, { roots, ...(home && { home }) })) readOnly.push(path)
    }
  }
  const { secrets, repositories } = await lookThrough(roots, home)
  hidden.push(...secrets)
  for (const folder of repositories) {
    readOnly.push(join(folder, 'config'))
    const hooks = join(folder, 'hooks')
    if (isAbsent(hooks)) absent.push(hooks)
    else readOnly.push(hooks)
  }
  // Nothing can be put where nothing can be written.
  if (!writes) return { hidden, readOnly: [], absent: [] }
  return { hidden, readOnly: readOnly.filter(existsSync), absent }
}

interface Found {
  /** Files that may hold keys, and folders of which all does; not what a link leads to outside. */
  readonly secrets: readonly string[]
  /** `.git` folders. */
  readonly repositories: readonly string[]
}

/** All of the roots but what is installed in `node_modules`; what Git ignores too, because that is where keys are. */
async function lookThrough(roots: readonly string[], home: string | undefined): Promise<Found> {
  const secrets: string[] = []
  const repositories: string[] = []
  const folders = [...roots]
  let seen = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name)
      if (++seen > maxEntries)
        throw new ToolError(
          'bash',
          `The sandbox did not run the command: ${roots.join(', ')} hold more than ${maxEntries} entries, too many to hide the keys among them. Work in a smaller folder.`,
        )
      if (isSensitivePath(path, home) && !entry.isSymbolicLink()) secrets.push(path)
      else if (!entry.isDirectory()) continue
      else if (entry.name === '.git') repositories.push(path)
      else if (!skippedFolders.includes(entry.name)) folders.push(path)
    }
  }
  return { secrets: [...new Set(secrets)], repositories: [...new Set(repositories)] }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    // Removed meanwhile, or not readable: then not for the command either.
    if (['ENOENT', 'EACCES'].includes(codeOf(error) ?? '')) return []
    throw error
  }
}

/** What needs an empty file in the place of something absent, each as long as a command does. */
export class Placeholders {
  readonly #users = new Map<string, number>()

  hold(paths: readonly string[]): void {
    for (const path of paths) this.#users.set(path, (this.#users.get(path) ?? 0) + 1)
  }

  async release(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const left = (this.#users.get(path) ?? 1) - 1
      if (left > 0) {
        this.#users.set(path, left)
        continue
      }
      this.#users.delete(path)
      if (isPlaceholder(path)) await rm(path, { force: true })
    }
  }
}

/** One that a crash left behind stands for nothing. */
function isAbsent(path: string): boolean {
  return !lstatSync(path, { throwIfNoEntry: false }) || isPlaceholder(path)
}

/** As bubblewrap makes them: empty, and with a mode that nobody gives to a file of their own. */
function isPlaceholder(path: string): boolean {
  const info = lstatSync(path, { throwIfNoEntry: false })
  return info !== undefined && info.isFile() && info.size === 0 && (info.mode & 0o333) === 0
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
