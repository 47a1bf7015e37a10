import { readFileSync } from 'node:fs'
import {
  isBatch,
  type AssistantMessage,
  type AssistantPart,
  type Message,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
  type ToolSpec,
} from '@harnext/core/provider'

export const request = (given: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'qwen3:4b',
  messages: [user('Hello')],
  ...given,
})

export const user = (text: string): Message =>
  Object.freeze({ role: 'user', content: Object.freeze([{ type: 'text', text } as const]) })

export const toolSpec = (name: string): ToolSpec => ({
  name,
  description: name,
  parameters: { type: 'object', properties: {} },
})

export const fixture = (name: string): string =>
  readFileSync(new URL(`__fixtures__/${name}`, import.meta.url), 'utf8')

export interface Collected {
  readonly events: ModelEvent[]
  /** One for each array that the adapter yielded. */
  readonly batches: ModelEvent[][]
  readonly parts: AssistantPart[]
  readonly finish: Extract<ModelEvent, { type: 'finish' }> | undefined
  readonly error: unknown
}

/** Reads a call to its end, whichever it is. */
export async function collect(
  adapter: ProviderAdapter,
  given: ModelRequest = request(),
  signal: AbortSignal = new AbortController().signal,
): Promise<Collected> {
  const batches: ModelEvent[][] = []
  let error: unknown
  try {
    for await (const value of adapter.stream(given, { signal }))
      batches.push(isBatch(value) ? [...value] : [value])
  } catch (thrown) {
    error = thrown
  }
  const events = batches.flat()
  const parts = events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
  const finish = events.find((event) => event.type === 'finish')
  return { events, batches, parts, finish, error }
}

/** What was shown of the kind, joined. */
export function shown(events: readonly ModelEvent[], type: 'text' | 'thinking'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('')
}

/** Without the ids that the adapter made up, which are different every time. */
export function withoutMadeIds<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll(/"call_[0-9a-f]{32}"/g, '"made"')) as Value
}

export function toMessage({ parts, finish }: Collected, model: string): AssistantMessage {
  if (!finish) throw new Error('there is no finish')
  return Object.freeze({
    role: 'assistant',
    content: Object.freeze(parts),
    provider: 'ollama',
    api: 'ollama.chat',
    model,
    stopReason: finish.stopReason,
  })
}
