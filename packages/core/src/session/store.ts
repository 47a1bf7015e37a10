import type { JsonObject } from '../json.ts'

/** The first record of a session. */
export interface SessionHeader {
  readonly type: 'session'
  readonly version: 1
  readonly id: string
  /** The working directory it was begun in; sessions are listed by it. */
  readonly cwd: string
  /** ISO 8601 */
  readonly createdAt: string
  /** The session that it was forked from, and after which of its records. */
  readonly parent?: { readonly id: string; readonly seq: number }
  readonly metadata?: JsonObject
}

/** One appended line. `seq` counts from 1 without a gap; `time` is milliseconds since 1970. Unknown types are kept as they are. */
export interface SessionRecord {
  readonly seq: number
  readonly time: number
  readonly type: string
  readonly [field: string]: unknown
}

export interface AppendOptions {
  /** The `seq` of the last record there is; another one is a `SessionLocked` error: somebody else has written. */
  readonly expectedSeq: number
  /** Of the lease. One that is not the newest is refused with `SessionLocked`. */
  readonly fence: number
  /** Survive power loss, not only the death of the process, before the promise resolves. */
  readonly barrier?: boolean
}

export interface StoredSession {
  readonly header: SessionHeader
  readonly records: readonly SessionRecord[]
  /** `damaged` is a `SessionCorrupt`: the middle of the log cannot be read, `records` is what lies before. */
  readonly damaged?: Error
  /** Where the torn end of an interrupted write was moved to. */
  readonly tornTo?: string
  /** Bytes of an interrupted write that are still in place: the log was read without a lease. */
  readonly tornBytes?: number
}

/** The end of a log, read without what lies before it: then it is not said either what is damaged or torn. */
export interface StoredTail extends StoredSession {
  /** There is nothing before the records. */
  readonly isWhole: boolean
}

export interface SessionSummary {
  readonly id: string
  readonly cwd: string
  readonly createdAt: string
  /** Of the last record; milliseconds since 1970. */
  readonly updatedAt: number
  /** The person's first words, at most 200 characters. */
  readonly title: string
  readonly metadata?: JsonObject
}

/** The right to write. It ends with `release`, or with the process. */
export interface SessionLease {
  readonly fence: number
  release(): Promise<void>
}

/**
 * Where sessions are kept. Append-only: nothing is rewritten, and nothing is deleted without being asked. After a failed append
 * the store refuses to go on with that session in this process, because the end of its log is not known.
 */
export interface SessionStore {
  /** For messages: `~/.harnext/sessions`. */
  readonly location: string
  /** Throws `ConfigError` when the id is taken or not one that the store can keep. */
  create(header: SessionHeader): Promise<void>
  append(id: string, records: readonly SessionRecord[], options: AppendOptions): Promise<void>
  /** Throws `SessionNotFound`. */
  read(id: string, options?: { readonly afterSeq?: number }): Promise<StoredSession>
  /**
   * The records in about the last `bytes` of the log, sooner than all of them are read. Throws `SessionNotFound`.
   * @default `read`
   */
  readTail?(id: string, options: { readonly bytes: number }): Promise<StoredTail>
  /** Newest first. */
  list(options?: { readonly cwd?: string }): Promise<readonly SessionSummary[]>
  /** Throws `SessionNotFound`, or `SessionLocked` while somebody writes it. */
  delete(id: string): Promise<void>
  /** Throws `SessionLocked`. `owner` is told to whoever comes second. */
  lease(id: string, owner: string): Promise<SessionLease>
}
