import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '../json.ts'
import { sqlite } from './sqlite.ts'
import type { SessionSummary } from './store.ts'

/** A log as the file system tells of it. Logs only grow, so that the same size and time are the same log. */
export interface LogFile {
  /** Of the log, in the folder of sessions. */
  readonly folder: string
  readonly name: string
  readonly size: number
  readonly mtimeMs: number
}

/**
 * What was found in logs, so that they need not be opened to be listed. A cache, and nothing else: each entry counts only while its log
 * is what it was, a file that is gone or broken is made anew, and where it cannot be written the list is only slower.
 */
export class SessionIndex {
  readonly #root: string
  #database: DatabaseSync | null = null

  constructor(root: string) {
    this.#root = root
  }

  /** The summaries of those of the logs that are known as they are; by the keys of `keyOf`. */
  read(folders: readonly string[]): ReadonlyMap<string, KnownLog> {
    return (
      this.#attempt((database) => {
        // Joined by sqlite and parsed at once: ten thousand rows one by one take four times as long, and objects with names twice.
        const select = database.prepare(
          `SELECT '[' || group_concat(entry) || ']' AS entries FROM known_logs
           WHERE folder IN (SELECT value FROM json_each(?))`,
        )
        const { entries } = select.get(JSON.stringify(folders)) as {
          readonly entries: string | null
        }
        return new Map((JSON.parse(entries ?? '[]') as readonly Entry[]).map(toKnownLog))
      }) ?? new Map<string, KnownLog>()
    )
  }

  /** Notes what was found, and forgets the logs that are gone. */
  write(
    found: readonly { readonly file: LogFile; readonly summary: SessionSummary }[],
    gone: readonly Pick<LogFile, 'folder' | 'name'>[],
  ): void {
    if (!found.length && !gone.length) return
    this.#attempt((database) => {
      const insert = database.prepare('INSERT OR REPLACE INTO known_logs VALUES (?, ?, ?)')
      const remove = database.prepare('DELETE FROM known_logs WHERE folder = ? AND name = ?')
      database.exec('BEGIN IMMEDIATE')
      for (const { file, summary } of found) {
        insert.run(file.folder, file.name, JSON.stringify(toEntry(file, summary)))
      }
      for (const { folder, name } of gone) remove.run(folder, name)
      database.exec('COMMIT')
    })
  }

  close(): void {
    this.#database?.close()
    this.#database = null
  }

  /** `undefined` where the file cannot be used. One that is broken is removed, and made anew by the next use. */
  #attempt<T>(work: (database: DatabaseSync) => T): T | undefined {
    try {
      return work((this.#database ??= openDatabase(this.#path)))
    } catch (error) {
      this.close()
      if (isBroken(error))
        for (const suffix of ['', '-wal', '-shm']) rmSync(this.#path + suffix, { force: true })
      return undefined
    }
  }

  get #path(): string {
    return join(this.#root, '.index.sqlite')
  }
}

type Entry = readonly [
  key: string,
  size: number,
  mtimeMs: number,
  id: string,
  cwd: string,
  createdAt: string,
  updatedAt: number,
  title: string,
  metadata?: JsonObject,
]

function toEntry(file: LogFile, summary: SessionSummary): Entry {
  const { id, cwd, createdAt, updatedAt, title, metadata } = summary
  const { size, mtimeMs } = file
  const entry = [keyOf(file), size, mtimeMs, id, cwd, createdAt, updatedAt, title] as const
  return metadata ? [...entry, metadata] : entry
}

function toKnownLog(entry: Entry): readonly [string, KnownLog] {
  const [key, size, mtimeMs, id, cwd, createdAt, updatedAt, title, metadata] = entry
  const summary = { id, cwd, createdAt, updatedAt, title, ...(metadata && { metadata }) }
  return [key, { size, mtimeMs, summary }]
}

export interface KnownLog {
  readonly size: number
  readonly mtimeMs: number
  readonly summary: SessionSummary
}
export function keyOf({ folder, name }: Pick<LogFile, 'folder' | 'name'>): string {
  return `${folder}/${name}`
}

function openDatabase(path: string): DatabaseSync {
  const { DatabaseSync } = sqlite()
  // sqlite itself would make one that others may read.
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path)
  try {
    // Where another process writes it at this moment, it is done without.
    database.exec(
      `PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
       CREATE TABLE IF NOT EXISTS known_logs
         (folder TEXT, name TEXT, entry TEXT, PRIMARY KEY (folder, name)) WITHOUT ROWID`,
    )
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** What sqlite says of a file that is damaged, no database, or one of another shape; or what it held is no summary. */
function isBroken(error: unknown): boolean {
  if (error instanceof SyntaxError) return true
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 1 || code === 11 || code === 26
}
