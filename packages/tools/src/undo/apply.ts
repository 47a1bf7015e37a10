import { chmod, mkdir, rmdir, symlink, unlink } from 'node:fs/promises'
import type { Workspace } from '@harnext/core'
import { modeOf, type PathState } from './path-state.ts'
import { isRemoval, type Step } from './plan.ts'

/** Does the steps: first what has to go, the deepest first, then what comes back, the folders before what lies in them. */
export async function applySteps(
  steps: readonly Step[],
  workspace: Workspace,
  content: (hash: string) => Uint8Array,
): Promise<void> {
  const shallow = steps.toSorted((a, b) => depth(a.path) - depth(b.path))
  const deep = shallow.toReversed()
  for (const step of deep)
    if (isRemoval(step)) await (step.from.kind === 'directory' ? rmdir : unlink)(step.path)
  for (const { path, from, to } of shallow) {
    if (to.kind === 'directory' && from.kind !== 'directory') await mkdir(path, { mode: 0o700 })
    if (to.kind === 'symlink') await symlink(to.target, path)
    if (to.kind === 'file') await restoreFile(path, from, to, workspace, content)
  }
  // Last, because nothing can be made in a folder that may not be written.
  for (const { path, to } of deep) {
    const mode = to.kind === 'directory' ? modeOf(to) : undefined
    if (mode !== undefined) await chmod(path, mode)
  }
}

async function restoreFile(
  path: string,
  from: PathState,
  to: Extract<PathState, { readonly kind: 'file' }>,
  workspace: Workspace,
  content: (hash: string) => Uint8Array,
): Promise<void> {
  const { hash, mode } = to
  if (from.kind !== 'file' || from.hash !== hash)
    await workspace.writeFile(path, content(hash), mode === undefined ? {} : { mode })
  if (mode !== undefined) await chmod(path, mode)
}

function depth(path: string): number {
  return path.split('/').length
}
