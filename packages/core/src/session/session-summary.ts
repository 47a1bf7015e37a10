import type { Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import type { JsonObject } from '../json.ts'
import { decodeLine, decodeLog, newlineByte } from './jsonl-line.ts'
import { readAt } from './read-at.ts'
import { isMissing } from './session-files.ts'
import { titleOf } from './session-title.ts'
import type { SessionHeader, SessionSummary } from './store.ts'

/** What the head and the tail of a log say, however damaged it is. `null` when it is no longer there. */
export async function summarize(path: string, id: string): Promise<SessionSummary | null> {
  let stats: Stats | undefined
  try {
    stats = await stat(path)
    if (!stats.isFile()) return null
    const handle = await open(path, 'r')
    try {
      return await read(handle, id, stats)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (isMissing(error)) return null
    // It is there and cannot be read: listed by its date, so that it is seen.
    if (stats) return summaryOf(id, null, '', stats.mtimeMs)
    throw error
  }
}

const headBytes = 32 * 1024
const maxHeadBytes = 1024 * 1024
const tailBytes = 32 * 1024

async function read(handle: FileHandle, id: string, stats: Stats): Promise<SessionSummary> {
  let length = Math.min(headBytes, stats.size)
  let head = await readAt(handle, 0, length)
  let { header, title } = readHead(head)
  // The system prompt and the tools may come before the first message.
  while (title === null && length < Math.min(stats.size, maxHeadBytes)) {
    length = Math.min(4 * length, stats.size, maxHeadBytes)
    head = await readAt(handle, 0, length)
    ;({ header, title } = readHead(head))
  }
  const tail =
    stats.size === length
      ? head
      : await readAt(handle, Math.max(0, stats.size - tailBytes), Math.min(tailBytes, stats.size))
  return summaryOf(id, header, title ?? '', lastTime(tail) ?? stats.mtimeMs)
}

function summaryOf(
  id: string,
  header: SessionHeader | null,
  title: string,
  updatedAt: number,
): SessionSummary {
  return {
    id,
    cwd: header?.cwd ?? '',
    createdAt: header?.createdAt ?? new Date(updatedAt).toISOString(),
    updatedAt,
    title,
    ...(header?.metadata && { metadata: header.metadata }),
  }
}

function readHead(bytes: Buffer): {
  readonly header: SessionHeader | null
  readonly title: string | null
} {
  let header: SessionHeader | null = null
  let start = 0
  for (;;) {
    const newline = bytes.indexOf(newlineByte, start)
    if (newline === -1) return header ? { header, title: null } : readOldHead(bytes)
    const line = decodeLine(bytes, start, newline)
    if (start === 0 && line?.['type'] === 'session')
      // A line with a right check sum was written by this code, with the types that it has.
      header = line as unknown as SessionHeader
    else if (start === 0) {
      // Behind the lines of an earlier format may stand some of today's.
      const old = readOldHead(bytes)
      if (old.header) return old
    }
    const title = line && start > 0 ? titleOf(line) : null
    if (title !== null) return { header, title }
    start = newline + 1
  }
}

/** Of a log of an earlier format, or of one that lost its header. */
function readOldHead(bytes: Buffer): ReturnType<typeof readHead> {
  const { header, records } = decodeLog(bytes)
  for (const record of records) {
    const title = titleOf(record as unknown as JsonObject)
    if (title !== null) return { header, title }
  }
  return { header, title: null }
}

/** The time of the last line that is good. */
function lastTime(bytes: Buffer): number | null {
  let newline = bytes.lastIndexOf(newlineByte)
  while (newline > 0) {
    const before = bytes.lastIndexOf(newlineByte, newline - 1)
    const time = decodeLine(bytes, before + 1, newline)?.['time']
    if (typeof time === 'number') return time
    newline = before
  }
  return null
}
