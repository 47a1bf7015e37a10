import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isBelow, type Workspace } from '@harnext/core'
import { LeftOut, walkTree } from '../tree/walk.ts'
import type { JournalLine, Uncovered } from './journal.ts'
import {
  hashOf,
  isSame,
  isUnread,
  keyOf,
  maxFileSize,
  readPath,
  readReal,
  type PathState,
} from './path-state.ts'
import type { UndoStore } from './undo-store.ts'

/** A larger tree takes too long to look through twice for each command. */
const maxEntries = 50_000
/** Of what a tool writes itself; bytes. */
const maxWritten = 64_000_000
/** Of the contents of one session; bytes. */
const maxContents = 256_000_000
/** What is read between two looks at what else there is to do. */
const sliceFiles = 64
const sliceBytes = 4_000_000

export interface RecorderOptions {
  readonly store: UndoStore
  /** Whose files are looked through; of this machine. */
  readonly workspace: Workspace
  readonly run: string
  readonly undoes?: string
  /** @default false */
  readonly hasHooks?: boolean
  /** Not looked through: harnext's own. */
  readonly home: string
}

/** Puts on record what a run is about to change, and what it changed. One thing at a time. */
export class ChangeRecorder {
  readonly #options: RecorderOptions
  #queue: Promise<unknown> = Promise.resolve()
  #commands = 0
  #isTooLarge = false
  #isSettled = false

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** Before a file is written. `path`: a real one. */
  beforeWrite(path: string, data: Uint8Array): Promise<void> {
    return this.#alone(() => {
      const after: PathState = { kind: 'file', hash: hashOf(data), size: data.length }
      return this.#recordChanges([...missingFolders(dirname(path)), { path, after }])
    })
  }

  /** Before something is removed. */
  beforeRemove(path: string): Promise<void> {
    return this.#alone(() => this.#recordChanges([{ path, after: { kind: 'missing' } }]))
  }

  /** Before all of these are made what they are to be. */
  beforeChanges(planned: readonly { path: string; after: PathState }[]): Promise<void> {
    return this.#alone(() => this.#recordChanges(planned))
  }

  /** Before a command runs: what the roots hold is kept. Returns what to call when it ended. */
  async beforeCommand(signal: AbortSignal): Promise<(signal: AbortSignal) => Promise<Seen>> {
    const id = String(this.#commands++)
    await this.#alone(async () => {
      await this.#settle(signal)
      await this.#look(signal, [{ type: 'command', run: this.#options.run, id }])
    })
    return (until) =>
      this.#alone(() => this.#look(until, [{ type: 'command_end', run: this.#options.run, id }]))
  }

  /** What a process left behind that was killed while a command ran: whatever differs from before counts as its change. */
  settle(signal: AbortSignal): Promise<void> {
    return this.#alone(() => this.#settle(signal))
  }

  async #settle(signal: AbortSignal): Promise<void> {
    if (this.#isSettled) return
    this.#isSettled = true
    const left = [...this.#journal.runs.values()].filter(({ open }) => open.size > 0)
    if (!left.length) return
    await this.#look(
      signal,
      left.flatMap(({ id: run, open }) =>
        Array.from(open, (id): JournalLine => ({ type: 'command_end', run, id })),
      ),
    )
  }

  get #journal(): UndoStore['journal'] {
    return this.#options.store.journal
  }

  async #recordChanges(
    planned: readonly { readonly path: string; readonly after: PathState }[],
  ): Promise<void> {
    const { run } = this.#options
    const lines: JournalLine[] = []
    const kept = new Kept(this.#room)
    for (const { path, after } of planned) {
      const { state: before, content } = readReal(path, maxWritten)
      if (content && !this.#isKept(path, before, run)) kept.add(before, content)
      lines.push({ type: 'change', run, path, before, after })
    }
    await this.#append([...lines, ...(kept.isFull ? [this.#uncovered('full')] : [])], kept)
  }

  /** Brings what is known of the roots up to date, and puts `then` behind it. What differs is the change of the run whose command is under way, if one is. */
  async #look(signal: AbortSignal, then: readonly JournalLine[]): Promise<Seen> {
    const found = new Set<string>()
    const looked = this.#isTooLarge ? null : await this.#changedPaths(found, signal)
    if (!looked) {
      await this.#append(then)
      return null
    }
    const { run } = this.#options
    const owner = [...this.#journal.runs.values()].findLast(({ open }) => open.size > 0)?.id
    const changed: string[] = []
    let lines: JournalLine[] = []
    let kept = new Kept(this.#room)
    const flush = async (durable: boolean): Promise<void> => {
      if (kept.isFull) lines.push(this.#uncovered('full'))
      if (lines.length) await this.#append(lines, kept, durable)
      lines = []
      kept = new Kept(this.#room)
    }
    let files = 0
    for (const path of looked.paths) {
      const read = found.has(path) ? readPath : readReal
      const { state, key, content } = read(path, maxFileSize)
      const known = this.#journal.known.get(path)
      const before = known?.state ?? { kind: 'missing' }
      const isChange = owner !== undefined && !isSame(before, state)
      if (content && !this.#isKept(path, state, owner ?? run)) kept.add(state, content)
      const keyed = key === undefined ? {} : { key }
      if (isChange) {
        lines.push({ type: 'change', run: owner, path, before, after: state, ...keyed })
        if (before.kind !== 'directory' || state.kind !== 'missing')
          if (state.kind !== 'directory') changed.push(path)
      } else if (!known || known.key !== key || !isSame(before, state))
        lines.push({ type: 'seen', path, state, ...keyed })
      if (++files % sliceFiles === 0 || kept.size > sliceBytes) {
        signal.throwIfAborted()
        if (kept.size > sliceBytes) await flush(false)
        await setImmediate()
      }
    }
    if (looked.isClosed && owner === undefined) lines.push(this.#uncovered('unreadable'))
    lines.push(...then)
    await flush(true)
    return looked.isClosed ? null : changed.toSorted()
  }

  /** Paths that may have changed since they were looked at. `null`: there are too many files to tell. */
  async #changedPaths(
    found: Set<string>,
    signal: AbortSignal,
  ): Promise<{ readonly paths: readonly string[]; readonly isClosed: boolean } | null> {
    const { workspace, home, run } = this.#options
    const { known } = this.#journal
    const paths: string[] = []
    const left = new LeftOut()
    const walk = { workspace, links: true, folders: true, sensitive: true, maxEntries } as const
    for (const folder of workspace.roots) {
      for await (const { path, info } of walkTree({ ...walk, folder, signal }, left)) {
        if (path === home || isBelow(path, home)) continue
        found.add(path)
        const before = known.get(path)
        const key = keyOf({ ...info, mtimeMs: info.modified })
        // The time of a folder changes with what it holds, which is looked at by itself.
        const isKnown =
          before &&
          (info.kind === 'directory'
            ? sameMode(before.state, info.mode)
            : before.key === key && this.#isKept(path, before.state, run))
        if (!isKnown) paths.push(path)
      }
    }
    if (left.truncated) {
      this.#isTooLarge = true
      await this.#append([this.#uncovered('too_many_files')])
      return null
    }
    // Removed, or ignored: what is ignored is known where a tool wrote it.
    for (const path of known.keys()) if (!found.has(path)) paths.push(path)
    return { paths, isClosed: left.unreadable.length > 0 }
  }

  /** Whether nothing has to be stored to put this back: it is stored, or the run had changed it before. */
  #isKept(path: string, state: PathState, run: string): boolean {
    if (state.kind !== 'file' || isUnread(state)) return true
    const { contents, runs } = this.#journal
    return contents.has(state.hash) || runs.get(run)?.paths.has(path) === true
  }

  get #room(): number {
    return maxContents - this.#journal.contentSize
  }

  #uncovered(reason: Uncovered): JournalLine {
    return { type: 'uncovered', run: this.#options.run, reason }
  }

  async #append(lines: readonly JournalLine[], kept?: Kept, durable = true): Promise<void> {
    const { store, run, workspace, undoes, hasHooks } = this.#options
    const isNew = !this.#journal.runs.has(run)
    const begin: JournalLine = {
      type: 'run',
      run,
      time: Date.now(),
      roots: workspace.roots,
      ...(undoes !== undefined && { undoes }),
    }
    const first = hasHooks ? [begin, this.#uncovered('hooks')] : [begin]
    const contents = kept?.contents ?? new Map<string, Uint8Array>()
    await store.append({ lines: isNew ? [...first, ...lines] : lines, contents }, { durable })
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => {})
    return result
  }
}

/** The paths of files that a command changed, sorted; `null` where that cannot be told. */
export type Seen = readonly string[] | null

/** Contents that are about to be stored, as far as there is room. */
class Kept {
  readonly contents = new Map<string, Uint8Array>()
  size = 0
  isFull = false
  readonly #room: number

  constructor(room: number) {
    this.#room = room
  }

  add(state: PathState, content: Uint8Array): void {
    if (state.kind !== 'file' || this.contents.has(state.hash)) return
    if (this.size + content.length > this.#room) {
      this.isFull = true
      return
    }
    this.contents.set(state.hash, content)
    this.size += content.length
  }
}

/** Folders that a write makes, the uppermost first. */
function missingFolders(
  folder: string,
): readonly { readonly path: string; readonly after: PathState }[] {
  if (existsSync(folder) || dirname(folder) === folder) return []
  return [...missingFolders(dirname(folder)), { path: folder, after: { kind: 'directory' } }]
}

function sameMode(state: PathState, mode: number): boolean {
  return state.kind === 'directory' && (state.mode === undefined || state.mode === mode)
}
