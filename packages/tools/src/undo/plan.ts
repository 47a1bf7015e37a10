import { dirname } from 'node:path'
import type { Change } from './journal.ts'
import {
  isSame,
  isSameContent,
  isUnread,
  maxFileSize,
  modeOf,
  type PathState,
} from './path-state.ts'

/** One path on its way back. */
export interface Step {
  readonly path: string
  readonly from: PathState
  readonly to: PathState
}

export interface UndoPlan {
  readonly steps: readonly Step[]
  readonly conflicts: readonly PathProblem[]
  /** What stays as it is, because it was never kept, or holds what is not the run's. */
  readonly left: readonly PathProblem[]
}

export interface PathProblem {
  readonly path: string
  /** Goes on from the path: `was changed since`. */
  readonly reason: string
}

/** What is there now. */
export interface Present {
  /** A file of more than `maxBytes` is not read; nothing is behind a symbolic link. */
  state(path: string, maxBytes: number): PathState
  /** Absolute paths of the entries of a folder. */
  entries(folder: string): readonly string[]
  /** The first symbolic link on the way to it; `null` where there is none. */
  linkAbove(path: string): string | null
  isStored(hash: string): boolean
}

/** How the changes of a run are taken back. A path that is no longer as the run left it is a conflict, and none of its steps is planned. */
export function planUndo(changes: readonly Change[], present: Present): UndoPlan {
  const byPath = Map.groupBy(changes, ({ path }) => path)
  const steps: Step[] = []
  const conflicts: PathProblem[] = []
  const left: PathProblem[] = []
  for (const [path, own] of byPath) {
    const planned = planPath(path, own, present)
    if ('conflict' in planned) conflicts.push({ path, reason: planned.conflict })
    else if ('left' in planned) left.push({ path, reason: planned.left })
    else if ('step' in planned) steps.push(planned.step)
  }
  return withoutFullFolders(withoutLinked({ steps, conflicts, left }, present), present)
}

type PlannedPath =
  | { readonly step: Step }
  | { readonly conflict: string }
  | { readonly left: string }
  | { readonly nothing: true }

function planPath(path: string, changes: readonly Change[], present: Present): PlannedPath {
  const [first] = changes
  const last = changes.at(-1)
  if (!first || !last) return { nothing: true }
  // What was not read then is compared by its size and time.
  const wasRead = !isUnread(last.after) && !isUnread(first.before)
  const from = present.state(path, wasRead ? Infinity : maxFileSize)
  if (isSame(from, first.before)) return { nothing: true }
  if (isBroken(changes))
    return { conflict: 'was changed by somebody else while the run changed it' }
  // What was announced and never done left it as it was before.
  if (!isSameContent(from, last.after) && !isSameContent(from, last.before))
    return { conflict: from.kind === 'missing' ? 'was removed since' : 'was changed since' }
  const problem = unrestorable(first.before, present) ?? unrestorable(from, null)
  if (problem) return { left: problem }
  const to = withMode(first.before, last.after, from)
  return isSame(from, to) ? { nothing: true } : { step: { path, from, to } }
}

/** Whether somebody else changed it between two of the changes. */
function isBroken(changes: readonly Change[]): boolean {
  return changes.some((change, index) => {
    const previous = changes[index - 1]
    if (!previous) return false
    return (
      !isSameContent(change.before, previous.after) &&
      !isSameContent(change.before, previous.before)
    )
  })
}

function unrestorable(state: PathState, present: Present | null): string | undefined {
  if (state.kind === 'other') return 'is neither a file nor a folder, or cannot be read'
  if (state.kind !== 'file') return undefined
  if (isUnread(state)) return 'is larger than 1 MB, and a command changed it'
  if (present && !present.isStored(state.hash))
    return 'was not kept: the store of the session was full'
  return undefined
}

/** Permission bits go back where the run had changed them; else they stay, whoever set them. */
function withMode(to: PathState, after: PathState, now: PathState): PathState {
  if ((to.kind !== 'file' && to.kind !== 'directory') || to.kind !== now.kind) return to
  const isOwn = modeOf(after) !== undefined && modeOf(after) !== modeOf(to)
  const current = modeOf(now)
  return isOwn || current === undefined ? to : { ...to, mode: current }
}

/** Nothing is put behind a link that stays. */
function withoutLinked({ steps, conflicts, left }: UndoPlan, present: Present): UndoPlan {
  const going = new Set(steps.filter(isRemoval).map(({ path }) => path))
  const linked = steps.filter(({ path }) => {
    const link = present.linkAbove(path)
    return link !== null && !going.has(link)
  })
  const reason = 'lies behind a symbolic link now'
  return {
    steps: steps.filter((step) => !linked.includes(step)),
    conflicts: [...conflicts, ...linked.map(({ path }) => ({ path, reason }))],
    left,
  }
}

/** A folder that the run made goes when nothing is left in it but what goes too. */
function withoutFullFolders({ steps, conflicts, left }: UndoPlan, present: Present): UndoPlan {
  const going = new Set(steps.filter(isRemoval).map(({ path }) => path))
  const more: { readonly conflicts: PathProblem[]; readonly left: PathProblem[] } = {
    conflicts: [...conflicts],
    left: [...left],
  }
  const folders = steps.filter((step) => isRemoval(step) && step.from.kind === 'directory')
  for (const { path, to } of folders.toSorted((a, b) => b.path.length - a.path.length)) {
    const stays = present.entries(path).find((entry) => !going.has(entry))
    if (stays === undefined) continue
    going.delete(path)
    if (to.kind === 'missing')
      more.left.push({ path, reason: `is not empty: ${stays} is not of the run, or stays` })
    else more.conflicts.push({ path, reason: `holds ${stays}, which is not of the run` })
  }
  // What has to lie in the place of a folder that stays cannot come back.
  const stuck = new Set(more.conflicts.map(({ path }) => path))
  return {
    steps: steps.filter(
      (step) => (!isRemoval(step) || going.has(step.path)) && !isBelowAny(step.path, stuck),
    ),
    ...more,
  }
}

function isBelowAny(path: string, folders: ReadonlySet<string>): boolean {
  for (let above = path; ; above = dirname(above)) {
    if (folders.has(above)) return true
    if (dirname(above) === above) return false
  }
}

/** What is there has to go first. */
export function isRemoval({ from, to }: Step): boolean {
  if (from.kind === 'missing') return false
  return from.kind !== to.kind || (from.kind === 'symlink' && !isSameContent(from, to))
}
