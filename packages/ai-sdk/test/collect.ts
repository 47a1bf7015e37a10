import { readFileSync } from 'node:fs'
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import {
  isBatch,
  type AssistantMessage,
  type AssistantPart,
  type CallContext,
  type Message,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core/provider'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'

export const user = (text: string): Message =>
  Object.freeze({ role: 'user', content: Object.freeze([{ type: 'text', text } as const]) })

export const request = (given: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'mock-model-id',
  messages: [user('Hello')],
  ...given,
})

export const fixture = (name: string): string =>
  readFileSync(new URL(`__fixtures__/${name}`, import.meta.url), 'utf8')

/** The AI SDK's own fake, which streams these parts. */
export function mock(
  chunks: LanguageModelV4StreamPart[],
  supportedUrls: Record<string, RegExp[]> = {},
): MockLanguageModelV4 {
  const provider = 'acme.chat'
  const doStream: LanguageModelV4['doStream'] = () =>
    Promise.resolve({
      stream: simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null }),
    })
  return new MockLanguageModelV4({ provider, supportedUrls, doStream })
}

export const usage: LanguageModelV4Usage = {
  inputTokens: { total: 30, noCache: 10, cacheRead: 15, cacheWrite: 5 },
  outputTokens: { total: 9, text: 6, reasoning: 3 },
}

export const finished: Extract<LanguageModelV4StreamPart, { type: 'finish' }> = {
  type: 'finish',
  usage,
  finishReason: { unified: 'stop', raw: 'done' },
}

export interface Collected {
  readonly events: ModelEvent[]
  readonly parts: AssistantPart[]
  readonly finish: Extract<ModelEvent, { type: 'finish' }> | undefined
  readonly error: unknown
}

/** Reads a call to its end, whichever it is. */
export async function collect(
  adapter: ProviderAdapter,
  given: ModelRequest = request(),
  context: CallContext = { signal: new AbortController().signal },
): Promise<Collected> {
  const events: ModelEvent[] = []
  let error: unknown
  try {
    for await (const value of adapter.stream(given, context))
      events.push(...(isBatch(value) ? value : [value]))
  } catch (thrown) {
    error = thrown
  }
  const parts = events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
  const finish = events.find((event) => event.type === 'finish')
  return { events, parts, finish, error }
}

export function answer(content: readonly AssistantPart[], api = 'ai-sdk:acme.chat'): Message {
  return {
    role: 'assistant',
    content,
    provider: 'acme',
    api,
    model: 'mock-model-id',
    stopReason: 'stop',
  } satisfies AssistantMessage
}

/** What the model was called with. */
export function sent(model: MockLanguageModelV4): LanguageModelV4CallOptions {
  const call = model.doStreamCalls.at(-1)
  if (!call) throw new Error('the model was not called')
  return call
}
