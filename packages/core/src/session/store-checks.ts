import { ConfigError, messageOf } from '../errors.ts'
import type { SessionHeader, SessionRecord } from './store.ts'

// What every store asks of its callers, so that all of them refuse the same.

const maxIdBytes = 200

/** Any string that can name a file is an id. Throws `ConfigError`. */
export function checkSessionId(id: string): void {
  const problem = problemOf(id)
  if (problem) throw new ConfigError(`A session id ${problem}; got ${JSON.stringify(shorten(id))}.`)
}

/** Records continue the log: each `seq` is one more than the last. Throws `ConfigError`. */
export function checkSequence(id: string, records: readonly SessionRecord[], last: number): void {
  for (const [index, record] of records.entries()) {
    const expected = last + 1 + index
    if (record.seq !== expected)
      throw new ConfigError(
        `Record ${index} of an append to session ${id} has seq ${record.seq}, expected ${expected}.`,
      )
  }
}

/** Throws `ConfigError` for what JSON cannot hold. */
export function toText(id: string, value: SessionHeader | SessionRecord): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw new ConfigError(
      `A '${value.type}' record of session ${id} is not JSON: ${messageOf(error)}.`,
      { cause: error },
    )
  }
}

function problemOf(id: string): string | null {
  if (id === '') return 'must not be empty'
  if (id === '.' || id === '..') return 'must not be a folder of the file system'
  if (id.includes('/') || id.includes('\\')) return 'must not hold a path separator'
  if (id.includes('\0')) return 'must not hold a NUL'
  if (!id.isWellFormed()) return 'must be well-formed Unicode'
  if (id.length > maxIdBytes || new TextEncoder().encode(id).length > maxIdBytes)
    return `must not be longer than ${maxIdBytes} bytes`
  return null
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
