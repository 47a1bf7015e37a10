import type { AssistantPart, Json, Message, ToolMessage } from '@harnext/core/provider'
import { user } from './collect.ts'

/** A small generator of numbers in [0, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Whose answers they are, and how one of them thinks. */
export interface Speaker {
  readonly api: string
  readonly thinking: Json
}

/** What joins a history before each request: an answer with results that may be missing, odd or late, and words of the user. */
export function* conversation(
  next: () => number,
  turns: number,
  { api, thinking }: Speaker,
): Generator<Message[]> {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T
  const words = ['a', 'ü👋', '', ' ', 'x\ud83c', '"},{"role":', ']}]', '\\']
  yield [user('begin')]
  for (let turn = 0; turn < turns; turn++) {
    const ids = Array.from({ length: Math.floor(next() * 4) }, () =>
      pick(['c0', 'c1', 'odd|1', '']),
    )
    const by = pick([api, 'other'])
    const content: AssistantPart[] = [
      { type: 'thinking', text: 't', opaque: { by, model: 'm', data: thinking } },
      { type: 'text', text: pick(words) },
      ...ids.map((id) => ({ type: 'tool_call', id, tool: 'add', args: { id } }) as const),
    ]
    const results = ids
      .filter(() => next() < 0.8)
      .map((id): ToolMessage => ({
        role: 'tool',
        id,
        tool: 'add',
        status: pick(['ok', 'error', 'denied']),
        content: [
          { type: 'text', text: pick(words) },
          ...(next() < 0.2
            ? [{ type: 'image', mediaType: 'image/png', data: 'QQ==' } as const]
            : []),
        ],
      }))
    const followers: Message[] = results.map((message) => Object.freeze(message))
    if (next() < 0.4)
      followers.splice(Math.floor(next() * (followers.length + 1)), 0, user(pick(words)))
    // A request ends with the user's side.
    followers.push(user('go on'))
    yield [answer(content, by), ...followers]
  }
}

function answer(content: readonly AssistantPart[], api: string): Message {
  return Object.freeze({
    role: 'assistant',
    content,
    provider: 'p',
    api,
    model: 'm',
    stopReason: 'tool_calls',
  })
}
