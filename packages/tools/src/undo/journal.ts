import { isJsonObject } from '@harnext/core'
import type { PathState } from './path-state.ts'

/** A line of `journal.jsonl`. What is on a line was on the disk before what it announces happened. */
export type JournalLine =
  /** The first change of a run; `undoes`: it is no run but the undoing of one. */
  | {
      readonly type: 'run'
      readonly run: string
      readonly time: number
      readonly roots: readonly string[]
      readonly undoes?: string
    }
  /** Where in `contents` the bytes of this hash are. */
  | { readonly type: 'content'; readonly hash: string; readonly at: number; readonly size: number }
  /** What a path was like when nobody of ours had changed it. */
  | {
      readonly type: 'seen'
      readonly path: string
      readonly state: PathState
      readonly key?: string
    }
  | ({ readonly type: 'change'; readonly run: string; readonly key?: string } & Change)
  | { readonly type: 'command' | 'command_end'; readonly run: string; readonly id: string }
  | { readonly type: 'uncovered'; readonly run: string; readonly reason: Uncovered }
  /** All that the undoing wanted to do was done. */
  | { readonly type: 'undone'; readonly run: string }

/**
 * `too_many_files`: commands were not followed; `full`: the store of the session had no room for all; `unreadable`: a folder was closed;
 * `hooks`: commands of hooks may have run, which are never followed.
 */
export type Uncovered = 'too_many_files' | 'full' | 'unreadable' | 'hooks'

export interface Change {
  readonly path: string
  readonly before: PathState
  readonly after: PathState
}

export interface RecordedRun {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly roots: readonly string[]
  readonly undoes?: string
  readonly changes: Change[]
  /** The paths of `changes`. */
  readonly paths: Set<string>
  /** Commands that have begun and not ended. */
  readonly open: Set<string>
  readonly uncovered: Set<Uncovered>
  commands: number
  /** Of an undoing: it was done to its end. */
  isDone: boolean
}

/** What the lines of a session add up to. */
export interface Journal {
  readonly contents: Map<string, { readonly at: number; readonly size: number }>
  /** Bytes. */
  contentSize: number
  readonly known: Map<string, { readonly state: PathState; readonly key?: string }>
  /** In the order of their first change. */
  readonly runs: Map<string, RecordedRun>
}

export function newJournal(): Journal {
  return { contents: new Map(), contentSize: 0, known: new Map(), runs: new Map() }
}

export function addLine(journal: Journal, line: JournalLine): void {
  switch (line.type) {
    case 'run':
      journal.runs.set(line.run, newRun(line))
      return
    case 'content':
      journal.contents.set(line.hash, line)
      journal.contentSize += line.size
      return
    case 'seen':
      know(journal, line.path, line.state, line.key)
      return
    case 'change': {
      const run = journal.runs.get(line.run)
      run?.changes.push(line)
      run?.paths.add(line.path)
      know(journal, line.path, line.after, line.key)
      return
    }
    case 'command': {
      const run = journal.runs.get(line.run)
      if (!run) return
      run.open.add(line.id)
      run.commands++
      return
    }
    case 'command_end':
      journal.runs.get(line.run)?.open.delete(line.id)
      return
    case 'uncovered':
      journal.runs.get(line.run)?.uncovered.add(line.reason)
      return
    case 'undone': {
      const run = journal.runs.get(line.run)
      if (run) run.isDone = true
      return
    }
  }
}

function newRun({
  run: id,
  time,
  roots,
  undoes,
}: Extract<JournalLine, { readonly type: 'run' }>): RecordedRun {
  return {
    id,
    time,
    roots,
    ...(undoes !== undefined && { undoes }),
    changes: [],
    paths: new Set(),
    open: new Set(),
    uncovered: new Set(),
    commands: 0,
    isDone: false,
  }
}

function know({ known }: Journal, path: string, state: PathState, key: string | undefined): void {
  if (state.kind === 'missing') known.delete(path)
  else known.set(path, { state, ...(key !== undefined && { key }) })
}

/** A line that was cut off by a crash announces what never began: it is passed over. */
export function parseJournal(text: string): Journal {
  const journal = newJournal()
  for (const line of text.split('\n')) {
    const parsed = parseLine(line)
    if (parsed) addLine(journal, parsed)
  }
  return journal
}

/** `null`: it was cut off. */
export function parseLine(line: string): JournalLine | null {
  try {
    const value: unknown = JSON.parse(line)
    return isJsonObject(value) && typeof value['type'] === 'string' ? (value as JournalLine) : null
  } catch {
    return null
  }
}

/** Whether a run was undone, and that was not undone in its turn. */
export function isUndone(journal: Journal, id: string): boolean {
  return Array.from(journal.runs.values()).some(
    (run) => run.undoes === id && run.isDone && !isUndone(journal, run.id),
  )
}
