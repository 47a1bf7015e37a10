import type {
  AssistantMessage,
  AssistantPart,
  Json,
  Message,
  ModelEvent,
  ModelRequest,
  ProviderAdapter,
} from '@harnext/core/provider'
import { collectCall, type CollectedCall } from '@harnext/testkit'

export const request = (given: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'gpt-5.4',
  messages: [user('Hello')],
  ...given,
})

export const user = (text: string): Message =>
  Object.freeze({ role: 'user', content: Object.freeze([{ type: 'text', text } as const]) })

export interface Collected extends Pick<CollectedCall, 'events' | 'batches' | 'parts' | 'error'> {
  readonly finish: Extract<ModelEvent, { type: 'finish' }> | undefined
}

/** Reads a call to its end, whichever it is. */
export async function collect(
  adapter: ProviderAdapter,
  given: ModelRequest = request(),
  signal?: AbortSignal,
): Promise<Collected> {
  const { finishes, ...call } = await collectCall(adapter, given, { ...(signal && { signal }) })
  return { ...call, finish: finishes[0] }
}

export function partsOf(events: readonly ModelEvent[]): AssistantPart[] {
  return events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
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
