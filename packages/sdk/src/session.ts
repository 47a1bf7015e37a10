import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  SessionNotFound,
  ConfigError,
  loadSession,
  newSessionId,
  newState,
  reduce,
  addUsage,
  totalTokens,
  zeroUsage,
  type JsonObject,
  type LoadedSession,
  type Message,
  type Run,
  type RunUsage,
  type SessionRecord,
  type SessionStore,
  type SessionSummary,
  type ToolStep,
} from '@harnext/core'
import { removeOutput } from '@harnext/tools/bash'
import {
  copyUndo,
  removeUndo,
  undoableRuns,
  type UndoOptions,
  type UndoResult,
  type UndoableRun,
} from '@harnext/tools/undo'
import { defaultHome } from './config.ts'
import { Harnext } from './harnext.ts'
import type { HarnextRunOptions } from './options.ts'
import { recordsToStep } from './records-to-step.ts'
import { resolveSettings } from './settings.ts'
import { undoSession } from './undo.ts'

/** Where sessions are looked for. @default what a `Harnext` without options takes */
export interface SessionStoreOptions {
  readonly store?: SessionStore
  readonly home?: string
}
export type SessionInfo = SessionSummary

/** A conversation on record. It is a picture of the time when it was loaded; `load` it again after a run. */
export class Session {
  readonly id: string
  readonly createdAt: Date
  readonly messages: readonly Message[]
  /** Of all its runs, in order: `atStep` and `fromStep` count these from 1. */
  readonly steps: readonly ToolStep[]
  readonly usage: RunUsage
  readonly metadata: JsonObject
  readonly #store: SessionStore
  readonly #loaded: LoadedSession
  readonly #home: string

  private constructor(store: SessionStore, loaded: LoadedSession, home: string) {
    const { header, state, events } = loaded
    this.#store = store
    this.#loaded = loaded
    this.#home = home
    this.id = header.id
    this.createdAt = new Date(header.createdAt)
    this.messages = state.messages
    this.metadata = header.metadata ?? {}
    this.steps = stepsOf(loaded)
    let usage = zeroUsage
    for (const event of events) if (event.type === 'usage') usage = addUsage(usage, event)
    this.usage = { ...usage, totalTokens: totalTokens(usage) }
  }

  /** Newest first. */
  static async list(
    options: SessionStoreOptions & { readonly limit?: number; readonly cwd?: string } = {},
  ): Promise<readonly SessionInfo[]> {
    const { limit = Infinity, cwd } = options
    const all = await storeOf(options).list(cwd === undefined ? {} : { cwd })
    return all.slice(0, limit)
  }

  /** Throws `SessionNotFound`, or `SessionCorrupt` when its log is damaged in the middle. */
  static async load(id: string, options: SessionStoreOptions = {}): Promise<Session> {
    const store = storeOf(options)
    const loaded = await loadSession(store, id)
    if (loaded.damaged) throw loaded.damaged
    return new Session(store, loaded, path.resolve(options.home ?? defaultHome(process.env)))
  }

  /**
   * A new session with this one's log, up to and with tool step `atStep` (from 1; default all of it). It is complete by itself: deleting
   * this one changes nothing of it. Throws `ConfigError` when there is no such step.
   */
  async fork({ atStep }: { readonly atStep?: number } = {}): Promise<Session> {
    const { records } = this.#loaded
    if (
      atStep !== undefined &&
      !(Number.isInteger(atStep) && atStep >= 1 && atStep <= this.steps.length)
    )
      throw new ConfigError(
        `Session ${this.id} has ${this.steps.length} tool steps; there is no step ${atStep}.`,
      )
    return this.#copy(atStep === undefined ? records : recordsToStep(records, atStep))
  }

  /** A new session with some of the records of this one. */
  async #copy(records: readonly SessionRecord[]): Promise<Session> {
    const { header } = this.#loaded
    const id = newSessionId()
    const parent = { id: this.id, seq: records.at(-1)?.seq ?? 0 }
    await this.#store.create({ ...header, id, createdAt: new Date().toISOString(), parent })
    const lease = await this.#store.lease(id, 'fork')
    try {
      const kept = records.map((record, index) => ({ ...record, seq: index + 1 }))
      if (kept.length)
        await this.#store.append(id, kept, { expectedSeq: 0, fence: lease.fence, barrier: true })
      await copyUndo(this.#home, this.id, id, runsOf(kept))
    } finally {
      await lease.release()
    }
    return Session.load(id, { store: this.#store, home: this.#home })
  }

  /** The recorded steps, without a model and without running anything. */
  replay(): AsyncIterable<ToolStep>
  /** Runs again against the model, from behind step `fromStep`, in a fork: this session stays as it is. */
  replay(
    options: {
      readonly live: true
      readonly fromStep?: number
      readonly client?: Harnext
    } & HarnextRunOptions,
  ): Promise<Run>
  replay(
    options?: {
      readonly live: true
      readonly fromStep?: number
      readonly client?: Harnext
    } & HarnextRunOptions,
  ): AsyncIterable<ToolStep> | Promise<Run> {
    if (!options?.live) return each(this.steps)
    const { live: _live, fromStep, client = new Harnext({ store: this.#store }), ...rest } = options
    return this.#replayLive(client, fromStep ?? 0, rest)
  }

  /** Writes it to a file, as JSON: header, messages, steps, usage. */
  async export(file: string): Promise<void> {
    const { id, createdAt, metadata, messages, steps, usage } = this
    await writeFile(
      file,
      `${JSON.stringify({ id, createdAt, cwd: this.#loaded.header.cwd, metadata, messages, steps, usage }, null, 2)}\n`,
    )
  }

  /** The runs that changed files, and what was undone of them, in their order. A fork begins with those that it holds. */
  undoable(): readonly UndoableRun[] {
    return undoableRuns(this.#home, this.id)
  }

  /**
   * Takes back what a run, with its subagents, changed in files; by default the last run that is not undone. It can be undone in its turn. Throws
   * `HarnextError` with the code `undo_refused` where files were changed since, and `undo_nothing`; `SessionLocked` while somebody writes
   * the session.
   */
  undo(options: UndoOptions = {}): Promise<UndoResult> {
    return undoSession({ id: this.id, store: this.#store, home: this.#home }, options)
  }

  /** With what its commands said beyond what was shown. Throws `SessionLocked` while somebody writes it. */
  async delete(): Promise<void> {
    await this.#store.delete(this.id)
    removeOutput(this.id)
    await removeUndo(this.#home, this.id)
  }

  async #replayLive(client: Harnext, fromStep: number, options: HarnextRunOptions): Promise<Run> {
    const fork = await (fromStep === 0 ? this.#forkBeforeSteps() : this.fork({ atStep: fromStep }))
    return client.resume(fork.id, { ...options, store: this.#store })
  }

  /** Only what was said before the model first answered. */
  async #forkBeforeSteps(): Promise<Session> {
    const { records } = this.#loaded
    const first = records.findIndex(({ type }) => type === 'turn_start')
    return this.#copy(first === -1 ? records : records.slice(0, first))
  }
}

function runsOf(records: readonly SessionRecord[]): ReadonlySet<string> {
  const begun = records.filter(({ type }) => type === 'run_start')
  return new Set(begun.flatMap(({ runId }) => (typeof runId === 'string' ? [runId] : [])))
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items
}

function storeOf({ store, home }: SessionStoreOptions): SessionStore {
  return store ?? resolveSettings(home === undefined ? {} : { home }).agent.store ?? missingStore()
}
function missingStore(): never {
  throw new SessionNotFound('any', 'no store')
}

/** A state holds the steps of its last run: those of the runs before are collected when the next one begins. */
function stepsOf({ events }: LoadedSession): readonly ToolStep[] {
  const state = newState()
  const steps: ToolStep[] = []
  for (const event of events) {
    if (event.type === 'run_start' && !event.agentPath?.length) steps.push(...state.run.steps)
    reduce(state, event)
  }
  return [...steps, ...state.run.steps]
}
