import { ConfigError, HarnextError, SessionLocked } from '../errors.ts'
import type { Batch } from '../events.ts'
import type { RunState } from '../run/run-state.ts'
import { newState, reduce } from '../run/state.ts'
import type { ProcessIdentity } from '../tool/workspace.ts'
import {
  fromRecord,
  isBarrier,
  isRecorded,
  toRecord,
  type LoggedEvent,
  type RecordedEvent,
} from './record.ts'
import type {
  SessionHeader,
  SessionLease,
  SessionRecord,
  SessionStore,
  StoredSession,
} from './store.ts'

/** A session that was read: its log, and what the log folds to. */
export interface LoadedSession extends StoredSession {
  readonly state: RunState
  readonly events: readonly LoggedEvent[]
}

/** Reads a session without touching it. Throws `SessionNotFound`. */
export async function loadSession(store: SessionStore, id: string): Promise<LoadedSession> {
  const stored = await store.read(id)
  const events = stored.records.flatMap((record) => fromRecord(record) ?? [])
  return { ...stored, events, state: fold(events) }
}

function fold(events: readonly LoggedEvent[]): RunState {
  const state = newState()
  for (const event of events) reduce(state, event)
  return state
}

export interface SessionOptions {
  readonly owner: string
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Of a session that may be begun. */
  readonly header?: SessionHeader
}

/** A session that this process writes. Whoever opened it closes it. */
export class Session {
  readonly header: SessionHeader
  /** What its log folds to. The loop that is driven over it keeps it up to date. */
  readonly state: RunState
  /** Where the torn end of an interrupted write was moved to. */
  declare readonly tornTo?: string
  /** Processes that an earlier attempt of the last run had in the background when it died. */
  readonly leftRunning: readonly ProcessIdentity[]
  /** Milliseconds that the last run has taken so far, as far as its log tells. */
  readonly elapsedMs: number
  readonly #store: SessionStore
  readonly #options: SessionOptions
  /** Absent where nothing is on record yet. */
  #lease: SessionLease | undefined
  #seq: number

  private constructor(
    store: SessionStore,
    options: SessionOptions,
    lease: SessionLease | undefined,
    loaded: LoadedSession,
  ) {
    this.#store = store
    this.#options = options
    this.#lease = lease
    this.#seq = loaded.records.at(-1)?.seq ?? 0
    this.header = loaded.header
    this.state = loaded.state
    this.leftRunning = leftRunning(loaded.events)
    this.elapsedMs = elapsedOf(loaded.events)
    if (loaded.tornTo !== undefined) this.tornTo = loaded.tornTo
  }

  get id(): string {
    return this.header.id
  }

  /**
   * Takes the right to write and reads the log. With `header`, a session that is not there yet is begun with its first record: what fails
   * before leaves nothing behind. Throws `SessionNotFound`, `SessionLocked`, or `SessionCorrupt` when the log is damaged in its middle.
   */
  static async open(store: SessionStore, id: string, options: SessionOptions): Promise<Session> {
    const { owner, header } = options
    let lease: SessionLease
    try {
      lease = await store.lease(id, owner)
    } catch (error) {
      if (!header || !isNotFound(error)) throw error
      const nothing = { header, records: [], events: [], state: newState() }
      return new Session(store, options, undefined, nothing)
    }
    try {
      const loaded = await loadSession(store, id)
      if (loaded.damaged) throw loaded.damaged
      return new Session(store, options, lease, loaded)
    } catch (error) {
      await lease.release()
      throw error
    }
  }

  /**
   * Appends what is a fact. `undefined` when there is nothing to write, so that a delta costs no promise. The first one of a new session
   * rejects with `SessionLocked` where somebody else has begun it meanwhile, and with what `create` throws.
   */
  append(batch: Batch): Promise<void> | undefined {
    const facts = batch.filter(isRecorded)
    if (!facts.length) return undefined
    const lease = this.#lease
    return lease
      ? this.#write(facts, lease)
      : this.#create().then((made) => this.#write(facts, made))
  }

  #write(facts: readonly RecordedEvent[], { fence }: SessionLease): Promise<void> {
    const time = this.#options.clock()
    const expectedSeq = this.#seq
    const records: SessionRecord[] = facts.map((event) => toRecord(event, ++this.#seq, time))
    const barrier = facts.some((event) => isBarrier(event))
    return this.#store.append(this.id, records, { expectedSeq, fence, barrier })
  }

  async #create(): Promise<SessionLease> {
    const { owner } = this.#options
    let failed: { readonly error: unknown } | undefined
    try {
      await this.#store.create(this.header)
    } catch (error) {
      failed = { error }
    }
    // Two that begin it at once are both here: it is for the one who gets the lease while nothing is on record.
    const lease = await this.#store.lease(this.id, owner).catch((error: unknown) => {
      throw failed && isNotFound(error) ? failed.error : error
    })
    const theirs = failed && (await this.#store.read(this.id))
    if (theirs?.records.length) {
      await lease.release()
      throw new SessionLocked(this.id, 'a run that began it meanwhile', theirs.header.createdAt)
    }
    this.#lease = lease
    return lease
  }

  /** Puts a history that comes from elsewhere on record. Throws `ConfigError` when the session has one already. */
  async begin(history: Batch): Promise<void> {
    if (this.state.messages.length)
      throw new ConfigError(`Session ${this.id} has a history already; give no other one.`)
    for (const event of history) reduce(this.state, event)
    await this.append(history)
  }

  async close(): Promise<void> {
    await this.#lease?.release()
  }
}

/** A run that came to its end had ended its own. */
function leftRunning(events: readonly LoggedEvent[]): readonly ProcessIdentity[] {
  const end = events.findLastIndex(
    ({ type, agentPath }) => type === 'run_end' && !agentPath?.length,
  )
  return events
    .slice(end + 1)
    .flatMap((event) => (event.type === 'process' && event.background ? [event] : []))
}

/** Up to the last turn of an attempt that died; a turn of a child is as good. */
function elapsedOf(events: readonly LoggedEvent[]): number {
  let before = 0
  let elapsed = 0
  for (const event of events) {
    if (event.type === 'turn_start') elapsed = event.elapsedMs ?? elapsed
    if (event.agentPath?.length) continue
    if (event.type === 'run_end') elapsed = before + event.durationMs
    if (event.type === 'run_start') elapsed = 0
    if (event.type === 'run_start' || event.type === 'run_resumed') before = elapsed
  }
  return elapsed
}

function isNotFound(error: unknown): boolean {
  return HarnextError.is(error) && error.code === 'session_not_found'
}
