import { readFileSync } from 'node:fs'
import type {
  AssistantMessage,
  Message,
  ModelEvent,
  ModelRequest,
  ProviderAdapter,
  ToolSpec,
} from '@harnext/core/provider'
import { collectCall, type CollectedCall } from '@harnext/testkit'

export const request = (given: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'gemini-3.8-flash',
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

/** Without the ids that the adapter made up, which are different every time. */
export function withoutMadeIds<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll(/"call_[0-9a-f]{32}"/g, '"made"')) as Value
}

export function toMessage({ parts, finish }: Collected, model: string): AssistantMessage {
  if (!finish) throw new Error('there is no finish')
  return Object.freeze({
    role: 'assistant',
    content: Object.freeze(parts),
    provider: 'google',
    api: 'google.generateContent',
    model,
    stopReason: finish.stopReason,
  })
}
