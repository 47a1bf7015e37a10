import type { ProviderAdapter } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import {
  groq,
  llamacpp,
  mistral,
  openaiChat,
  openaiCompatible,
  openrouter,
  vllm,
  xai,
  type OpenAIOptions,
} from '../src/index.ts'
import { collect, inputs, joined, request, shown, type Collected } from './collect.ts'
import { serve } from './loopback.ts'
import { readChat, type ChatAnswer } from './read-chat.ts'
import { isStream, keptHeaders, pieces, recordings, type Loose, type Recorded } from './shared.ts'

const all = recordings('chat')
const read = (recorded: Recorded): ChatAnswer =>
  readChat(recorded.response.body, isStream(recorded))
const named = (recorded: readonly Recorded[]) => recorded.map((one) => [one.name, one] as const)

/** Each body is read by the adapter of its vendor, where there is one by name. */
function adapterOf(vendor: string, url: string): ProviderAdapter {
  const preset = presets[vendor]
  if (preset) return preset({ apiKey: 'key', baseURL: url })
  return openaiCompatible({ id: vendor, apiKey: 'key', baseURL: url })
}

const presets: Readonly<Record<string, (options: OpenAIOptions) => ProviderAdapter>> = {
  openai: openaiChat,
  openrouter,
  groq,
  llamacpp,
  'openai-compatible(xai)': xai,
  mistral,
  local: vllm,
}

async function replay(
  recorded: Recorded,
  body: string | readonly Uint8Array[] = recorded.response.body,
): Promise<Collected> {
  const { status } = recorded.response
  const server = await serve({ status, headers: keptHeaders(recorded), body })
  return collect(adapterOf(recorded.vendor, server.url), request({ model: recorded.model ?? 'm' }))
}

describe.skipIf(all.length === 0)('recorded answers of the Chat Completions API', () => {
  const answers = all.filter(({ response }) => response.status < 400)
  const complete = answers.filter((recorded) => !read(recorded).error)
  const failed = answers.filter((recorded) => read(recorded).error)
  const errors = all.filter(({ response }) => response.status >= 400)

  it('are there, of each vendor that has a name here', () => {
    expect(complete.length).toBeGreaterThan(40)
    expect(errors.length).toBeGreaterThan(12)
    const vendors = new Set(complete.map(({ vendor }) => vendor))
    for (const vendor of [
      'openai',
      'openrouter',
      'groq',
      'llamacpp',
      'mistral',
      'openai-compatible(xai)',
    ])
      expect(vendors).toContain(vendor)
  })

  it.each(named(complete))('%s', async (_name, recorded) => {
    const whole = await replay(recorded)
    expect(whole.error).toBeUndefined()
    expectSame(whole, read(recorded))
    const split = await replay(recorded, pieces(recorded.response.body))
    expect(withoutIds(split)).toEqual(withoutIds(whole))
    expect(split.finish).toEqual(whole.finish)
    expect(shown(split.events, 'text')).toBe(shown(whole.events, 'text'))
  })

  it.each(named(failed))('%s', async (_name, recorded) => {
    const { error, finish, events } = await replay(recorded)
    expect(finish).toBeUndefined()
    expect(error).toMatchObject({
      ...failures[read(recorded).error?.['code'] as string],
      partial: shown(events, 'text'),
    })
  })

  it.each(named(errors))('%s', async (_name, recorded) => {
    const { status, body } = recorded.response
    const { error, events } = await replay(recorded)
    expect(events).toEqual([])
    expect(error).toMatchObject({
      status,
      kind: /maximum context|max context/.test(body) ? 'overflow' : kindOf[status],
      retryable: status === 429 || status >= 500,
    })
  })
})

/** Errors in an answer of status 200, by their code. */
const failures: Readonly<Record<string, object>> = {
  400: { kind: 'invalid_request', retryable: false },
  502: { kind: 'server', retryable: true },
  content_filter: { kind: 'refused', retryable: false },
  tool_use_failed: { kind: 'server', retryable: true },
}

const kindOf: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'auth',
  403: 'permission',
  404: 'not_found',
  429: 'rate_limit',
  500: 'server',
}

/** Calls without an id of the server's get a new one each time. */
const withoutIds = ({ parts }: Collected) => parts.map((part) => ({ ...part, id: undefined }))

function expectSame({ events, parts, finish }: Collected, wire: ChatAnswer): void {
  expect(events.at(-1)).toBe(finish)
  expect(joined(parts, 'thinking')).toBe(wire.thinking)
  expect(joined(parts, 'text')).toBe(wire.text + wire.refusal)
  expect(shown(events, 'thinking')).toBe(wire.thinking)
  expect(shown(events, 'text')).toBe(wire.text + wire.refusal)
  const calls = parts.filter((part) => part.type === 'tool_call')
  const shownInputs = inputs(events)
  expect(calls.map(({ id, tool }) => ({ tool, text: shownInputs[id] ?? '' }))).toEqual(wire.calls)
  for (const [at, { args, invalid }] of calls.entries())
    if (invalid === undefined) expect(args).toEqual(JSON.parse(wire.calls[at]?.text || '{}'))
  expect(finish?.usage ?? null).toEqual(wire.usage && expectedUsage(wire.usage))
  const reason = wire.reason ?? ''
  const isRefused = wire.refusal !== '' || reason === 'content_filter'
  const stopReason = isRefused ? 'refused' : reason === 'length' ? 'length' : 'stop'
  expect(finish).toMatchObject({
    rawStopReason: reason,
    stopReason: stopReason === 'stop' && calls.length > 0 ? 'tool_calls' : stopReason,
  })
}

function expectedUsage(usage: Loose): object {
  const counts = (key: string) => (usage[key] ?? {}) as Record<string, number>
  const prompt = Number(usage['prompt_tokens'])
  const completion = Number(usage['completion_tokens'])
  const cached = counts('prompt_tokens_details')['cached_tokens'] ?? 0
  const reasoning = counts('completion_tokens_details')['reasoning_tokens'] ?? 0
  const written = counts('prompt_tokens_details')['cache_write_tokens'] ?? 0
  const isApart = reasoning > 0 && Number(usage['total_tokens']) === prompt + completion + reasoning
  return {
    // OpenRouter says of one prompt that all of it was read and written.
    inputTokens: Math.max(0, prompt - cached - written),
    outputTokens: isApart ? completion + reasoning : completion,
    cacheReadTokens: cached,
    cacheWriteTokens: Math.min(written, prompt - cached),
    reasoningTokens: reasoning,
    costUsd: null,
  }
}
