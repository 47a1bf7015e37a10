import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { HarnextError, SessionLocked, messageOf } from '../errors.ts'
import { isJsonObject } from '../json.ts'
import { tryLockFile, type FileLock } from './file-lock.ts'
import { isMissing, type SessionFiles } from './session-files.ts'

/** Who holds a session, or held it last. `since` is ISO 8601. */
export interface LockInfo {
  readonly owner: string
  readonly since: string
  readonly fence: number
}

export interface SessionLock extends LockInfo, FileLock {}

/** The right to write a session. Throws `SessionLocked`. */
export async function lockSession(
  files: SessionFiles,
  id: string,
  owner: string,
  clock: () => number,
): Promise<SessionLock> {
  const lock = await acquire(files, id)
  if (!lock) throw lockedBy(id, files)
  try {
    const now = clock()
    // The clock is there for when the last number was lost: it still grows.
    const fence = Math.max((readLockInfo(files)?.fence ?? 0) + 1, now)
    const info: LockInfo = { owner, since: new Date(now).toISOString(), fence }
    // A side file, because nobody can read a sqlite file that is locked.
    const temporary = `${files.lockInfo}.tmp`
    writeFileSync(temporary, JSON.stringify(info), { mode: 0o600 })
    renameSync(temporary, files.lockInfo)
    return { ...info, close: () => lock.close() }
  } catch (error) {
    lock.close()
    throw error
  }
}

/** The lock alone, without telling anybody: `null` when somebody else holds it. */
export async function acquire(files: SessionFiles, id: string): Promise<FileLock | null> {
  // Two that come at the same moment can refuse each other; after a few milliseconds one of them gets it.
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await delay(attempt)
    const lock = tryLock(files.lock, id)
    if (lock) return lock
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

function tryLock(path: string, id: string): FileLock | null {
  try {
    return tryLockFile(path)
  } catch (error) {
    throw new HarnextError(`Session ${id} cannot be locked with ${path}: ${messageOf(error)}`, {
      code: 'session_lock',
      cause: error,
    })
  }
}
