import { constants, fdatasyncSync, fstatSync, writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { HarnextError, SessionCorrupt, messageOf } from '../errors.ts'
import { decodeLog, encodeLine } from './jsonl-line.ts'
import { errorCode, syncDirectory, tornPath, type SessionFiles } from './session-files.ts'
import { lockedBy, type SessionLock } from './session-lock.ts'
import { checkSequence, toText } from './store-checks.ts'
import type { SessionHeader, SessionRecord, StoredSession } from './store.ts'

export interface LogOptions {
  /** Waits for the disk without giving the thread away. */
  readonly sync: boolean
  readonly clock: () => number
  /** Told of the first failed write. */
  readonly onFailure: (error: HarnextError) => void
}

/** The log of a session that is leased by us. */
export interface OpenLog {
  readonly lock: SessionLock
  /** What opening it has read. Only the first call gets it, and only before something was appended; later ones get `null`. */
  take(): StoredSession | null
  /** What is wrong with the log, and where its torn end went. */
  readonly state: Pick<StoredSession, 'damaged' | 'tornTo'>
  append(records: readonly SessionRecord[], expectedSeq: number, barrier: boolean): Promise<void>
  close(): Promise<void>
}

/** Reads and checks the log, moves a torn end aside, and stands at its end. */
export async function openLog(
  files: SessionFiles,
  id: string,
  lock: SessionLock,
  options: LogOptions,
): Promise<OpenLog> {
  const handle = await open(files.log, constants.O_RDWR | constants.O_APPEND)
  try {
    const bytes = await handle.readFile()
    const { mtimeMs } = await handle.stat()
    const read = readSession(id, bytes, mtimeMs)
    const session = read.session.damaged
      ? read.session
      : await repair(handle, files, read, bytes, options.clock)
    return logAt(handle, files, id, lock, options, session)
  } catch (error) {
    await handle.close()
    throw error
  }
}

interface ReadSession {
  readonly session: StoredSession
  /** Where the good bytes end. */
  readonly end: number
}

/** What the bytes of a log say. `modified` dates a session whose header was cut. */
export function readSession(id: string, bytes: Buffer, modified: number): ReadSession {
  const { header, records, end, damage } = decodeLog(bytes)
  const session: StoredSession = {
    // The name of the file counts: somebody may have copied it.
    header: { ...(header ?? emptyHeader(modified)), id },
    records,
    ...(damage !== undefined && { damaged: new SessionCorrupt(id, end, damage) }),
    ...(damage === undefined && end < bytes.length && { tornBytes: bytes.length - end }),
  }
  return { session, end }
}

/** Resolves when the bytes and the name of the new log are safe. Fails with `EEXIST` where there is one. */
export async function createLog(files: SessionFiles, line: string): Promise<void> {
  const handle = await open(files.log, 'wx', 0o600)
  try {
    await handle.appendFile(line)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await syncDirectory(files.folder)
}

function logAt(
  handle: FileHandle,
  files: SessionFiles,
  id: string,
  lock: SessionLock,
  options: LogOptions,
  loaded: StoredSession,
): OpenLog {
  const { damaged, tornTo } = loaded
  const end = appender(handle, files, id, options, loaded)
  let fresh: StoredSession | null = loaded

  return {
    lock,
    state: { ...(damaged && { damaged }), ...(tornTo !== undefined && { tornTo }) },
    take() {
      const session = fresh
      fresh = null
      return session
    },
    append(records, expectedSeq, barrier) {
      fresh = null
      return end(records, expectedSeq, barrier)
    },
    async close() {
      fresh = null
      try {
        // Waits for what is on its way to the disk.
        await handle.close()
      } finally {
        lock.close()
      }
    },
  }
}

/** Everything up to the wait for the disk happens before the caller goes on, so that appends keep their order. */
function appender(
  handle: FileHandle,
  files: SessionFiles,
  id: string,
  { sync, onFailure }: LogOptions,
  { records: present, damaged }: StoredSession,
): OpenLog['append'] {
  const { fd } = handle
  let last = present.length
  let size = fstatSync(fd).size
  let failure: HarnextError | undefined

  return async (records, expectedSeq, barrier) => {
    if (failure) throw failure
    if (damaged) throw damaged
    // The size tells of a writer that came past the lock, as where somebody removed its file.
    if (expectedSeq !== last || fstatSync(fd).size !== size) throw lockedBy(id, files)
    checkSequence(id, records, last)
    const bytes = encode(id, records)
    try {
      writeAllSync(fd, bytes)
      last += records.length
      size += bytes.length
      if (!barrier) return
      if (sync) fdatasyncSync(fd)
      else await handle.datasync()
    } catch (error) {
      failure ??= new HarnextError(
        `Session ${id} takes no more records in this process, because ${files.log} could not be written after ` +
          `record ${expectedSeq}: ${messageOf(error)}`,
        { code: 'session_write', cause: error },
      )
      onFailure(failure)
      throw failure
    }
  }
}

function encode(id: string, records: readonly SessionRecord[]): Buffer {
  let text = ''
  for (const record of records) text += encodeLine(toText(id, record))
  return Buffer.from(text)
}

/** One call, and more only where the system took a part. */
function writeAllSync(fd: number, bytes: Buffer): void {
  let done = 0
  while (done < bytes.length) done += writeSync(fd, bytes, done)
}

/** The torn bytes are safe elsewhere before the log gives them up. A log without a header gets one. */
async function repair(
  handle: FileHandle,
  files: SessionFiles,
  { session, end }: ReadSession,
  bytes: Buffer,
  clock: () => number,
): Promise<StoredSession> {
  const { tornBytes, ...whole } = session
  let tornTo: string | undefined
  if (tornBytes !== undefined) {
    const path = (attempt: number) => tornPath(files, session.header.id, clock() + attempt)
    tornTo = await writeNew(path, bytes.subarray(end))
    await syncDirectory(files.folder)
    await handle.truncate(end)
  }
  if (end === 0) await handle.appendFile(encodeLine(toText(session.header.id, session.header)))
  if (end === 0 || tornTo !== undefined) await handle.sync()
  return { ...whole, ...(tornTo !== undefined && { tornTo }) }
}

async function writeNew(pathOf: (attempt: number) => string, bytes: Buffer): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const path = pathOf(attempt)
    try {
      const handle = await open(path, 'wx', 0o600)
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      return path
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
}

function emptyHeader(modified: number): Omit<SessionHeader, 'id'> {
  return { type: 'session', version: 1, cwd: '', createdAt: new Date(modified).toISOString() }
}
