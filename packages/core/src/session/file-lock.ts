import { closeSync, openSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { HarnextError, messageOf } from '../errors.ts'
import { errorCode } from './session-files.ts'
import { sqlite } from './sqlite.ts'

// Locks of the operating system, which die with their process, so that none is ever stale. One is `BEGIN EXCLUSIVE` on an empty sqlite
// file, and holds between processes and inside of one.

export interface FileLock {
  /** Gives the lock up. */
  close(): void
}

export interface FileLockOptions {
  /** Ends the waiting. */
  readonly signal?: AbortSignal
  /** Milliseconds. @default 30,000 */
  readonly timeout?: number
}

/**
 * Waits until nobody else holds the lock, and holds it. The folder must be there; the file is made, and stays. Nothing else may open it:
 * closing any other handle on it would drop the lock. Rejects with what the signal says, and with the code `file_lock` after `timeout`.
 */
export async function lockFile(
  path: string,
  { signal, timeout = 30_000 }: FileLockOptions = {},
): Promise<FileLock> {
  const until = performance.now() + timeout
  for (let wait = 1; ; wait = Math.min(50, wait * 2)) {
    signal?.throwIfAborted()
    const lock = tried(path)
    if (lock) return lock
    if (performance.now() >= until)
      throw new HarnextError(`Somebody else has held ${path} for ${timeout} ms.`, {
        code: 'file_lock',
      })
    // What was aborted is thrown above, with its own reason.
    await delay(wait, undefined, signal ? { signal } : {}).catch(() => {})
  }
}

function tried(path: string): FileLock | null {
  try {
    return tryLockFile(path)
  } catch (error) {
    throw new HarnextError(`${path} cannot be locked: ${messageOf(error)}`, {
      code: 'file_lock',
      cause: error,
    })
  }
}

/** `null` when somebody else holds it. Two that come at the same moment can refuse each other. Throws what the file system does. */
export function tryLockFile(path: string): FileLock | null {
  const { DatabaseSync } = sqlite()
  let database: InstanceType<typeof DatabaseSync> | undefined
  try {
    makeLockFile(path)
    const before = inodeOf(path)
    database = new DatabaseSync(path)
    // Small pages and a journal in memory: a held lock costs one handle and 80 kB.
    database.exec('PRAGMA page_size = 512; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    // Whoever takes away what the lock is for removes the file under its lock; the lock of a removed file protects nothing.
    if (before !== undefined && before === inodeOf(path)) return database
    database.close()
    return null
  } catch (error) {
    database?.close()
    if (isBusy(error)) return null
    throw error
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

const sqliteBusy = 5

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === sqliteBusy
  )
}
