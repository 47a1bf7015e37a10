import { closeSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { HarnextError, SessionLocked, messageOf } from '../errors.ts'
import { isJsonObject } from '../json.ts'
import { errorCode, isMissing, type SessionFiles } from './session-files.ts'
import { sqlite } from './sqlite.ts'

/** Who holds a session, or held it last. `since` is ISO 8601. */
export interface LockInfo {
  readonly owner: string
  readonly since: string
  readonly fence: number
}

export interface SessionLock extends LockInfo {
  /** Gives the lock up. */
  close(): void
}

/**
 * The right to write a session: a lock of the operating system, which dies with its process, so that none is ever stale. It is
 * `BEGIN EXCLUSIVE` on an empty sqlite file, and holds between processes and inside of one. Throws `SessionLocked`.
 */
export async function lockSession(
  files: SessionFiles,
  id: string,
  owner: string,
  clock: () => number,
): Promise<SessionLock> {
  const database = await acquire(files, id)
  if (!database) throw lockedBy(id, files)
  try {
    const now = clock()
    // The clock is there for when the last number was lost: it still grows.
    const fence = Math.max((readLockInfo(files)?.fence ?? 0) + 1, now)
    const info: LockInfo = { owner, since: new Date(now).toISOString(), fence }
    // A side file, because nobody can read a sqlite file that is locked.
    const temporary = `${files.lockInfo}.tmp`
    writeFileSync(temporary, JSON.stringify(info), { mode: 0o600 })
    renameSync(temporary, files.lockInfo)
    return { ...info, close: () => database.close() }
  } catch (error) {
    database.close()
    throw error
  }
}

/** The lock alone, without telling anybody: `null` when somebody else holds it. */
export async function acquire(files: SessionFiles, id: string): Promise<DatabaseSync | null> {
  // Two that come at the same moment can refuse each other; after a few milliseconds one of them gets it.
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await delay(attempt)
    const database = tryLock(files.lock, id)
    if (database) return database
  }
  return null
}

export function lockedBy(id: string, files: SessionFiles): SessionLocked {
  const info = readLockInfo(files)
  return new SessionLocked(id, info?.owner ?? 'an unknown owner', info?.since ?? 'an unknown time')
}

/** `null` when nobody ever held the lock, or the file cannot be understood: it only informs, and never blocks. */
export function readLockInfo(files: SessionFiles): LockInfo | null {
  try {
    const info: unknown = JSON.parse(readFileSync(files.lockInfo, 'utf8'))
    if (!isJsonObject(info)) return null
    const { owner, since, fence } = info
    if (typeof owner !== 'string' || typeof since !== 'string') return null
    return Number.isSafeInteger(fence) ? { owner, since, fence: fence as number } : null
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null
    throw error
  }
}

const attempts = 6
const sqliteBusy = 5

function tryLock(path: string, id: string): DatabaseSync | null {
  const { DatabaseSync } = sqlite()
  let database: DatabaseSync | undefined
  try {
    makeLockFile(path)
    const before = inodeOf(path)
    database = new DatabaseSync(path)
    // Small pages and a journal in memory: a held lock costs one handle and 80 kB.
    database.exec('PRAGMA page_size = 512; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    // Whoever deletes a session removes the file under its lock; the lock of a removed file protects nothing.
    if (before !== undefined && before === inodeOf(path)) return database
    database.close()
    return null
  } catch (error) {
    database?.close()
    if (isBusy(error)) return null
    throw new HarnextError(`Session ${id} cannot be locked with ${path}: ${messageOf(error)}`, {
      code: 'session_lock',
      cause: error,
    })
  }
}

/** sqlite itself would make one that others may read. */
function makeLockFile(path: string): void {
  try {
    // `wx`, because opening and closing a file that this process has locked would drop the lock.
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === sqliteBusy
  )
}
