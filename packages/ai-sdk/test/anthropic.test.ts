import { readFileSync } from 'node:fs'
import { createAnthropic } from '@ai-sdk/anthropic'
import { Agent, tool } from '@harnext/core'
import { AuthenticationError, ProviderError, RateLimitError } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { ask } from '../examples/ask.ts'
import { fromAiSdk } from '../src/index.ts'
import { collect, fixture, request } from './collect.ts'
import { errorAnswer, serve, type Answer } from './loopback.ts'

// A provider of the AI SDK as people install it, against a server on this machine.

async function served(...answers: readonly Answer[]) {
  const server = await serve(...answers)
  const provider = createAnthropic({ apiKey: 'key', baseURL: `${server.url}/v1` })
  return { server, model: provider('claude-sonnet-5-5') }
}

const toolsAnswer: Answer = { body: fixture('thinking-and-tools.sse.txt') }
const given = request({ model: 'claude-sonnet-5-5' })

describe('@ai-sdk/anthropic', () => {
  it('answers with thinking, text and calls', async () => {
    const { model } = await served(toolsAnswer)
    const adapter = fromAiSdk(model)
    expect([adapter.id, adapter.api]).toEqual(['anthropic', 'ai-sdk:anthropic.messages'])
    const { parts, finish, error } = await collect(adapter, given)
    expect(error).toBeUndefined()
    const opaque = (data: object): object => ({
      by: 'ai-sdk:anthropic.messages',
      model: 'claude-sonnet-5-5',
      data: { anthropic: data },
    })
    // The SDK's own record of the beginning is content too.
    const [start, ...said] = parts
    expect(start).toMatchObject({ type: 'provider' })
    expect(said).toMatchObject([
      {
        type: 'thinking',
        text: 'Two places, two calls.',
        opaque: opaque({ signature: 'c2lnbmF0dXJl' }),
      },
      { type: 'thinking', text: '', redacted: true, opaque: opaque({ redactedData: 'b3BhcXVl' }) },
      { type: 'text', text: 'Ich prüfe das Wetter 🌦️.' },
      { type: 'tool_call', id: 'toolu_1', tool: 'weather', args: { place: 'Zürich' } },
      { type: 'tool_call', id: 'toolu_2', tool: 'now', args: {} },
    ])
    expect(finish).toMatchObject({
      stopReason: 'tool_calls',
      rawStopReason: 'tool_use',
      usage: {
        inputTokens: 40,
        outputTokens: 90,
        cacheReadTokens: 2000,
        cacheWriteTokens: 300,
      },
    })
  })

  it('gets its signatures, calls and results back in the next turn', async () => {
    const { server, model } = await served(toolsAnswer, { body: fixture('text.sse.txt') })
    const weather = tool({
      name: 'weather',
      description: 'The weather',
      parameters: { type: 'object', properties: { place: { type: 'string' } } },
      execute: () => 'sunny',
    })
    const agent = new Agent({
      name: 'helper',
      adapter: fromAiSdk(model),
      model: model.modelId,
      tools: [weather],
    })
    const result = await agent.run([], 'How is the weather?').result
    expect(result.error).toBeUndefined()
    expect(result.turns).toBe(2)
    const body = JSON.parse(server.requests[1]?.body ?? '') as { messages: { content: unknown }[] }
    expect(body.messages[1]?.content).toMatchObject([
      { type: 'thinking', thinking: 'Two places, two calls.', signature: 'c2lnbmF0dXJl' },
      { type: 'redacted_thinking', data: 'b3BhcXVl' },
      { type: 'text', text: 'Ich prüfe das Wetter 🌦️.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { place: 'Zürich' } },
      { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
    ])
    expect(body.messages[2]?.content).toMatchObject([
      { type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' },
      { type: 'tool_result', tool_use_id: 'toolu_2', is_error: true },
    ])
  })

  it.each([
    [401, 'authentication_error', AuthenticationError, 'auth', false],
    [429, 'rate_limit_error', RateLimitError, 'rate_limit', true],
    [529, 'overloaded_error', ProviderError, 'overloaded', true],
    [400, 'invalid_request_error', ProviderError, 'invalid_request', false],
  ] as const)('fails with %s as its kind', async (status, type, error, kind, retryable) => {
    const { server, model } = await served(
      errorAnswer(status, type, 'No.', { 'retry-after': '7', 'request-id': 'req_9' }),
    )
    const { error: thrown } = await collect(fromAiSdk(model), given)
    expect(thrown).toBeInstanceOf(error)
    expect(thrown).toMatchObject({
      kind,
      retryable,
      status,
      requestId: 'req_9',
      retryAfterMs: 7000,
    })
    // Repeating is the run's business.
    expect(server.requests).toHaveLength(1)
  })

  it('fails with the error inside of its stream', async () => {
    const start = toolsAnswer.body.slice(0, toolsAnswer.body.indexOf('event: message_delta'))
    const body = `${String(start)}event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Busy"}}\n\n`
    const { model } = await served({ body })
    const { error } = await collect(fromAiSdk(model), given)
    expect(error).toMatchObject({ kind: 'overloaded', partial: 'Ich prüfe das Wetter 🌦️.' })
  })

  it('is cut when its connection ends early', async () => {
    const body = toolsAnswer.body.slice(0, toolsAnswer.body.indexOf('event: message_delta'))
    const { model } = await served({ body: String(body) })
    const ended = await collect(fromAiSdk(model), given)
    expect(ended.error).toMatchObject({ kind: 'stream_truncated', retryable: true })
    const { model: reset } = await served({ body: String(body), after: 'reset' })
    const { error } = await collect(fromAiSdk(reset), given)
    expect(error).toMatchObject({ kind: 'network', retryable: true })
  })

  it('has no server to talk to', async () => {
    const provider = createAnthropic({ apiKey: 'key', baseURL: 'http://127.0.0.1:1/v1' })
    const { error } = await collect(fromAiSdk(provider('claude-sonnet-5-5')), given)
    expect(error).toMatchObject({ kind: 'network', retryable: true })
  })

  it('closes its socket when it is cancelled', async () => {
    const body = toolsAnswer.body.slice(0, toolsAnswer.body.indexOf('event: message_delta'))
    const { server, model } = await served({ body: String(body), after: 'hang' })
    const aborter = new AbortController()
    const reading = fromAiSdk(model).stream(given, { signal: aborter.signal })
    let error: unknown
    try {
      for await (const _ of reading) aborter.abort()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ kind: 'cancelled' })
    await server.requests[0]?.closed()
  })

  it('the example of the README runs', async () => {
    const { model } = await served({ body: fixture('text.sse.txt') })
    expect(await ask(model, 'How is the weather?')).toBe('It is sunny.')
    const read = (path: string): string =>
      readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
    expect(read('README.md')).toContain(read('examples/ask.ts'))
  })
})
