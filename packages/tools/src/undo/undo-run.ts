import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { HarnextError } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { applySteps } from './apply.ts'
import { isUndone, type Journal, type RecordedRun, type Uncovered } from './journal.ts'
import { realOf } from './open-recorder.ts'
import { linkAbove, readReal } from './path-state.ts'
import { planUndo, type PathProblem, type Present, type Step } from './plan.ts'
import { ChangeRecorder } from './recorder.ts'
import { undoFolder } from './undo-folder.ts'
import { UndoStore } from './undo-store.ts'

/** A run that changed files, or the undoing of one, which can be undone in its turn. */
export interface UndoableRun {
  readonly id: string
  readonly time: Date
  /** The run that this one is the undoing of. */
  readonly undoes?: string
  /** It was undone, and that was not taken back. */
  readonly isUndone: boolean
  /** Absolute, sorted. */
  readonly paths: readonly string[]
}

export interface UndoOptions {
  /** Of a run, or of an undoing. @default the last run that is not undone */
  readonly run?: string
  /** Only says what would be done. @default false */
  readonly dryRun?: boolean
  /** Leaves alone what was changed since, in the place of refusing. @default false */
  readonly skipEdited?: boolean
}

export interface UndoResult {
  /** What was undone. */
  readonly run: string
  /** By this it can be undone in its turn. Absent where nothing was done. */
  readonly undo?: string
  /** Has its old content, or is there again; absolute, sorted. */
  readonly restored: readonly string[]
  /** The run had made it. */
  readonly removed: readonly string[]
  /** Left alone because it was changed since; empty unless `skipEdited`. */
  readonly skipped: readonly PathProblem[]
  /** What stays as the run left it. */
  readonly left: readonly PathProblem[]
  /** Sentences on what else undo cannot know of. */
  readonly notes: readonly string[]
}

/** In the order of their first change. */
export function undoableRuns(home: string, sessionId: string): readonly UndoableRun[] {
  const { journal } = new UndoStore(undoFolder(home, sessionId))
  return [...journal.runs.values()].map((run) => ({
    id: run.id,
    time: new Date(run.time),
    ...(run.undoes !== undefined && { undoes: run.undoes }),
    isUndone: isUndone(journal, run.id),
    paths: [...run.paths].toSorted(),
  }))
}

/**
 * Takes back what a run, with its children, changed in files. Whoever calls holds the session's lease. Throws `HarnextError` with the code
 * `undo_nothing` where there is nothing to undo, and `undo_refused` where files were changed since, with each one's name: then nothing is
 * done. When it is interrupted, it can be repeated.
 */
export async function undoRun(
  home: string,
  sessionId: string,
  { run: wanted, dryRun = false, skipEdited = false }: UndoOptions = {},
): Promise<UndoResult> {
  const store = new UndoStore(undoFolder(home, sessionId), { dry: dryRun })
  const run = chooseRun(store.journal, wanted, sessionId)
  const workspace = localWorkspace({ roots: run.roots })
  const undo = `undo_${randomBytes(6).toString('hex')}`
  const recorder = new ChangeRecorder({
    store,
    workspace,
    run: undo,
    undoes: run.id,
    home: realOf(home),
  })
  await recorder.settle(new AbortController().signal)
  const { steps, conflicts, left } = planUndo(run.changes, presentOf(store.journal))
  if (conflicts.length && !skipEdited) throw refused(run, conflicts)
  const result = describe(run, steps, left, skipEdited ? conflicts : [])
  if (dryRun || steps.length === 0) return result
  // What is damaged shows before anything is touched.
  for (const { to } of steps) if (to.kind === 'file') store.content(to.hash)
  await recorder.beforeChanges(steps.map(({ path, to }) => ({ path, after: to })))
  await applySteps(steps, workspace, (hash) => store.content(hash))
  await store.append({ lines: [{ type: 'undone', run: undo }], contents: new Map() })
  return { ...result, undo }
}

function chooseRun(journal: Journal, wanted: string | undefined, sessionId: string): RecordedRun {
  const runs = [...journal.runs.values()]
  if (wanted !== undefined) {
    const found = journal.runs.get(wanted)
    if (!found)
      throw nothing(`Session ${sessionId} has no changes of a run ${JSON.stringify(wanted)}.`)
    if (isUndone(journal, wanted)) throw nothing(`${wanted} is undone already.`)
    return found
  }
  const last = runs.findLast(({ id, undoes }) => undoes === undefined && !isUndone(journal, id))
  if (last) return last
  throw nothing(
    runs.length
      ? `Every run of session ${sessionId} is undone already.`
      : `Session ${sessionId} has changed no files that undo knows of.`,
  )
}

function nothing(message: string): HarnextError {
  return new HarnextError(message, { code: 'undo_nothing' })
}

function refused({ id, uncovered }: RecordedRun, conflicts: readonly PathProblem[]): HarnextError {
  const lines = conflicts.map(({ path, reason }) => `  ${path} ${reason}`)
  if (uncovered.has('hooks')) lines.push('The run had hooks: their commands may have done that.')
  return new HarnextError(
    `${id} is not undone, because that would lose changes that came after it:\n${lines.join('\n')}`,
    { code: 'undo_refused' },
  )
}

function presentOf({ contents }: Journal): Present {
  return {
    state: (path, maxBytes) => readReal(path, maxBytes).state,
    entries: (folder) => readdirSync(folder).map((name) => join(folder, name)),
    linkAbove,
    isStored: (hash) => contents.has(hash),
  }
}

function describe(
  run: RecordedRun,
  steps: readonly Step[],
  left: readonly PathProblem[],
  skipped: readonly PathProblem[],
): UndoResult {
  const pathsOf = (wanted: (step: Step) => boolean): readonly string[] =>
    steps
      .filter(wanted)
      .map(({ path }) => path)
      .toSorted()
  return {
    run: run.id,
    restored: pathsOf(({ to }) => to.kind !== 'missing'),
    removed: pathsOf(({ to }) => to.kind === 'missing'),
    skipped,
    left,
    notes: notesOf(run),
  }
}

const sentences: { readonly [reason in Uncovered]: string } = {
  too_many_files:
    'There are more than 50,000 files: what commands did to them was not followed and stays.',
  full: 'The 256 MB that a session can keep were used up: some files could not be kept.',
  unreadable: 'Some folders could not be read: what commands did in them stays.',
  hooks: 'The run had hooks: what their commands changed stays.',
}

function notesOf({ uncovered, commands }: RecordedRun): readonly string[] {
  const notes = Array.from(uncovered, (reason) => sentences[reason])
  if (commands === 0) return notes
  return [
    ...notes,
    'Commands ran: what they did to ignored files, in .git and node_modules, outside of the folder, to other processes or over the network stays.',
  ]
}
