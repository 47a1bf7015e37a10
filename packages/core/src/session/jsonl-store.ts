import { readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError, HarnextError, SessionLocked, SessionNotFound, messageOf } from '../errors.ts'
import { makeFolder } from '../workspace/make-folder.ts'
import { encodeLine } from './jsonl-line.ts'
import { createLog, openLog, readSession, type OpenLog } from './jsonl-log.ts'
import { listSessions } from './list-sessions.ts'
import { readTail } from './read-tail.ts'
import {
  errorCode,
  filesOf,
  findSession,
  folderOf,
  isMissing,
  sessionsFolder,
  syncDirectory,
  tornFiles,
  type SessionFiles,
} from './session-files.ts'
import { acquire, lockSession, lockedBy, readLockInfo } from './session-lock.ts'
import { checkSessionId, toText } from './store-checks.ts'
import type {
  SessionHeader,
  SessionLease,
  SessionStore,
  StoredSession,
  StoredTail,
} from './store.ts'

export interface JsonlStoreOptions {
  /** The folder that `sessions/` lies in. Nothing is read from the environment here. */
  readonly home: string
  /** A barrier waits for the disk on the thread itself: quicker for one session, wrong for a server of many. @default false */
  readonly sync?: boolean
  /** Milliseconds since 1970. @default Date.now */
  readonly clock?: () => number
}

/**
 * Sessions as files: `<home>/sessions/<hash of cwd>/<id>.jsonl`, one JSON object a line with a CRC-32, readable by their owner
 * alone. A session is found by its id whatever folder it was begun in.
 *
 * An append is one write before the call returns its promise, and survives the death of the process; with `barrier` it is on the
 * disk when the promise resolves. `lease` checks the whole log and moves the torn end of an interrupted write to
 * `<id>.torn-<time>`; a `read` while the lease is held says where. `read` itself never writes: without a lease, a torn end stays
 * where it is, is left out of `records` and counted in `tornBytes`. A session with `damaged` can be leased and read, and takes no
 * records.
 *
 * Beside the errors of `SessionStore` it throws `ConfigError` when its folder cannot be made, and `HarnextError` with code
 * `session_write` when the disk refuses, `session_lock` when the file system cannot lock.
 */
export function jsonlStore(options: JsonlStoreOptions): SessionStore {
  const { sync = false, clock = Date.now } = options
  const root = sessionsFolder(options.home)
  const leased = new Map<string, OpenLog>()
  const failures = new Map<string, HarnextError>()

  function locate(id: string): SessionFiles {
    checkSessionId(id)
    const files = findSession(root, id)
    if (!files) throw new SessionNotFound(id, root)
    return files
  }

  return {
    location: root,
    create: (header) => create(root, header),

    async append(id, records, { expectedSeq, fence, barrier = false }) {
      const log = leased.get(id)
      if (!log || log.lock.fence !== fence) throw staleFence(id, locate(id), fence)
      await log.append(records, expectedSeq, barrier)
    },

    async read(id, { afterSeq = 0 } = {}) {
      const log = leased.get(id)
      const session = log?.take() ?? { ...(await load(locate(id), id, root)), ...log?.state }
      if (afterSeq <= 0) return session
      return { ...session, records: session.records.slice(afterSeq) }
    },

    readTail: async (id, { bytes }) => loadTail(locate(id), id, root, bytes),
    list: ({ cwd } = {}) => listSessions(root, cwd),

    async delete(id) {
      const files = locate(id)
      await remove(files, id, root)
      failures.delete(files.log)
    },

    async lease(id, owner): Promise<SessionLease> {
      const files = locate(id)
      const failure = failures.get(files.log)
      if (failure) throw failure
      if (leased.has(id)) throw lockedBy(id, files)
      const lock = await lockSession(files, id, owner, clock)
      let log: OpenLog
      try {
        const onFailure = (error: HarnextError) => failures.set(files.log, error)
        log = await openLog(files, id, lock, { sync, clock, onFailure })
      } catch (error) {
        // Deleted before we got the lock, whose files we have made anew.
        if (isMissing(error)) await removeLock(files)
        lock.close()
        throw isMissing(error) ? new SessionNotFound(id, root) : error
      }
      leased.set(id, log)
      return {
        fence: lock.fence,
        async release() {
          if (leased.get(id) !== log) return
          leased.delete(id)
          await log.close()
        },
      }
    },
  }
}

async function create(root: string, header: SessionHeader): Promise<void> {
  const { id } = header
  checkSessionId(id)
  const taken = findSession(root, id)
  if (taken) throw idTaken(id, taken)
  const line = encodeLine(toText(id, header))
  const files = filesOf(folderOf(root, header.cwd), id)
  try {
    await makeFolderOf(root, files.folder)
    // Under the lock, so that nobody takes the first moments of a log for a torn one.
    const lock = await acquire(files, id)
    if (!lock) throw idTaken(id, files)
    try {
      await createLog(files, line)
    } catch (error) {
      if (errorCode(error) === 'EEXIST') throw idTaken(id, files)
      // Nobody was told of it, and what is left of it would make the next try fail.
      await rm(files.log, { force: true })
      await removeLock(files)
      throw error
    } finally {
      lock.close()
    }
  } catch (error) {
    if (HarnextError.is(error)) throw error
    throw new HarnextError(`Session ${id} cannot be begun: ${messageOf(error)}`, {
      code: 'session_write',
      cause: error,
    })
  }
}

/** Throws `ConfigError` where there cannot be such a folder, whatever is tried. */
async function makeFolderOf(root: string, folder: string): Promise<void> {
  let first: string | undefined
  try {
    first = await makeFolder(folder, { mode: 0o700 })
  } catch (error) {
    if (!hopeless.has(errorCode(error) ?? '')) throw error
    throw new ConfigError(
      `No session can be kept in ${root}: ${messageOf(error)}. Choose a home that can be written, as with HARNEXT_HOME.`,
      { cause: error },
    )
  }
  if (first === undefined) return
  for (let path = folder; path !== dirname(first); path = dirname(path))
    await syncDirectory(dirname(path))
}

const hopeless: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'ELOOP',
  'ENAMETOOLONG',
])

async function load(files: SessionFiles, id: string, root: string): Promise<StoredSession> {
  try {
    const [bytes, { mtimeMs }] = await Promise.all([readFile(files.log), stat(files.log)])
    return readSession(id, bytes, mtimeMs).session
  } catch (error) {
    throw isMissing(error) ? new SessionNotFound(id, root) : error
  }
}

async function loadTail(
  files: SessionFiles,
  id: string,
  root: string,
  bytes: number,
): Promise<StoredTail> {
  const tail = await readTail(files.log, bytes)
  if (tail) return { ...tail, header: { ...tail.header, id } }
  return { ...(await load(files, id, root)), isWhole: true }
}

async function remove(files: SessionFiles, id: string, root: string): Promise<void> {
  const lock = await acquire(files, id)
  if (!lock) throw lockedBy(id, files)
  try {
    const torn = await tornFiles(files, id)
    await rm(files.log)
    for (const path of torn) await rm(path, { force: true })
    await removeLock(files)
    await syncDirectory(files.folder)
  } catch (error) {
    if (!isMissing(error)) throw error
    // As in `lease`.
    await removeLock(files)
    throw new SessionNotFound(id, root)
  } finally {
    lock.close()
  }
}

/** Only for who holds the lock. */
async function removeLock(files: SessionFiles): Promise<void> {
  await rm(files.lockInfo, { force: true })
  await rm(files.lock, { force: true })
}

function idTaken(id: string, files: SessionFiles): ConfigError {
  return new ConfigError(`A new session cannot have the id ${id}: ${files.log} exists already.`)
}

/** Says who holds the session now; if nobody took it since, that the lease is over. */
function staleFence(id: string, files: SessionFiles, fence: number): SessionLocked {
  const info = readLockInfo(files)
  if (!info || info.fence > fence) return lockedBy(id, files)
  return new SessionLocked(id, `nobody (the lease of ${info.owner} was given back)`, info.since)
}
