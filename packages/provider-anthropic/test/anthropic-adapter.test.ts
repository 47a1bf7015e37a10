import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { AuthenticationError, ConfigError, ProviderError } from '@harnext/core/provider'
import { bytewise, shownText } from '@harnext/testkit'
import { describe, expect, it, vi } from 'vitest'
import { anthropic } from '../src/index.ts'
import { collect, fixture, request } from './collect.ts'
import { errorAnswer, serve, type Answer } from './loopback.ts'

const stream = fixture('thinking-and-tools.sse.txt')
const opaque = (data: unknown, model = 'claude-sonnet-5-5'): object => ({
  opaque: { by: 'anthropic.messages', model, data },
})
const parts = [
  { type: 'thinking', text: 'Two places, two calls.', ...opaque({ signature: 'c2lnbmF0dXJl' }) },
  { type: 'thinking', text: '', redacted: true, ...opaque({ data: 'b3BhcXVl' }) },
  { type: 'text', text: 'Ich prüfe das Wetter 🌦️.' },
  { type: 'tool_call', id: 'toolu_1', tool: 'weather', args: { place: 'Zürich' } },
  { type: 'tool_call', id: 'toolu_2', tool: 'now', args: {} },
]
const finish = {
  type: 'finish',
  stopReason: 'tool_calls',
  rawStopReason: 'tool_use',
  usage: {
    inputTokens: 40,
    outputTokens: 90,
    cacheReadTokens: 2000,
    cacheWriteTokens: 300,
    reasoningTokens: 30,
    costUsd: null,
  },
}

async function answered(...answers: readonly Answer[]) {
  const server = await serve(...answers)
  return { server, adapter: anthropic({ apiKey: 'key', baseURL: server.url }) }
}

describe('a streamed answer', () => {
  it('becomes deltas, frozen parts and one finish, in one array for a chunk', async () => {
    const { adapter } = await answered({ body: stream })
    const { events, batches, error } = await collect(adapter)
    expect(error).toBeUndefined()
    expect(batches).toHaveLength(1)
    expect(events).toEqual([
      { type: 'thinking', text: 'Two places, ', index: 0 },
      { type: 'thinking', text: 'two calls.', index: 0 },
      { type: 'part', part: parts[0] },
      { type: 'part', part: parts[1] },
      { type: 'text', text: 'Ich prüfe ', index: 2 },
      { type: 'text', text: 'das Wetter 🌦️.', index: 2 },
      { type: 'part', part: parts[2] },
      { type: 'tool_input', id: 'toolu_1', tool: 'weather', delta: '{"place":"Zü' },
      { type: 'tool_input', id: 'toolu_1', tool: 'weather', delta: 'rich"}' },
      { type: 'part', part: parts[3] },
      { type: 'part', part: parts[4] },
      finish,
    ])
    const given = events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
    expect(given.every(Object.isFrozen)).toBe(true)
  })

  it.each([
    ['LF', stream],
    ['CRLF', stream.replaceAll('\n', '\r\n')],
    ['CR', stream.replaceAll('\n', '\r')],
  ])('is the same byte by byte, with %s', async (_name, body) => {
    const { adapter } = await answered({ body: bytewise(body) })
    const result = await collect(adapter)
    expect(result.error).toBeUndefined()
    expect(result.parts).toEqual(parts)
    expect(result.finish).toEqual(finish)
    expect(result.batches.length).toBeGreaterThan(10)
    // Bytes without an event are told, too: the provider is not silent.
    expect(result.batches.some((batch) => batch.length === 0)).toBe(true)
    expect(shownText(result.events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
  })

  it('keeps the vendor’s own blocks in order and word for word', async () => {
    const { adapter } = await answered({ body: fixture('server-tools.sse.txt') })
    const result = await collect(adapter, request({ model: 'claude-opus-5-5' }))
    const citation = (cited_text: string, encrypted_index: string): object => ({
      type: 'web_search_result_location',
      cited_text,
      url: 'https://a.example',
      title: 'A',
      encrypted_index,
    })
    const vendor = (data: object): object => ({
      type: 'provider',
      ...opaque(data, 'claude-opus-5-5'),
    })
    expect(result.parts).toEqual([
      vendor({
        type: 'server_tool_use',
        id: 'srvtoolu_1',
        name: 'web_search',
        input: { query: 'harness' },
      }),
      vendor({
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        content: [
          {
            type: 'web_search_result',
            url: 'https://a.example',
            title: 'A',
            encrypted_content: 'ZW5j',
          },
        ],
      }),
      {
        type: 'text',
        text: 'A harness, it says.',
        ...opaque({ citations: [citation('x', 'aWR4'), citation('y', 'aWR5')] }, 'claude-opus-5-5'),
      },
      { type: 'source', url: 'https://a.example', title: 'A' },
      vendor({ type: 'compaction', content: 'What was said.' }),
    ])
    expect(result.finish).toEqual({
      type: 'finish',
      stopReason: 'pause',
      rawStopReason: 'pause_turn',
      usage: {
        inputTokens: 150,
        outputTokens: 27,
        cacheReadTokens: 900,
        cacheWriteTokens: 0,
        reasoningTokens: 0,
        costUsd: null,
      },
    })
  })

  it('is taken whole from a server that does not stream', async () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      model: 'claude-sonnet-5-5',
      content: [
        { type: 'thinking', thinking: 'Two places, two calls.', signature: 'c2lnbmF0dXJl' },
        { type: 'redacted_thinking', data: 'b3BhcXVl' },
        { type: 'text', text: 'Ich prüfe das Wetter 🌦️.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { place: 'Zürich' } },
        { type: 'tool_use', id: 'toolu_2', name: 'now', input: {}, caller: { type: 'direct' } },
      ],
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 40,
        output_tokens: 90,
        cache_read_input_tokens: 2000,
        cache_creation_input_tokens: 300,
        output_tokens_details: { thinking_tokens: 30 },
      },
    }
    const headers = { 'content-type': 'application/json' }
    const { adapter } = await answered({ headers, body: JSON.stringify(message) })
    const result = await collect(adapter)
    expect(result.error).toBeUndefined()
    expect(result.parts).toEqual(parts)
    expect(result.finish).toEqual(finish)
    expect(shownText(result.events, 'thinking')).toBe('Two places, two calls.')
    expect(shownText(result.events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
  })

  it('leaves its connection to the next call', async () => {
    const { server, adapter } = await answered({ body: bytewise(stream) })
    await collect(adapter)
    // The platform's pool takes the connection back in the next tick.
    await setImmediate()
    await collect(adapter)
    expect(server.requests).toHaveLength(2)
    expect(server.connections()).toBe(1)
  })

  it('is over when the server leaves the connection open behind it', async () => {
    const { server, adapter } = await answered({ body: stream, after: 'hang' })
    const { error, finish: last } = await collect(adapter)
    expect(error).toBeUndefined()
    expect(last).toEqual(finish)
    await server.requests[0]?.closed()
  })
})

describe('what is sent', () => {
  it('is one request to the address, with the key as the vendor’s SDK sends it', async () => {
    const { server, adapter } = await answered({ body: stream })
    await collect(adapter, request({ system: 'Be brief.' }))
    const [received] = server.requests
    expect(received).toMatchObject({ method: 'POST', path: '/v1/messages' })
    expect(received?.headers).toMatchObject({
      authorization: 'Bearer key',
      'anthropic-version': '2026-10-21',
      'content-type': 'application/json',
      'x-stainless-retry-count': '0',
    })
    expect(JSON.parse(received?.body ?? '')).toMatchObject({
      model: 'claude-sonnet-5-5',
      stream: true,
      max_tokens: 32_000,
    })
  })

  it('takes nothing from the environment', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'from-environment')
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'from-environment')
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://127.0.0.1:1')
    vi.stubEnv(
      'ANTHROPIC_CUSTOM_HEADERS',
      'x-sly: 1\nanthropic-version: 1999-01-01\nauthorization: no',
    )
    try {
      const { server, adapter } = await answered({ body: stream })
      expect((await collect(adapter)).error).toBeUndefined()
      const headers = server.requests[0]?.headers
      expect(headers).not.toHaveProperty('x-sly')
      expect(headers).toMatchObject({
        authorization: 'Bearer key',
        'anthropic-version': '2026-10-21',
      })
      const { error } = await collect(anthropic())
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error).toMatchObject({ kind: 'auth', retryable: false })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('uses the headers and the version of its options, and a key that is a header', async () => {
    const server = await serve({ body: stream })
    const adapter = anthropic({
      baseURL: `${server.url}/gateway/v1/`,
      version: '2023-06-01',
      headers: { 'X-Api-Key': 'k2', 'anthropic-beta': 'a,b' },
    })
    expect((await collect(adapter)).error).toBeUndefined()
    expect(server.requests[0]?.path).toBe('/gateway/v1/messages')
    expect(server.requests[0]?.headers).toMatchObject({
      'x-api-key': 'k2',
      'anthropic-beta': 'a,b',
      'anthropic-version': '2023-06-01',
    })
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  it('goes through the fetch of the call, else through that of the options', async () => {
    const server = await serve({ body: stream })
    const seen: string[] = []
    const tap =
      (name: string): typeof fetch =>
      (url, init) => {
        seen.push(name, typeof init?.body)
        return fetch(url, init)
      }
    const adapter = anthropic({ apiKey: 'key', baseURL: server.url, fetch: tap('options') })
    await collect(adapter)
    const { signal } = new AbortController()
    for await (const _ of adapter.stream(request(), { signal, fetch: tap('call') }));
    expect(seen).toEqual(['options', 'object', 'call', 'object'])
  })

  it('goes on with its bytes after a good answer, and begins anew after a bad one', async () => {
    const overloaded = errorAnswer(529, 'overloaded_error', 'Overloaded')
    const server = await serve({ body: stream }, { body: stream }, overloaded, { body: stream })
    const bodies: Uint8Array[] = []
    const tap: typeof fetch = (url, init) => {
      bodies.push(init?.body as Uint8Array)
      return fetch(url, init)
    }
    const adapter = anthropic({ apiKey: 'key', baseURL: server.url, fetch: tap })
    const messages = [...request().messages]
    for (let turn = 0; turn < 4; turn++) {
      await collect(adapter, request({ messages }))
      if (turn === 0) messages.push(...request().messages)
    }
    const [first, second, third, fourth] = bodies.map(({ buffer }) => buffer)
    expect(second).toBe(first)
    expect(third).toBe(first)
    expect(fourth).not.toBe(first)
    const texts = server.requests.map(({ body }) => body)
    expect(texts[1]).not.toBe(texts[0])
    expect(new Set(texts.slice(1)).size).toBe(1)
  })

  it('is refused at the factory when the address is none', () => {
    expect(() => anthropic({ baseURL: 'localhost' })).toThrow(ConfigError)
  })
})

describe('errors', () => {
  it.each([
    [
      errorAnswer(400, 'invalid_request_error', 'max_tokens: Field required'),
      'invalid_request',
      false,
    ],
    [
      errorAnswer(400, 'invalid_request_error', 'prompt is too long: 9 tokens > 8 maximum'),
      'overflow',
      false,
    ],
    [
      errorAnswer(401, 'authentication_error', 'invalid x-api-key', { 'x-should-retry': 'false' }),
      'auth',
      false,
    ],
    [errorAnswer(403, 'permission_error', 'Not yours.'), 'permission', false],
    [errorAnswer(404, 'not_found_error', 'model: x'), 'not_found', false],
    [errorAnswer(413, 'request_too_large', 'Too large.'), 'overflow', false],
    [errorAnswer(429, 'rate_limit_error', 'Slow down.'), 'rate_limit', true],
    [errorAnswer(500, 'api_error', 'Internal server error'), 'server', true],
    [errorAnswer(529, 'overloaded_error', 'Overloaded'), 'overloaded', true],
  ])('knows the status: %o', async (answer, kind, retryable) => {
    const { server, adapter } = await answered(answer)
    const { error, events } = await collect(adapter)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({
      kind,
      retryable,
      status: answer.status,
      requestId: 'req_1',
      partial: '',
    })
    expect(events).toEqual([])
    // Repeating is not the adapter's business.
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
  ])('says how long to wait: %o', async (headers, retryAfterMs) => {
    const { adapter } = await answered(errorAnswer(429, 'rate_limit_error', 'Slow down.', headers))
    expect((await collect(adapter)).error).toMatchObject({ kind: 'rate_limit', retryAfterMs })
  })

  it('reads a date against the clock', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const { adapter } = await answered(
      errorAnswer(429, 'rate_limit_error', 'x', { 'retry-after': date }),
    )
    const { retryAfterMs } = (await collect(adapter)).error as ProviderError
    expect(retryAfterMs).toBeGreaterThan(3_500_000)
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000)
  })

  it('shows plain text as it is', async () => {
    const { adapter } = await answered({
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Bad Gateway</h1>',
    })
    expect((await collect(adapter)).error).toMatchObject({
      kind: 'server',
      message: 'Anthropic answered 502: <h1>Bad Gateway</h1>',
    })
  })

  const begin = stream.slice(
    0,
    stream.indexOf('event: content_block_stop\ndata: {"type":"content_block_stop","index":2}'),
  )

  it('passes on what came before an error in the same chunk', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    const { adapter } = await answered({
      body: `${begin}event: error\ndata: ${JSON.stringify(error)}\n\n`,
    })
    const result = await collect(adapter)
    expect(shownText(result.events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
    expect(result.finish).toBeUndefined()
    expect(result.error).toMatchObject({
      kind: 'overloaded',
      retryable: true,
      partial: 'Ich prüfe das Wetter 🌦️.',
    })
  })

  it.each([['end'], ['reset']] as const)(
    'never takes a cut stream for an answer: %s',
    async (after) => {
      for (let at = 0; at < stream.length - 2; at += 61) {
        const { adapter } = await answered({ body: stream.slice(0, at), after })
        const { error, finish: last } = await collect(adapter)
        expect(last).toBeUndefined()
        expect(error).toBeInstanceOf(ProviderError)
        expect(['stream_truncated', 'network']).toContain((error as ProviderError).kind)
        expect((error as ProviderError).retryable).toBe(true)
      }
    },
  )

  it.each([
    ['data: {"type":\n\n', 'text/event-stream'],
    [
      'data: {"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"x"}}\n\n',
      'text/event-stream',
    ],
    ['data: {"type":"message_start"}\n\n', 'text/event-stream'],
    ['<html></html>', 'text/html'],
    ['[]', 'application/json'],
    ['null', 'application/json'],
  ])('calls nonsense by its name: %s', async (body, type) => {
    const { adapter } = await answered({ headers: { 'content-type': type }, body })
    const { error } = await collect(adapter)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ kind: 'protocol', retryable: false })
  })

  it('takes an error that comes with 200 for what it is', async () => {
    const headers = { 'content-type': 'application/json' }
    const { adapter } = await answered({
      ...errorAnswer(200, 'overloaded_error', 'Overloaded'),
      headers,
    })
    expect((await collect(adapter)).error).toMatchObject({ kind: 'overloaded', retryable: true })
  })

  it('says why nobody answered', async () => {
    const { error } = await collect(anthropic({ apiKey: 'key', baseURL: 'http://127.0.0.1:1' }))
    expect(error).toMatchObject({ kind: 'network', retryable: true })
    expect((error as Error).message).toMatch(/^The connection to Anthropic failed: .+/)
  })
})

describe('leaving', () => {
  const begin = stream.slice(0, stream.indexOf('event: content_block_stop'))

  it('closes the connection when the call is cancelled in the middle', async () => {
    const { server, adapter } = await answered({ body: begin, after: 'hang' })
    const aborter = new AbortController()
    const source = adapter.stream(request(), { signal: aborter.signal })[Symbol.asyncIterator]()
    expect((await source.next()).done).toBe(false)
    const next = source.next()
    aborter.abort(new Error('enough'))
    await expect(next).rejects.toMatchObject({ kind: 'cancelled', retryable: false })
    await server.requests[0]?.closed()
    expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0)
  })

  it('closes the connection when nothing had come yet', async () => {
    let arrived = (): void => {}
    const isThere = new Promise<void>((resolve) => (arrived = resolve))
    const server = await serve({ body: [], after: 'hang' })
    const adapter = anthropic({
      apiKey: 'key',
      baseURL: server.url,
      fetch: (url, init) => {
        arrived()
        return fetch(url, init)
      },
    })
    const aborter = new AbortController()
    const result = collect(adapter, request(), aborter.signal)
    await isThere
    aborter.abort()
    expect((await result).error).toMatchObject({ kind: 'cancelled' })
  })

  it('does not call at all when it was cancelled before', async () => {
    const { server, adapter } = await answered({ body: stream })
    expect((await collect(adapter, request(), AbortSignal.abort())).error).toMatchObject({
      kind: 'cancelled',
    })
    expect(server.requests).toHaveLength(0)
  })

  it('closes the connection when its reader leaves', async () => {
    const { server, adapter } = await answered({ body: begin, after: 'hang' })
    const { signal } = new AbortController()
    for await (const _ of adapter.stream(request(), { signal })) break
    await expect(server.requests[0]?.closed()).resolves.toBeUndefined()
  })

  it('leaves no listener behind, however the call ended', async () => {
    const { signal } = new AbortController()
    const { adapter } = await answered({ body: stream }, errorAnswer(500, 'api_error', 'x'))
    await collect(adapter, request(), signal)
    await collect(adapter, request(), signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('beside the stream', () => {
  const headers = { 'content-type': 'application/json' }
  const context = { signal: new AbortController().signal }

  it('counts tokens', async () => {
    const { server, adapter } = await answered({ headers, body: '{"input_tokens":43}' })
    expect(
      await adapter.countTokens?.(request({ effort: 'high', params: { metadata: {} } }), context),
    ).toBe(43)
    expect(server.requests[0]?.path).toBe('/v1/messages/count_tokens')
    expect(Object.keys(JSON.parse(server.requests[0]?.body ?? '')).toSorted()).toEqual([
      'messages',
      'model',
      'output_config',
      'thinking',
    ])
  })

  it('lists models', async () => {
    const body = JSON.stringify({
      data: [{ type: 'model', id: 'm', display_name: 'M', max_input_tokens: 10, max_tokens: null }],
    })
    const { server, adapter } = await answered({ headers, body })
    expect(await adapter.listModels?.(context)).toEqual([{ id: 'm', name: 'M', contextWindow: 10 }])
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/v1/models?limit=1000' })
  })

  it('fails as a stream does', async () => {
    const { adapter } = await answered(errorAnswer(404, 'not_found_error', 'x'))
    await expect(adapter.countTokens?.(request(), context)).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(adapter.listModels?.({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    })
  })

  it('knows what its models can do', () => {
    expect(anthropic().capabilities?.('claude-haiku-4-5-20251001')).toMatchObject({
      contextWindow: 200_000,
      maxOutputTokens: 64_000,
      temperature: false,
    })
    expect(anthropic({ version: '2023-06-01' }).capabilities?.('never-seen')).toEqual({})
  })
})
