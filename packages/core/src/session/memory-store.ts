import { ConfigError, SessionLocked, SessionNotFound } from '../errors.ts'
import { titleOf } from './session-title.ts'
import { checkSequence, checkSessionId, toText } from './store-checks.ts'
import type {
  AppendOptions,
  SessionHeader,
  SessionRecord,
  SessionStore,
  SessionSummary,
} from './store.ts'

export interface MemoryStoreOptions {
  /** Milliseconds since 1970. @default Date.now */
  readonly clock?: () => number
}

/**
 * Sessions that end with the process. Records are kept as their JSON text, so that what is read is what a log on disk would give:
 * no shared objects, no `undefined`, nothing that JSON cannot hold.
 */
export function memoryStore({ clock = Date.now }: MemoryStoreOptions = {}): SessionStore {
  const sessions = new Map<string, Session>()
  let lastFence = 0

  function locate(id: string): Session {
    checkSessionId(id)
    const session = sessions.get(id)
    if (!session) throw new SessionNotFound(id, location)
    return session
  }

  return {
    location,

    async create(header) {
      checkSessionId(header.id)
      if (sessions.has(header.id))
        throw new ConfigError(
          `A new session cannot have the id ${header.id}: there is one already.`,
        )
      const text = toText(header.id, header)
      sessions.set(header.id, { header: text, lines: [], held: null, since: clock() })
    },

    async append(id, records, options) {
      append(id, locate(id), records, options)
    },

    async read(id, { afterSeq = 0 } = {}) {
      const { header, lines } = locate(id)
      return {
        header: parseHeader(header),
        records: lines.slice(Math.max(0, afterSeq)).map(parseRecord),
      }
    },

    async list({ cwd } = {}) {
      const summaries = [...sessions.values()].map(summarize)
      return summaries
        .filter((summary) => cwd === undefined || summary.cwd === cwd)
        .toSorted((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
    },

    async delete(id) {
      const { held } = locate(id)
      if (held) throw lockedBy(id, held)
      sessions.delete(id)
    },

    async lease(id, owner) {
      const session = locate(id)
      if (session.held) throw lockedBy(id, session.held)
      const held: Held = { owner, since: isoTime(clock()), fence: ++lastFence }
      session.held = held
      return {
        fence: held.fence,
        async release() {
          if (session.held === held) session.held = null
        },
      }
    },
  }
}

const location = 'memory'

function append(
  id: string,
  { held, lines, since }: Session,
  records: readonly SessionRecord[],
  { expectedSeq, fence }: AppendOptions,
): void {
  if (!held) throw new SessionLocked(id, 'nobody (the lease was given back)', isoTime(since))
  if (held.fence !== fence || expectedSeq !== lines.length) throw lockedBy(id, held)
  checkSequence(id, records, lines.length)
  // All of them or none: the texts are made before the first one joins.
  lines.push(...records.map((record) => toText(id, record)))
}

interface Held {
  readonly owner: string
  readonly since: string
  readonly fence: number
}

interface Session {
  readonly header: string
  readonly lines: string[]
  held: Held | null
  /** When it was created: what is told where no record says more. */
  readonly since: number
}

function summarize(session: Session): SessionSummary {
  const { id, cwd, createdAt, metadata } = parseHeader(session.header)
  const last = session.lines.at(-1)
  let title: string | null = null
  for (const line of session.lines) {
    title = titleOf(JSON.parse(line))
    if (title !== null) break
  }
  return {
    id,
    cwd,
    createdAt,
    updatedAt: last === undefined ? session.since : parseRecord(last).time,
    title: title ?? '',
    ...(metadata && { metadata }),
  }
}

function lockedBy(id: string, held: Held): SessionLocked {
  return new SessionLocked(id, held.owner, held.since)
}

function isoTime(time: number): string {
  return new Date(time).toISOString()
}

// Of texts that were made from values of these types.
function parseHeader(text: string): SessionHeader {
  return JSON.parse(text)
}
function parseRecord(text: string): SessionRecord {
  return JSON.parse(text)
}
