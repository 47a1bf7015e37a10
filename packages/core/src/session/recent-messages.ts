import type { Message } from '../messages.ts'
import { newState, reduce } from '../run/state.ts'
import { fromRecord, type LoggedEvent } from './record.ts'
import type { LoadedSession } from './session.ts'
import type { SessionStore, StoredTail } from './store.ts'

/** The end of a session. Its state is what the records fold to: what lies before them is not in it. */
export interface RecentMessages extends LoadedSession {
  readonly messages: readonly Message[]
  /** These are all messages of the session. */
  readonly isWhole: boolean
}

const firstBytes = 256 * 1024

/**
 * The last messages of a session, at least `count` (20) where it has so many, without reading what lies before them: for showing it at
 * once. Throws `SessionNotFound`.
 */
export async function recentMessages(
  store: SessionStore,
  id: string,
  { count = 20 }: { readonly count?: number } = {},
): Promise<RecentMessages> {
  for (let bytes = firstBytes; ; bytes *= 4) {
    const tail: StoredTail = store.readTail
      ? await store.readTail(id, { bytes })
      : { ...(await store.read(id)), isWhole: true }
    const recent = recentOf(tail)
    if (recent.isWhole || recent.messages.length >= count) return recent
  }
}

function recentOf(tail: StoredTail): RecentMessages {
  const { records, isWhole } = tail
  const all = records.flatMap((record) => fromRecord(record) ?? [])
  const events = isWhole ? all : fromFirstMessage(all)
  const state = newState()
  // The run of the first of them had begun before.
  state.open = !isWhole
  for (const event of events) reduce(state, event)
  return { ...tail, events, state, messages: state.messages }
}

/** What a summary stood for may lie before; then the messages themselves are what is there to show. */
function fromFirstMessage(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const first = events.findIndex(({ type, agentPath }) => type === 'message' && !agentPath?.length)
  return first === -1 ? [] : events.slice(first).filter(({ type }) => type !== 'compaction')
}
