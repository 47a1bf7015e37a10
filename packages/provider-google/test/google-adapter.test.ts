import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { AuthenticationError, ConfigError, ProviderError } from '@harnext/core/provider'
import { bytewise, shownText } from '@harnext/testkit'
import { describe, expect, it, vi } from 'vitest'
import { google } from '../src/index.ts'
import { collect, fixture, request, toolSpec, withoutMadeIds } from './collect.ts'
import { errorAnswer, serve, type Answer } from './loopback.ts'

const stream = fixture('thinking-and-tools.sse.txt')
const tools = [toolSpec('weather'), toolSpec('now')]
const opaque = (data: unknown): object => ({
  opaque: { by: 'google.generateContent', model: 'gemini-3.8-flash', data },
})
const provider = (data: unknown): object => ({ type: 'provider', ...opaque(data) })
const signature = { thoughtSignature: 'c2ln/bmF0dXJl+A==' }
const parts = [
  { type: 'thinking', text: 'Two places, two calls.' },
  { type: 'text', text: 'Ich prüfe das Wetter 🌦️.' },
  {
    type: 'tool_call',
    id: 'fc1',
    tool: 'weather',
    args: { place: 'Zürich' },
    ...opaque({ id: 'fc1', ...signature }),
  },
  { type: 'tool_call', id: 'made', tool: 'now', args: {} },
  { type: 'text', text: '', ...opaque({ thoughtSignature: 'ZW5k' }) },
]
const finish = {
  type: 'finish',
  stopReason: 'tool_calls',
  rawStopReason: 'STOP',
  usage: {
    inputTokens: 345,
    outputTokens: 90,
    cacheReadTokens: 2000,
    cacheWriteTokens: 0,
    reasoningTokens: 30,
    costUsd: null,
  },
}

async function answered(...answers: readonly Answer[]) {
  const server = await serve(...answers)
  return { server, adapter: google({ apiKey: 'key', baseURL: server.url }) }
}

describe('a streamed answer', () => {
  it('becomes deltas, frozen parts and one finish, in one array for a chunk', async () => {
    const { adapter } = await answered({ body: stream })
    const { events, batches, error } = await collect(adapter, request({ tools }))
    expect(error).toBeUndefined()
    // The end of the body is the end of the answer.
    expect(batches).toHaveLength(2)
    expect(withoutMadeIds(events)).toEqual([
      { type: 'thinking', text: 'Two places, ', index: 0 },
      { type: 'thinking', text: 'two calls.', index: 0 },
      { type: 'part', part: parts[0] },
      { type: 'text', text: 'Ich prüfe ', index: 1 },
      { type: 'text', text: 'das Wetter 🌦️.', index: 1 },
      { type: 'part', part: parts[1] },
      { type: 'tool_input', id: 'fc1', tool: 'weather', delta: '{"place":"Zürich"}' },
      { type: 'part', part: parts[2] },
      { type: 'part', part: parts[3] },
      { type: 'part', part: parts[4] },
      finish,
    ])
    const given = events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
    expect(given.every(Object.isFrozen)).toBe(true)
  })

  it('gives every call without an id one of its own', async () => {
    const call = '{"functionCall":{"name":"now","args":{}}}'
    const body = `data: {"candidates":[{"content":{"parts":[${call},${call}]},"finishReason":"STOP"}]}\n\n`
    const { adapter } = await answered({ body })
    const results = [
      await collect(adapter, request({ tools })),
      await collect(adapter, request({ tools })),
    ]
    const ids = results.flatMap((one) =>
      one.parts.map((part) => (part.type === 'tool_call' ? part.id : '')),
    )
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
  })

  it.each([
    ['LF', stream],
    ['CRLF', stream.replaceAll('\n', '\r\n')],
    ['CR', stream.replaceAll('\n', '\r')],
  ])('is the same byte by byte, with %s', async (_name, body) => {
    const { adapter } = await answered({ body: bytewise(body) })
    const result = await collect(adapter, request({ tools }))
    expect(result.error).toBeUndefined()
    expect(withoutMadeIds(result.parts)).toEqual(parts)
    expect(result.finish).toEqual(finish)
    expect(result.batches.length).toBeGreaterThan(5)
    // Bytes without an event are told, too: the provider is not silent.
    expect(result.batches.some((batch) => batch.length === 0)).toBe(true)
    expect(shownText(result.events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
  })

  it('keeps the vendor’s own parts in order and word for word', async () => {
    const { adapter } = await answered({ body: fixture('server-tools.sse.txt') })
    const result = await collect(adapter)
    expect(result.parts).toEqual([
      provider({
        toolCall: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['rust'] } },
        thoughtSignature: 'YQ==',
      }),
      provider({
        toolResponse: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', response: { x: '<b>' } },
        thoughtSignature: 'Yg==',
      }),
      provider({ executableCode: { language: 'PYTHON', code: 'print(1)' } }),
      provider({ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } }),
      provider({ inlineData: { mimeType: 'image/png', data: 'iVBO' } }),
      { type: 'text', text: 'Rust is ' },
      { type: 'text', text: 'fast.', ...opaque({ thoughtSignature: 'Yw==' }) },
      { type: 'source', url: 'https://rust-lang.org', title: 'Rust' },
      { type: 'source', url: 'https://maps.example/x' },
      { type: 'source', url: 'https://cited.example', title: 'Cited' },
    ])
    expect(result.finish).toMatchObject({ stopReason: 'stop', rawStopReason: 'STOP' })
  })

  it.each([
    ['one answer', (chunks: readonly unknown[]) => chunks.at(-1)],
    ['an array of events', (chunks: readonly unknown[]) => chunks],
  ])('is taken whole from a server that does not stream: %s', async (_name, form) => {
    const chunks = stream
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.slice('data: '.length)))
    const all = chunks.flatMap(({ candidates }) => candidates?.[0].content.parts ?? [])
    const last = { ...chunks.at(-1), candidates: [{ ...chunks.at(-1).candidates[0] }] }
    last.candidates[0].content = { parts: all }
    const body = JSON.stringify(form(form([1, 2]) === 2 ? [last] : chunks))
    const { adapter } = await answered({ headers: { 'content-type': 'application/json' }, body })
    const result = await collect(adapter, request({ tools }))
    expect(result.error).toBeUndefined()
    expect(withoutMadeIds(result.parts)).toEqual(parts)
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
    const { error, finish: last } = await collect(adapter, request({ tools }))
    expect(error).toBeUndefined()
    expect(last).toEqual(finish)
    await server.requests[0]?.closed()
  })

  it('is over when the connection breaks behind it', async () => {
    const { adapter } = await answered({ body: stream, after: 'reset' })
    const { error, finish: last } = await collect(adapter, request({ tools }))
    expect(error).toBeUndefined()
    expect(last).toEqual(finish)
  })
})

describe('what is sent', () => {
  it('is one request to the address, with the key as the vendor’s SDK sends it', async () => {
    const { server, adapter } = await answered({ body: stream })
    await collect(adapter, request({ system: 'Be brief.' }))
    const [received] = server.requests
    expect(received).toMatchObject({
      method: 'POST',
      path: '/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    })
    expect(received?.headers).toMatchObject({
      'x-goog-api-key': 'key',
      'content-type': 'application/json',
      'x-goog-api-client': expect.stringContaining('google-genai-sdk/3.'),
    })
    expect(received?.body).toBe(
      '{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}',
    )
  })

  it('takes nothing from the environment, and says nothing on the console', async () => {
    const said = vi.fn<() => void>()
    for (const way of ['log', 'warn', 'debug', 'info', 'error'] as const)
      vi.spyOn(console, way).mockImplementation(said)
    for (const name of ['GOOGLE_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_GENAI_API_KEY'])
      vi.stubEnv(name, 'from-environment')
    vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true')
    vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'sly')
    vi.stubEnv('GOOGLE_CLOUD_LOCATION', 'sly')
    vi.stubEnv('GOOGLE_GEMINI_BASE_URL', 'http://127.0.0.1:1')
    vi.stubEnv('GOOGLE_GENAI_API_VERSION', 'sly')
    try {
      const { server, adapter } = await answered({ body: stream })
      expect((await collect(adapter)).error).toBeUndefined()
      expect(server.requests[0]?.path).toMatch(/^\/v1beta\/models\//)
      expect(server.requests[0]?.headers['x-goog-api-key']).toBe('key')
      const { error } = await collect(google())
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error).toMatchObject({ kind: 'auth', retryable: false })
      expect(said).not.toHaveBeenCalled()
    } finally {
      vi.unstubAllEnvs()
      vi.restoreAllMocks()
    }
  })

  it('uses the headers and the version of its options, and a key that is a header', async () => {
    const server = await serve({ body: stream })
    const adapter = google({
      baseURL: `${server.url}/gateway/v1alpha/`,
      apiVersion: 'v1alpha',
      headers: { Authorization: 'Bearer k2', 'X-Team': 'a' },
    })
    expect((await collect(adapter, request({ model: 'models/gemini-x' }))).error).toBeUndefined()
    expect(server.requests[0]?.path).toBe(
      '/gateway/v1alpha/models/gemini-x:streamGenerateContent?alt=sse',
    )
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer k2', 'x-team': 'a' })
    expect(server.requests[0]?.headers).not.toHaveProperty('x-goog-api-key')
  })

  it('goes to a project at Vertex, with a token for each call', async () => {
    const server = await serve(
      { body: stream },
      { headers: { 'content-type': 'application/json' }, body: '{"totalTokens":7}' },
      {
        headers: { 'content-type': 'application/json' },
        body: '{"publisherModels":[{"name":"publishers/google/models/gemini-3.8-flash"}]}',
      },
    )
    let asked = 0
    const adapter = google({
      baseURL: server.url,
      vertex: { project: 'p-1', location: 'eu', accessToken: () => `t${(asked += 1)}` },
    })
    const context = { signal: new AbortController().signal }
    expect((await collect(adapter)).error).toBeUndefined()
    expect(await adapter.countTokens?.(request(), context)).toBe(7)
    expect(await adapter.listModels?.(context)).toEqual([{ id: 'gemini-3.8-flash' }])
    const model = '/v1beta1/projects/p-1/locations/eu/publishers/google/models/gemini-3.8-flash'
    expect(server.requests.map(({ path }) => path)).toEqual([
      `${model}:streamGenerateContent?alt=sse`,
      `${model}:countTokens`,
      '/v1beta1/publishers/google/models?pageSize=1000',
    ])
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t2',
      'Bearer t3',
    ])
    expect(JSON.parse(server.requests[1]?.body ?? '')).toHaveProperty('contents')
  })

  it.each([
    ['global', 'https://aiplatform.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
  ])('finds the address of a location: %s', async (location, address) => {
    const seen: string[] = []
    const adapter = google({
      vertex: { project: 'p', location, accessToken: async () => 't' },
      fetch: async (url) => {
        seen.push(new URL(url instanceof Request ? url.url : url).origin)
        return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
      },
    })
    expect((await collect(adapter)).error).toBeUndefined()
    expect(seen).toEqual([address])
  })

  it('says who has no access token', async () => {
    const adapter = google({
      vertex: {
        project: 'p',
        location: 'eu',
        accessToken: () => Promise.reject(new Error('log in first')),
      },
    })
    const { error } = await collect(adapter)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ message: 'There is no access token for Google: log in first' })
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
    const adapter = google({ apiKey: 'key', baseURL: server.url, fetch: tap('options') })
    await collect(adapter)
    const { signal } = new AbortController()
    for await (const _ of adapter.stream(request(), { signal, fetch: tap('call') }));
    expect(seen).toEqual(['options', 'object', 'call', 'object'])
  })

  it('is refused at the factory when an address or a name is none', () => {
    expect(() => google({ baseURL: 'localhost' })).toThrow(ConfigError)
    const vertex = { project: 'a/../b', location: 'eu', accessToken: () => '' }
    expect(() => google({ vertex })).toThrow(ConfigError)
    expect(() => google({ vertex: { ...vertex, project: 'a', location: 'e?' } })).toThrow(
      ConfigError,
    )
  })

  it('is refused before it is sent when the name of the model leads elsewhere', async () => {
    const { server, adapter } = await answered({ body: stream })
    expect((await collect(adapter, request({ model: '../x' }))).error).toMatchObject({
      kind: 'invalid_request',
      retryable: false,
    })
    expect(server.requests).toHaveLength(0)
  })
})

describe('errors', () => {
  const badKey = [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' },
  ]
  it.each([
    [errorAnswer(400, 'INVALID_ARGUMENT', 'Invalid JSON payload.'), 'invalid_request', false],
    [
      errorAnswer(
        400,
        'INVALID_ARGUMENT',
        'The input token count (9) exceeds the maximum number of tokens allowed (8).',
      ),
      'overflow',
      false,
    ],
    [errorAnswer(400, 'INVALID_ARGUMENT', 'API key not valid.', badKey), 'auth', false],
    [errorAnswer(401, 'UNAUTHENTICATED', 'No.'), 'auth', false],
    [errorAnswer(403, 'PERMISSION_DENIED', 'Not yours.'), 'permission', false],
    [errorAnswer(404, 'NOT_FOUND', 'models/x is not found'), 'not_found', false],
    [errorAnswer(429, 'RESOURCE_EXHAUSTED', 'Slow down.'), 'rate_limit', true],
    [errorAnswer(500, 'INTERNAL', 'An internal error has occurred.'), 'server', true],
    [errorAnswer(503, 'UNAVAILABLE', 'The model is overloaded.'), 'overloaded', true],
    [errorAnswer(504, 'DEADLINE_EXCEEDED', 'Too late.'), 'timeout', true],
  ])('knows the status: %o', async (answer, kind, retryable) => {
    const { server, adapter } = await answered(answer)
    const { error, events } = await collect(adapter)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ kind, retryable, status: answer.status, partial: '' })
    expect(events).toEqual([])
    // Repeating is not the adapter's business.
    expect(server.requests).toHaveLength(1)
  })

  it('reads how long to wait, also from an array of errors', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' }]
    const { body, ...rest } = errorAnswer(429, 'RESOURCE_EXHAUSTED', 'Slow down.', details)
    const { adapter } = await answered({ ...rest, body }, { ...rest, body: `[${String(body)}]` })
    for (let at = 0; at < 2; at++)
      expect((await collect(adapter)).error).toMatchObject({
        kind: 'rate_limit',
        retryAfterMs: 34_500,
        message: 'Google answered 429 RESOURCE_EXHAUSTED: Slow down.',
      })
  })

  it('tells a quota of days from one of minutes', async () => {
    const message = 'You exceeded your current quota, please check your plan and billing details.'
    const quota = (quotaId: string) =>
      errorAnswer(429, 'RESOURCE_EXHAUSTED', message, [{ violations: [{ quotaId }] }])
    const { adapter } = await answered(
      quota('GenerateRequestsPerDayPerProjectPerModel'),
      quota('GenerateRequestsPerMinutePerProjectPerModel'),
    )
    expect((await collect(adapter)).error).toMatchObject({ kind: 'quota', retryable: false })
    expect((await collect(adapter)).error).toMatchObject({ kind: 'rate_limit', retryable: true })
  })

  it('shows plain text as it is', async () => {
    const { adapter } = await answered({
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Bad Gateway</h1>',
    })
    expect((await collect(adapter)).error).toMatchObject({
      kind: 'server',
      message: 'Google answered 502: <h1>Bad Gateway</h1>',
    })
  })

  const begin = stream.split('\n\n').slice(0, 3).join('\n\n') + '\n\n'

  it('passes on what came before an error in the same chunk', async () => {
    const error = { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } }
    const { adapter } = await answered({ body: `${begin}data: ${JSON.stringify(error)}\n\n` })
    const result = await collect(adapter)
    expect(shownText(result.events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
    expect(result.finish).toBeUndefined()
    expect(result.error).toMatchObject({
      kind: 'overloaded',
      status: 503,
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
    ['data: {"candidates":\n\n', 'text/event-stream'],
    ['data: null\n\n', 'text/event-stream'],
    ['data: {"candidates":7}\n\n', 'text/event-stream'],
    ['data: {"candidates":[{"content":{"parts":[null]}}]}\n\n', 'text/event-stream'],
    ['<html></html>', 'text/html'],
    ['[]', 'application/json'],
    ['{}', 'application/json'],
    ['null', 'application/json'],
  ])('calls nonsense by its name: %s', async (body, type) => {
    const { adapter } = await answered({ headers: { 'content-type': type }, body })
    const { error } = await collect(adapter)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ kind: 'protocol', retryable: false })
  })

  it('takes an error that comes with 200 for what it is', async () => {
    const { adapter } = await answered({
      ...errorAnswer(503, 'UNAVAILABLE', 'Overloaded'),
      status: 200,
    })
    expect((await collect(adapter)).error).toMatchObject({ kind: 'overloaded', retryable: true })
  })

  it('says why nobody answered', async () => {
    const { error } = await collect(google({ apiKey: 'key', baseURL: 'http://127.0.0.1:1' }))
    expect(error).toMatchObject({ kind: 'network', retryable: true })
    expect((error as Error).message).toMatch(/^The connection to Google failed: .+/)
  })

  it('says that a whole answer broke off', async () => {
    const { adapter } = await answered({
      headers: { 'content-type': 'application/json', 'content-length': '999' },
      body: '{"candidates":',
      after: 'reset',
    })
    expect((await collect(adapter)).error).toMatchObject({ kind: 'network', retryable: true })
  })
})

describe('leaving', () => {
  const begin = stream.slice(0, stream.indexOf('data: {"usageMetadata"'))

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
    const adapter = google({
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

  it('does not wait for a login that hangs', async () => {
    const aborter = new AbortController()
    const adapter = google({
      vertex: {
        project: 'p',
        location: 'eu',
        accessToken: () => {
          aborter.abort()
          return new Promise<string>(() => {})
        },
      },
    })
    expect((await collect(adapter, request(), aborter.signal)).error).toMatchObject({
      kind: 'cancelled',
    })
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
    const { adapter } = await answered({ body: stream }, errorAnswer(500, 'INTERNAL', 'x'))
    await collect(adapter, request(), signal)
    await collect(adapter, request(), signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('beside the stream', () => {
  const headers = { 'content-type': 'application/json' }
  const context = { signal: new AbortController().signal }

  it('counts tokens of the whole request', async () => {
    const { server, adapter } = await answered({ headers, body: '{"totalTokens":43}' })
    expect(await adapter.countTokens?.(request({ system: 'S', tools }), context)).toBe(43)
    expect(server.requests[0]?.path).toBe('/v1beta/models/gemini-3.8-flash:countTokens')
    const { generateContentRequest } = JSON.parse(server.requests[0]?.body ?? '')
    expect(generateContentRequest).toMatchObject({
      model: 'models/gemini-3.8-flash',
      systemInstruction: { parts: [{ text: 'S' }] },
      tools: [{ functionDeclarations: [{ name: 'weather' }, { name: 'now' }] }],
      contents: [{ role: 'user' }],
    })
  })

  it('lists the models that answer', async () => {
    const body = JSON.stringify({
      models: [
        {
          name: 'models/m',
          displayName: 'M',
          inputTokenLimit: 10,
          supportedGenerationMethods: ['generateContent', 'countTokens'],
        },
        { name: 'models/e', supportedGenerationMethods: ['embedContent'] },
      ],
    })
    const { server, adapter } = await answered({ headers, body })
    expect(await adapter.listModels?.(context)).toEqual([{ id: 'm', name: 'M', contextWindow: 10 }])
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      path: '/v1beta/models?pageSize=1000',
    })
    expect(server.requests[0]?.body).toBe('')
  })

  it('fails as a stream does', async () => {
    const { adapter } = await answered(errorAnswer(404, 'NOT_FOUND', 'x'), { headers, body: '{}' })
    await expect(adapter.countTokens?.(request(), context)).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(adapter.countTokens?.(request(), context)).rejects.toMatchObject({
      kind: 'protocol',
    })
    await expect(adapter.listModels?.({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    })
  })

  it('knows what its models can do', () => {
    expect(google().capabilities?.('gemini-2.5-pro')).toMatchObject({
      contextWindow: 1_048_576,
      maxOutputTokens: 65_536,
      effort: true,
    })
    expect(google().capabilities?.('gemini-2.0-flash-001')).toEqual({ effort: false })
    expect(google().capabilities?.('never-seen')).toEqual({ effort: true })
  })
})
