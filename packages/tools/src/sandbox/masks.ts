import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isProtectedPath, isSensitivePath } from '@harnext/core'
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

/** What lies over the files of the machine; all of it is there, but for `absent`. */
export interface Masks {
  /** Folders that are empty, and files that are. */
  readonly hidden: readonly string[]
  readonly readOnly: readonly string[]
  /** Nothing is there, and nothing may be put there. */
  readonly absent: readonly string[]
}

export function masksOf({ roots, home }: SandboxPolicy): Masks {
  const hiddenHere = home === undefined ? [] : hiddenInHome.map((name) => join(home, name))
  const hidden = [...hiddenHere, '/etc/shadow', '/etc/gshadow', '/etc/sudoers'].filter(
    // A root that is such a folder was named on purpose.
    (path) => existsSync(path) && !roots.includes(path),
  )
  const readOnly: string[] = []
  const absent: string[] = []
  for (const root of roots) {
    for (const name of readdirSync(root)) {
      const path = join(root, name)
      if (isSensitivePath(path, home)) hidden.push(path)
      else if (name !== '.git' && isProtectedPath(path, { roots, ...(home && { home }) }))
        readOnly.push(path)
    }
    for (const name of guarded) if (!lstatOrNull(join(root, name))) absent.push(join(root, name))
    if (isFolder(join(root, '.git'))) {
      readOnly.push(...['.git/config'].map((name) => join(root, name)).filter(existsSync))
      const hooks = join(root, '.git/hooks')
      if (existsSync(hooks)) readOnly.push(hooks)
      else absent.push(hooks)
    }
  }
  return { hidden, readOnly: readOnly.filter(existsSync), absent }
}

/** Removes the empty file that stood for something absent. */
export async function removePlaceholder(path: string): Promise<void> {
  const info = lstatOrNull(path)
  if (info?.isFile() && info.size === 0) await rm(path, { force: true })
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function lstatOrNull(path: string): ReturnType<typeof lstatSync> | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null
}
