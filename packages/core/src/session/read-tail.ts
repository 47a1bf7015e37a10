import { open } from 'node:fs/promises'
import { decodeLine, newlineByte } from './jsonl-line.ts'
import { readAt } from './read-at.ts'
import type { SessionHeader, SessionRecord, StoredTail } from './store.ts'

const headBytes = 64 * 1024

/**
 * The header and the last records of a log. `null` where they cannot be read by themselves: the log is short, of an earlier format, or
 * its header is cut or very long.
 */
export async function readTail(path: string, bytes: number): Promise<StoredTail | null> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    if (size <= bytes + headBytes) return null
    const head = await readAt(handle, 0, headBytes)
    const newline = head.indexOf(newlineByte)
    const header = newline === -1 ? null : decodeLine(head, 0, newline)
    if (header?.['type'] !== 'session' || header['version'] !== 1) return null
    const records = lastRecords(await readAt(handle, size - bytes, bytes))
    // A line with a right check sum was written by this code, with the types that it has.
    return { header: header as unknown as SessionHeader, records, isWhole: false }
  } finally {
    await handle.close()
  }
}

/** Backwards from the end, up to a line that is not good or follows upon no other. */
function lastRecords(bytes: Buffer): readonly SessionRecord[] {
  const records: SessionRecord[] = []
  let newline = bytes.lastIndexOf(newlineByte)
  while (newline > 0) {
    const before = bytes.lastIndexOf(newlineByte, newline - 1)
    // The first line is cut.
    if (before === -1) break
    const record = decodeLine(bytes, before + 1, newline) as unknown as SessionRecord | null
    const follows = records.at(-1)?.seq
    if (record && (follows === undefined || record.seq === follows - 1)) records.push(record)
    else if (follows !== undefined) break
    newline = before
  }
  return records.toReversed()
}
