import type { AssistantPart, Json, Message, ToolMessage, ToolPart } from '@harnext/core/provider'
import { seededRandom, type Random } from './random.ts'

/** Whose answers they are, and what its vendor keeps with a thought; without that its thoughts are words alone. */
export interface Speaker {
  readonly provider: string
  readonly api: string
  readonly thinking?: Json
}

/**
 * What joins a history before each request: an answer with results that may be missing, odd or late, and words of the user. The same for
 * the same seed. Ends with the user's side each time.
 */
export function* randomConversation(
  seed: number,
  turns: number,
  speaker: Speaker,
): Generator<readonly Message[]> {
  const random = seededRandom(seed)
  yield [user('begin')]
  for (let turn = 0; turn < turns; turn++) {
    const ids = Array.from({ length: random.below(4) }, () => random.pick(callIds))
    const results = ids.filter(() => random.below(5) > 0).map((id) => result(id, random))
    const followers: Message[] = [...results]
    if (random.below(5) < 2)
      followers.splice(random.below(followers.length + 1), 0, user(random.pick(words)))
    yield [answer(ids, speaker, random), ...followers, user('go on')]
  }
}

const callIds = ['c0', 'c1', 'odd|1', ''] as const
const words = ['a', 'ü👋', '', ' ', 'x\ud83c', '"},{"role":', '","cache', ']}]', '\\'] as const

function user(text: string): Message {
  return Object.freeze({ role: 'user', content: Object.freeze([{ type: 'text', text } as const]) })
}

function answer(
  ids: readonly string[],
  { provider, api, thinking }: Speaker,
  random: Random,
): Message {
  const by = random.pick([api, 'other'])
  const opaque = thinking !== undefined && { opaque: { by, model: 'm', data: thinking } }
  const content: readonly AssistantPart[] = [
    { type: 'thinking', text: opaque ? 't' : random.pick(['t', '']), ...opaque },
    { type: 'text', text: random.pick(words) },
    ...ids.map((id) => ({ type: 'tool_call', id, tool: 'add', args: { id } }) as const),
  ]
  return Object.freeze({
    role: 'assistant',
    content,
    provider,
    api,
    model: 'm',
    stopReason: 'tool_calls',
  })
}

function result(id: string, random: Random): ToolMessage {
  const content: readonly ToolPart[] = [{ type: 'text', text: random.pick(words) }]
  const status = random.pick(['ok', 'error', 'denied'] as const)
  return Object.freeze({ role: 'tool', id, tool: 'add', status, content })
}
