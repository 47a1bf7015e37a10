import { constants } from 'node:fs'
import { mkdir, open, readFile, writeFile, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { HarnextError } from '../errors.ts'
import { isFile, isMissing } from '../session/session-files.ts'
import type { SessionRecord, SessionStore } from '../session/store.ts'
import { readSettingsFile } from '../workspace/read-settings-file.ts'
import { auditEntry, readChain, toLine, type ChainEnd, type ChainProblem } from './chain.ts'

export interface AuditOptions {
  /** One file a session: `<folder>/<session>.jsonl`, readable by its owner alone. Made when it is not there. */
  readonly folder: string
  /** Keeps no new chains: only the sessions that have one go on with it, so that it has no gap. @default false */
  readonly onlyBegun?: boolean
}

/**
 * A store that also keeps, for each session, a chain of all that was decided, begun and finished: permissions with who decided and by which
 * rule, intents with their effects, how they ended. A line is written before the log's, so nothing is in the log that is not in the audit.
 * A session whose chain is broken is not written any more: leasing it throws `HarnextError` with the code `audit_broken`.
 */
export function auditedStore(
  store: SessionStore,
  { folder, onlyBegun = false }: AuditOptions,
): SessionStore {
  const audits = new Map<string, OpenAudit>()
  return {
    location: store.location,
    create: (header) => store.create(header),
    read: (id, options) => store.read(id, options),
    list: (options) => store.list(options),
    delete: (id) => store.delete(id),
    async lease(id, owner) {
      const lease = await store.lease(id, owner)
      try {
        const file = auditFile(folder, id)
        if (onlyBegun && !isFile(file)) return lease
        audits.set(id, await openAudit(file))
      } catch (error) {
        await lease.release()
        throw error
      }
      return {
        fence: lease.fence,
        async release() {
          const audit = audits.get(id)
          audits.delete(id)
          try {
            await audit?.close()
          } finally {
            await lease.release()
          }
        },
      }
    },
    async append(id, records, options) {
      await audits.get(id)?.append(id, records, options.barrier === true)
      await store.append(id, records, options)
    },
  }
}

export function auditFile(folder: string, session: string): string {
  return path.join(folder, `${encodeURIComponent(session)}.jsonl`)
}

export interface AuditReport {
  readonly file: string
  readonly lines: number
  /** Of the last line that holds: kept elsewhere, it also shows that a whole chain was written anew. */
  readonly hash: string
  readonly problem?: ChainProblem
  /** Lines of records that the session's log does not have: a crash came between the two, or the log was cut off. */
  readonly lost: number
  /** Bytes of an interrupted write behind the last line. */
  readonly tornBytes: number
}

/** A text of more cannot be held. */
const MOST_BYTES = 500_000_000

/**
 * Reads a chain and says where it is broken. With the `store` of its sessions, a line that their log has and the audit lacks is a problem,
 * too: that shows an end that was cut off. A chain without a line, and without a log that says that none is missing, is a problem. Throws an error of the file system where the file cannot be read.
 */
export async function verifyAudit(
  file: string,
  { store }: { readonly store?: SessionStore } = {},
): Promise<AuditReport> {
  const { entries, end, problem, torn } = readChain(readSettingsFile(file, MOST_BYTES))
  const log = store && (await readLog(store, sessionOf(file, entries)))
  const found = problem ?? (log ? lackOf(entries, log) : lackOfAll(entries))
  return {
    file,
    lines: end.count,
    hash: end.hash,
    ...(found && { problem: found }),
    lost: log ? lostOf(entries, log) : 0,
    tornBytes: Buffer.byteLength(torn),
  }
}

type Entries = ReturnType<typeof readChain>['entries']

/** An audit without a line has its name alone. */
function sessionOf(file: string, entries: Entries): string {
  const [first] = entries
  const name = path.basename(file, '.jsonl')
  return first
    ? String(first['session'])
    : /%(?![\dA-F]{2})/i.test(name)
      ? name
      : decodeURIComponent(name)
}

type Log = readonly SessionRecord[]

/** What of a session's log is audited; `undefined` where there is no such session. */
async function readLog(store: SessionStore, session: string): Promise<Log | undefined> {
  const stored = await store.read(session).catch((error: unknown) => {
    if (HarnextError.is(error) && error.code === 'session_not_found') return undefined
    throw error
  })
  return stored?.records.filter((record) => auditEntry(session, record) !== null)
}

function lackOf(entries: Entries, log: Log): ChainProblem | undefined {
  // A session may have had runs before it was audited; an audit without a line was emptied.
  const from = Number(entries[0]?.['record'] ?? 0)
  const known = new Set(entries.map(keyOfEntry))
  const lost = log.find(
    (record) => record.seq >= from && !known.has(keyOf(record.seq, record.time, record.type)),
  )
  if (!lost) return undefined
  const message = `the session's log has a record ${lost.seq} (${lost.type}) that the audit lacks`
  return { line: entries.length + 1, message }
}

/** Without a log nobody knows whether an audit that holds nothing was emptied. */
function lackOfAll({ length }: Entries): ChainProblem | undefined {
  if (length > 0) return undefined
  return { line: 1, message: 'it holds nothing, and there is no log that says whether it should' }
}

function lostOf(entries: Entries, log: Log): number {
  const known = new Set(log.map(({ seq, time, type }) => keyOf(seq, time, type)))
  return entries.filter((entry) => !known.has(keyOfEntry(entry))).length
}

function keyOfEntry(entry: Entries[number]): string {
  return keyOf(entry['record'], entry['time'], entry['type'])
}

function keyOf(...parts: readonly unknown[]): string {
  return parts.map(String).join(' ')
}

interface OpenAudit {
  append(session: string, records: readonly SessionRecord[], barrier: boolean): Promise<void>
  close(): Promise<void>
}

/** Stands at the end of a chain that holds. The torn end of an interrupted write is moved aside. */
async function openAudit(file: string): Promise<OpenAudit> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return ''
    throw error
  })
  const { end, problem, torn } = readChain(text)
  if (problem)
    throw new HarnextError(
      `The audit ${file} is broken at line ${problem.line}: ${problem.message}. Move it away to go on with a new one.`,
      { code: 'audit_broken' },
    )
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND
  const handle = await open(file, flags, 0o600)
  if (torn) {
    await writeFile(`${file}.torn-${end.count}`, torn, { mode: 0o600 })
    await handle.truncate(Buffer.byteLength(text) - Buffer.byteLength(torn))
  }
  return appender(handle, end)
}

function appender(handle: FileHandle, begin: ChainEnd): OpenAudit {
  let end = begin
  return {
    async append(session, records, barrier) {
      let text = ''
      let next = end
      for (const record of records) {
        const entry = auditEntry(session, record)
        if (!entry) continue
        const added = toLine(entry, next)
        text += `${added.line}\n`
        next = added.end
      }
      if (!text) return
      await handle.appendFile(text)
      if (barrier) await handle.datasync()
      end = next
    },
    close: () => handle.close(),
  }
}
