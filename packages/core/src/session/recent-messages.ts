import type { Message } from '../messages.ts'
import { newState, reduce } from '../run/state.ts'
import { fromRecord, type LoggedEvent } from './record.ts'
import type { SessionHeader, SessionStore, StoredTail } from './store.ts'

export interface RecentMessages {
  readonly header: SessionHeader
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
    const { header, isWhole } = tail
    const messages = messagesOf(tail)
    if (isWhole || messages.length >= count) return { header, messages, isWhole }
  }
}

function messagesOf({ records, isWhole }: StoredTail): readonly Message[] {
  const events = records.flatMap((record) => fromRecord(record) ?? [])
  const state = newState()
  for (const event of isWhole ? events : fromFirstMessage(events)) reduce(state, event)
  return state.messages
}

/** What a summary stood for may lie before; then the messages themselves are what is there to show. */
function fromFirstMessage(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const first = events.findIndex(({ type, agentPath }) => type === 'message' && !agentPath?.length)
  return first === -1 ? [] : events.slice(first).filter(({ type }) => type !== 'compaction')
}
