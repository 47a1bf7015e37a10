import { crc32 } from 'node:zlib'
import { messageOf } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import type { SessionHeader, SessionRecord } from './store.ts'
import { logVersion, plainFormOf, upcastHeader, upcastRecords, type Upcaster } from './upcast.ts'

// A line is the JSON text of its object with one more member at the end, `,"crc":"xxxxxxxx"}`: the CRC-32 of all bytes of the line
// before it, in lower-case hexadecimal. The JSON text is made once, and a reader need not parse a line to check it.

/** The line of an object whose JSON text is `text`, with its newline. */
export function encodeLine(text: string): string {
  const open = text.slice(0, -1)
  return `${open}${checkMember(crc32(open))}\n`
}

export interface DecodedLog {
  /** `null`: the log ends inside of its first line. */
  readonly header: SessionHeader | null
  readonly records: readonly SessionRecord[]
  /** Where the good lines end, in bytes. What lies behind was torn, unless `damage` says otherwise. */
  readonly end: number
  /** What is wrong at `end`, where it is not an interrupted write: more lines follow, or the line says what it cannot say. */
  readonly damage?: string
}

/**
 * The lines of a log. A last line without its newline, or with a wrong sum, is torn; any other line that is not good is damage, and
 * nothing behind it is read.
 */
export function decodeLog(bytes: Buffer): DecodedLog {
  const records: SessionRecord[] = []
  const form = plainForm(bytes)
  let header: SessionHeader | null = null
  let end = 0
  while (end < bytes.length) {
    const newline = bytes.indexOf(newlineByte, end)
    const text = newline === -1 ? null : checkedText(bytes, end, newline)
    const plain = newline !== -1 && text === null ? form : null
    if (text === null && !plain) {
      if (newline === -1 || newline === bytes.length - 1) break
      return { header, records, end, damage: 'the check sum of the line is wrong' }
    }
    const line = parse(text ?? bytes.toString('utf8', end, newline))
    const read = header ? readRecords(line, plain, records.length) : readHeader(line)
    if (typeof read === 'string') return { header, records, end, damage: read }
    if (Array.isArray(read)) records.push(...(read as readonly SessionRecord[]))
    else header = read as SessionHeader
    end = newline + 1
  }
  return { header, records, end }
}

/** Or what is wrong with it: the check looks at what the type promises. */
function readHeader(line: JsonObject | string): SessionHeader | string {
  const header = typeof line === 'string' ? line : upcastHeader(line)
  return headerProblem(header) ?? (header as unknown as SessionHeader)
}

/** `plain`: of a form without check sums. What was appended to such a log since is of this version. */
function readRecords(
  line: JsonObject | string,
  plain: Upcaster | null,
  before: number,
): readonly SessionRecord[] | string {
  const lines = plain && typeof line !== 'string' ? upcastRecords(line, plain, before + 1) : [line]
  for (const [index, record] of lines.entries()) {
    const problem = recordProblem(record, before + 1 + index)
    if (problem !== null) return problem
  }
  return lines as unknown as readonly SessionRecord[]
}

/** Of a log whose first line is of a form without check sums. */
function plainForm(bytes: Buffer): Upcaster | null {
  const newline = bytes.indexOf(newlineByte)
  if (newline === -1 || checkedText(bytes, 0, newline) !== null) return null
  const value = parse(bytes.toString('utf8', 0, newline))
  return typeof value === 'string' ? null : plainFormOf(value)
}

/** The object of one line, from `start` to its newline, or `null` when it is not good. */
export function decodeLine(bytes: Buffer, start: number, newline: number): JsonObject | null {
  const text = checkedText(bytes, start, newline)
  const value = text === null ? null : parse(text)
  return typeof value === 'string' ? null : value
}

export const newlineByte = 0x0a
const memberLength = ',"crc":"00000000"}'.length

function checkMember(crc: number): string {
  return `,"crc":"${crc.toString(16).padStart(8, '0')}"}`
}

/** The JSON text of a line without its sum, if the sum is right. */
function checkedText(bytes: Buffer, start: number, newline: number): string | null {
  const member = newline - memberLength
  if (member <= start) return null
  const crc = crc32(bytes.subarray(start, member))
  if (bytes.toString('latin1', member, newline) !== checkMember(crc)) return null
  return `${bytes.toString('utf8', start, member)}}`
}

/** The object, or what is wrong. */
function parse(text: string): JsonObject | string {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : 'the line is not an object'
  } catch (error) {
    return `the line is not JSON (${messageOf(error)})`
  }
}

function headerProblem(value: JsonObject | string): string | null {
  if (typeof value === 'string') return value
  if (value['type'] !== 'session')
    return `the log begins with ${name(value['type'])}, expected "session"`
  if (value['version'] === logVersion) return null
  return `the log has format version ${name(value['version'])}, this release reads version ${logVersion}`
}

function recordProblem(value: JsonObject | string, seq: number): string | null {
  if (typeof value === 'string') return value
  if (value['seq'] !== seq) return `record ${name(value['seq'])} stands where ${seq} was expected`
  if (typeof value['type'] === 'string' && typeof value['time'] === 'number') return null
  return `record ${seq} has no type or no time`
}

function name(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}
