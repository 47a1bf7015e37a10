import {
  isBatch,
  type AssistantMessage,
  type AssistantPart,
  type Json,
  type Message,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core/provider'

export const request = (given: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'gpt-5.4',
  messages: [user('Hello')],
  ...given,
})

export const user = (text: string): Message =>
  Object.freeze({ role: 'user', content: Object.freeze([{ type: 'text', text } as const]) })

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
  const finish = events.find((event) => event.type === 'finish')
  return { events, batches, parts: partsOf(events), finish, error }
}

export function partsOf(events: readonly ModelEvent[]): AssistantPart[] {
  return events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
}

/** What was shown of the kind, joined. */
export function shown(events: readonly ModelEvent[], type: 'text' | 'thinking'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('')
}

export function joined(parts: readonly AssistantPart[], type: 'text' | 'thinking'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('')
}

/** What was shown of each call's arguments. */
export function inputs(events: readonly ModelEvent[]): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const event of events)
    if (event.type === 'tool_input') texts[event.id] = (texts[event.id] ?? '') + event.delta
  return texts
}

export function toMessage(
  { parts, finish }: Collected,
  adapter: ProviderAdapter,
  model: string,
): AssistantMessage {
  if (!finish) throw new Error('there is no finish')
  return Object.freeze({
    role: 'assistant',
    content: Object.freeze(parts),
    provider: adapter.id,
    api: adapter.api,
    model,
    stopReason: finish.stopReason,
  })
}

export const dataIn = (part: AssistantPart | undefined): Json | undefined =>
  part && 'opaque' in part ? part.opaque?.data : undefined
