import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { AuthenticationError, ConfigError, ProviderError } from '@harnext/core/provider'
import { bytewise, shownText } from '@harnext/testkit'
import { describe, expect, it, vi } from 'vitest'
import { openai, openaiChat, openaiCompatible } from '../src/index.ts'
import { sampleText, sampleThinking, samples } from './answers.ts'
import { collect, inputs, request } from './collect.ts'
import { errorAnswer, json, serve, sse, type Answer } from './loopback.ts'

describe.each(samples)('$api', ({ api, path, adapter: make, stream, ...sample }) => {
  async function answered(...answers: readonly Answer[]) {
    const server = await serve(...answers)
    return { server, adapter: make({ apiKey: 'key', baseURL: `${server.url}/v1` }) }
  }

  describe('a streamed answer', () => {
    it('becomes deltas, frozen parts and one finish, in one array for a chunk', async () => {
      const { adapter } = await answered({ body: stream })
      expect(adapter).toMatchObject({ id: 'openai', api })
      const { events, batches, parts, finish, error } = await collect(adapter)
      expect(error).toBeUndefined()
      expect(batches).toHaveLength(1)
      expect(parts).toEqual(sample.parts)
      expect(finish).toEqual(sample.finish)
      expect(events.at(-1)).toBe(finish)
      expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1)
      expect(shownText(events, 'thinking')).toBe(sampleThinking)
      expect(shownText(events, 'text')).toBe(sampleText)
      expect(inputs(events)).toEqual(sample.inputs)
      expect(events.filter(({ type }) => type === 'text')).toHaveLength(2)
      expect(parts.every(Object.isFrozen)).toBe(true)
    })

    it.each([
      ['LF', stream],
      ['CRLF', stream.replaceAll('\n', '\r\n')],
      ['CR', stream.replaceAll('\n', '\r')],
      ['comments between', stream.replaceAll('\n\n', '\n\n: KEEP ALIVE\n\n')],
    ])('is the same byte by byte, with %s', async (_name, body) => {
      const { adapter } = await answered({ body: bytewise(body) })
      const result = await collect(adapter)
      expect(result.error).toBeUndefined()
      expect(result.parts).toEqual(sample.parts)
      expect(result.finish).toEqual(sample.finish)
      expect(result.batches.length).toBeGreaterThan(5)
      // Bytes without an event are told, too: the provider is not silent.
      expect(result.batches.some((batch) => batch.length === 0)).toBe(true)
      expect(shownText(result.events, 'text')).toBe(sampleText)
    })

    it('is taken whole from a server that does not stream', async () => {
      const { adapter } = await answered({ headers: json, body: JSON.stringify(sample.whole) })
      const { events, parts, finish, error } = await collect(adapter)
      expect(error).toBeUndefined()
      expect(parts).toEqual(sample.parts)
      expect(finish).toEqual(sample.finish)
      expect(shownText(events, 'thinking')).toBe(sampleThinking)
      expect(shownText(events, 'text')).toBe(sampleText)
      expect(inputs(events)).toEqual(sample.inputs)
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

    it('is over at its end, whatever comes behind', async () => {
      const { adapter } = await answered({ body: stream + stream })
      const { events, error } = await collect(adapter)
      expect(error).toBeUndefined()
      expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1)
      expect(events.at(-1)).toEqual(sample.finish)
    })

    it('is over where it is complete, though the server sets no mark behind it', async () => {
      const { adapter } = await answered({ body: stream.slice(0, sample.completeAt) })
      const { parts, finish, error } = await collect(adapter)
      expect(error).toBeUndefined()
      expect(parts).toEqual(sample.parts)
      expect(finish).toMatchObject({ stopReason: 'tool_calls' })
    })

    it('is over when the server leaves the connection open behind it', async () => {
      const { server, adapter } = await answered({ body: stream, after: 'hang' })
      const { error, finish } = await collect(adapter)
      expect(error).toBeUndefined()
      expect(finish).toEqual(sample.finish)
      await server.requests[0]?.closed()
    })

    it('shows its warnings with the answer, and not before', async () => {
      const { adapter } = await answered({ body: stream }, errorAnswer(500, 'server_error', 'x'))
      const odd = request({ toolChoice: 'required' })
      const { batches } = await collect(adapter, odd)
      expect(batches[0]?.[0]).toMatchObject({ type: 'warning', code: 'tool_choice_unsupported' })
      expect((await collect(adapter, odd)).events).toEqual([])
    })
  })

  describe('what is sent', () => {
    it('is one request to the address, with the key as the vendor’s SDK sends it', async () => {
      const { server, adapter } = await answered({ body: stream })
      await collect(adapter, request({ system: 'Be brief.' }))
      const [received] = server.requests
      expect(received).toMatchObject({ method: 'POST', path: `/v1${path}` })
      expect(received?.headers).toMatchObject({
        authorization: 'Bearer key',
        'content-type': 'application/json',
        'x-stainless-retry-count': '0',
      })
      expect(received?.headers).not.toHaveProperty('x-stainless-timeout')
      expect(JSON.parse(received?.body ?? '')).toMatchObject({ model: 'gpt-5.4', stream: true })
    })

    it('takes nothing from the environment', async () => {
      for (const name of ['API_KEY', 'ADMIN_KEY', 'ORG_ID', 'PROJECT_ID', 'WEBHOOK_SECRET'])
        vi.stubEnv(`OPENAI_${name}`, 'from-environment')
      vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1')
      vi.stubEnv('OPENAI_LOG', 'debug')
      vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-sly: 1\nauthorization: no\ncontent-type: text/plain')
      const logged = vi.spyOn(console, 'debug').mockImplementation(() => {})
      try {
        const { server, adapter } = await answered({ body: stream })
        expect((await collect(adapter)).error).toBeUndefined()
        const headers = server.requests[0]?.headers
        expect(JSON.stringify(headers)).not.toContain('from-environment')
        expect(headers).not.toHaveProperty('x-sly')
        expect(headers).toMatchObject({
          authorization: 'Bearer key',
          'content-type': 'application/json',
        })
        expect(logged).not.toHaveBeenCalled()
        const { error } = await collect(make({ baseURL: server.url }))
        expect(error).toBeInstanceOf(AuthenticationError)
        expect(error).toMatchObject({ kind: 'auth', retryable: false })
        expect(server.requests).toHaveLength(1)
      } finally {
        logged.mockRestore()
        vi.unstubAllEnvs()
      }
    })

    it('uses the headers of its options, a key that is a header, and an address with a query', async () => {
      const server = await serve({ body: stream })
      const adapter = make({
        baseURL: `${server.url}/gateway?api-version=1`,
        headers: { 'Api-Key': 'k2', 'OpenAI-Project': 'p' },
      })
      expect((await collect(adapter)).error).toBeUndefined()
      expect(server.requests[0]?.path).toBe(`/gateway${path}?api-version=1`)
      expect(server.requests[0]?.headers).toMatchObject({ 'api-key': 'k2', 'openai-project': 'p' })
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
      const adapter = make({ apiKey: 'key', baseURL: server.url, fetch: tap('options') })
      await collect(adapter)
      const { signal } = new AbortController()
      for await (const _ of adapter.stream(request(), { signal, fetch: tap('call') }));
      expect(seen).toEqual(['options', 'object', 'call', 'object'])
    })

    it('has an address where the options say nothing of it', async () => {
      let sent = ''
      const send: typeof fetch = (url) => {
        sent = url as string
        return Promise.resolve(new Response(stream))
      }
      const options = { apiKey: 'key', fetch: send, baseURL: undefined } as object
      expect((await collect(make(options))).error).toBeUndefined()
      expect(sent).toBe(`https://api.openai.com/v1${path}`)
    })

    it('is refused at the factory when the address is none', () => {
      expect(() => make({ baseURL: 'localhost' })).toThrow(ConfigError)
    })
  })

  describe('errors', () => {
    it.each([
      [errorAnswer(400, 'unsupported_parameter', 'No.'), 'invalid_request', false],
      [errorAnswer(400, 'context_length_exceeded', 'Too long.'), 'overflow', false],
      [errorAnswer(400, 'content_filter', 'Filtered.'), 'refused', false],
      [errorAnswer(400, 'tool_use_failed', 'No call.'), 'server', true],
      [errorAnswer(401, 'invalid_api_key', 'Incorrect API key.'), 'auth', false],
      [errorAnswer(403, 'unsupported_country', 'Not here.'), 'permission', false],
      [errorAnswer(404, 'model_not_found', 'No such model.'), 'not_found', false],
      [errorAnswer(413, 'too_large', 'Too large.'), 'overflow', false],
      [errorAnswer(429, 'rate_limit_exceeded', 'Slow down.'), 'rate_limit', true],
      [errorAnswer(429, 'insufficient_quota', 'No money.'), 'quota', false],
      [errorAnswer(500, 'server_error', 'Sorry.'), 'server', true],
      [errorAnswer(503, 'overloaded', 'Busy.'), 'overloaded', true],
    ])('know the status and the code: %o', async (answer, kind, retryable) => {
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
      ['{"error":"model not loaded"}', 'model not loaded'],
      ['{"error":{"message":"x","code":500}}', 'x'],
      ['{"message":"x"}', 'x'],
      ['{"object":"error","message":"x","code":400}', 'x'],
      ['[{"error":{"message":"x"}}]', 'x'],
      ['{ broken', '{ broken'],
      ['plain', 'plain'],
    ])('are read in any shape: %s', async (body, message) => {
      const { adapter } = await answered({ status: 400, headers: json, body })
      const { error } = await collect(adapter)
      expect(error).toMatchObject({ kind: 'invalid_request', status: 400 })
      expect((error as Error).message).toMatch(new RegExp(`: ${message.replace('{', '\\{')}$`))
    })

    it.each([
      [{ 'retry-after': '3' }, 3000],
      [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
      [{ 'retry-after-ms': '0', 'retry-after': '1' }, 1000],
    ])('say how long to wait: %o', async (headers, retryAfterMs) => {
      const { adapter } = await answered(errorAnswer(429, 'x', 'Slow down.', headers))
      expect((await collect(adapter)).error).toMatchObject({ kind: 'rate_limit', retryAfterMs })
    })

    it('pass on what came before one in the same chunk', async () => {
      const error = { error: { code: 'server_error', message: 'Sorry.' } }
      const event = path === '/responses' ? { type: 'error', ...error } : error
      const { adapter } = await answered({ body: sample.beginning + sse([event]) })
      const result = await collect(adapter)
      expect(shownText(result.events, 'text')).toBe(sampleText)
      expect(result.finish).toBeUndefined()
      expect(result.error).toMatchObject({ kind: 'server', retryable: true, partial: sampleText })
    })

    it.each([['end'], ['reset']] as const)(
      'never take a cut stream for an answer: %s',
      async (after) => {
        for (let at = 0; at < sample.completeAt - 2; at += 97) {
          const { adapter } = await answered({ body: stream.slice(0, at), after })
          const { error, finish } = await collect(adapter)
          expect(finish).toBeUndefined()
          expect(error).toBeInstanceOf(ProviderError)
          expect(['stream_truncated', 'network']).toContain((error as ProviderError).kind)
          expect((error as ProviderError).retryable).toBe(true)
        }
      },
    )

    it.each([
      ['data: {"type":\n\n', 'text/event-stream'],
      ['data: null\n\n', 'text/event-stream'],
      ['data: []\n\n', 'text/event-stream'],
      ['<html></html>', 'text/html'],
      ['[]', 'application/json'],
      ['null', 'application/json'],
      ['{}', 'application/json'],
    ])('call nonsense by its name: %s', async (body, type) => {
      const { adapter } = await answered({ headers: { 'content-type': type }, body })
      const { error, finish } = await collect(adapter)
      expect(finish).toBeUndefined()
      expect(error).toBeInstanceOf(ProviderError)
      expect(error).toMatchObject({ kind: 'protocol', retryable: false })
    })

    it('take one that comes with 200 for what it is', async () => {
      const { adapter } = await answered({ ...errorAnswer(200, 'rate_limit_exceeded', 'x') })
      expect((await collect(adapter)).error).toMatchObject({ kind: 'rate_limit', retryable: true })
    })

    it('say why nobody answered', async () => {
      const { error } = await collect(make({ apiKey: 'key', baseURL: 'http://127.0.0.1:1' }))
      expect(error).toMatchObject({ kind: 'network', retryable: true })
      expect((error as Error).message).toMatch(/^The connection to OpenAI failed: .+/)
    })
  })

  describe('leaving', () => {
    it('closes the connection when the call is cancelled in the middle', async () => {
      const { server, adapter } = await answered({ body: sample.beginning, after: 'hang' })
      const aborter = new AbortController()
      const source = adapter.stream(request(), { signal: aborter.signal })[Symbol.asyncIterator]()
      expect((await source.next()).done).toBe(false)
      const next = source.next()
      aborter.abort(new Error('enough'))
      await expect(next).rejects.toMatchObject({
        kind: 'cancelled',
        retryable: false,
        partial: sampleText,
      })
      await server.requests[0]?.closed()
      expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0)
    })

    it('closes the connection when nothing had come yet', async () => {
      let arrived = (): void => {}
      const isThere = new Promise<void>((resolve) => (arrived = resolve))
      const server = await serve({ body: [], after: 'hang' })
      const adapter = make({
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
      const { server, adapter } = await answered({ body: sample.beginning, after: 'hang' })
      const { signal } = new AbortController()
      for await (const _ of adapter.stream(request(), { signal })) break
      await expect(server.requests[0]?.closed()).resolves.toBeUndefined()
    })

    it('leaves no listener behind, however the call ended', async () => {
      const { signal } = new AbortController()
      const { adapter } = await answered({ body: stream }, errorAnswer(500, 'server_error', 'x'))
      await collect(adapter, request(), signal)
      await collect(adapter, request(), signal)
      expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    })
  })
})

describe('beside the stream', () => {
  const context = { signal: new AbortController().signal }

  it('counts tokens', async () => {
    const server = await serve({ headers: json, body: '{"object":"x","input_tokens":43}' })
    const adapter = openai({ apiKey: 'key', baseURL: server.url })
    expect(await adapter.countTokens?.(request(), context)).toBe(43)
    expect(server.requests[0]?.path).toBe('/responses/input_tokens')
    expect(JSON.parse(server.requests[0]?.body ?? '')).toHaveProperty('input')
  })

  it('lists models with what the vendor says of them', async () => {
    const body = JSON.stringify({
      data: [
        { id: 'a', object: 'model' },
        { id: 'b', name: 'B', context_length: 10, top_provider: { max_completion_tokens: 5 } },
        { id: 'c', context_window: 20, max_completion_tokens: 6 },
        { id: 'd', max_model_len: 30 },
        { object: 'model' },
      ],
    })
    const server = await serve({ headers: json, body })
    const options = { apiKey: 'key', baseURL: server.url }
    const expected = [
      { id: 'a' },
      { id: 'b', name: 'B', contextWindow: 10, maxOutputTokens: 5 },
      { id: 'c', contextWindow: 20, maxOutputTokens: 6 },
      { id: 'd', contextWindow: 30 },
    ]
    for (const adapter of [
      openai(options),
      openaiChat(options),
      openaiCompatible({ id: 'x', ...options }),
    ])
      expect(await adapter.listModels?.(context)).toEqual(expected)
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/models' })
  })

  it('fails as a stream does', async () => {
    const server = await serve(errorAnswer(404, 'not_found', 'x'), { headers: json, body: '{}' })
    const adapter = openai({ apiKey: 'key', baseURL: server.url })
    await expect(adapter.countTokens?.(request(), context)).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(adapter.countTokens?.(request(), context)).rejects.toMatchObject({
      kind: 'protocol',
    })
    await expect(adapter.listModels?.(context)).rejects.toMatchObject({ kind: 'protocol' })
    await expect(adapter.listModels?.({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    })
  })

  it('knows which models think, as far as it is certain', () => {
    for (const adapter of [openai(), openaiChat()]) {
      expect(adapter.capabilities?.('gpt-5.4')).toEqual({ effort: true, temperature: false })
      expect(adapter.capabilities?.('gpt-4o')).toEqual({ effort: false, temperature: true })
      expect(adapter.capabilities?.('my-deployment')).toEqual({})
    }
  })
})
