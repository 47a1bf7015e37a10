import { getEventListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { ConfigError, ProviderError } from '@harnext/core/provider'
import { bytewise, shownText } from '@harnext/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ollama } from '../src/index.ts'
import { collect, fixture, request, toolSpec, withoutMadeIds } from './collect.ts'
import { errorAnswer, json, serve, type Answer } from './loopback.ts'

const stream = fixture('thinking-and-tools.ndjson.txt')
const parts = [
  { type: 'thinking', text: 'Two places, two calls.' },
  { type: 'text', text: 'Ich prüfe das Wetter 🌦️.' },
  { type: 'tool_call', id: 'call_abc', tool: 'weather', args: { place: 'Zürich' } },
  { type: 'tool_call', id: 'made', tool: 'now', args: {} },
]
const finish = {
  type: 'finish',
  stopReason: 'tool_calls',
  rawStopReason: 'stop',
  usage: {
    inputTokens: 340,
    outputTokens: 90,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    costUsd: null,
  },
}

/** With a given length of context no model is asked for its own. */
async function answered(...answers: readonly Answer[]) {
  const server = await serve(...answers)
  return { server, adapter: ollama({ baseURL: server.url, contextLength: 8192 }) }
}

describe('a streamed answer', () => {
  it('becomes deltas, frozen parts and one finish, in one array for a chunk', async () => {
    const { adapter } = await answered({ body: stream })
    const { events, batches, error } = await collect(adapter)
    expect(error).toBeUndefined()
    expect(batches).toHaveLength(1)
    expect(withoutMadeIds(events)).toEqual([
      { type: 'thinking', text: 'Two places, ', index: 0 },
      { type: 'thinking', text: 'two calls.', index: 0 },
      { type: 'part', part: parts[0] },
      { type: 'text', text: 'Ich prüfe ', index: 1 },
      { type: 'text', text: 'das Wetter 🌦️.', index: 1 },
      { type: 'part', part: parts[1] },
      { type: 'tool_input', id: 'call_abc', tool: 'weather', delta: '{"place":"Zürich"}' },
      { type: 'part', part: parts[2] },
      { type: 'part', part: parts[3] },
      finish,
    ])
    const given = events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
    expect(given.every(Object.isFrozen)).toBe(true)
  })

  it('gives every call without an id one of its own', async () => {
    const call = { function: { name: 'now', arguments: {} } }
    const body = `${JSON.stringify({ message: { tool_calls: [call, call] }, done: true })}\n`
    const { adapter } = await answered({ body })
    const results = [await collect(adapter), await collect(adapter)]
    const ids = results.flatMap((one) =>
      one.parts.map((part) => (part.type === 'tool_call' ? part.id : '')),
    )
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
  })

  it.each([
    ['LF', stream],
    ['CRLF', stream.replaceAll('\n', '\r\n')],
    ['no end behind its last line', stream.trimEnd()],
  ])('is the same byte by byte, with %s', async (_name, body) => {
    const { adapter } = await answered({ body: bytewise(body) })
    const result = await collect(adapter)
    expect(result.error).toBeUndefined()
    expect(withoutMadeIds(result.parts)).toEqual(parts)
    expect(result.finish).toEqual(finish)
    expect(result.batches.length).toBeGreaterThan(5)
    // Bytes without an event are told, too: the provider is not silent.
    expect(result.batches.some((batch) => batch.length === 0)).toBe(true)
    expect(shownText(result.events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
  })

  const whole = {
    message: {
      role: 'assistant',
      thinking: 'Two places, two calls.',
      content: 'Ich prüfe das Wetter 🌦️.',
      tool_calls: [
        { id: 'call_abc', function: { name: 'weather', arguments: { place: 'Zürich' } } },
        { function: { name: 'now', arguments: {} } },
      ],
    },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 340,
    eval_count: 90,
  }
  it.each([
    ['in one line', JSON.stringify(whole)],
    ['printed over many', JSON.stringify(whole, null, 2)],
    ['which a gateway calls so', stream],
  ])('is taken whole from a server that does not stream: %s', async (_name, body) => {
    const { adapter } = await answered({ headers: { 'content-type': 'application/json' }, body })
    const result = await collect(adapter)
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
    const { error, finish: last } = await collect(adapter)
    expect(error).toBeUndefined()
    expect(last).toEqual(finish)
    await server.requests[0]?.closed()
  })
})

describe('what is sent', () => {
  it('is one request to the address', async () => {
    const { server, adapter } = await answered({ body: stream })
    await collect(adapter, request({ system: 'Be brief.' }))
    const [received] = server.requests
    expect(received).toMatchObject({ method: 'POST', path: '/api/chat' })
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringContaining('ollama-js/'),
    })
    expect(JSON.parse(received?.body ?? '')).toEqual({
      model: 'qwen3:4b',
      stream: true,
      truncate: false,
      shift: false,
      options: { num_ctx: 8192 },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    })
  })

  it('takes no key from the environment', async () => {
    vi.stubEnv('OLLAMA_API_KEY', 'from-environment')
    vi.stubEnv('OLLAMA_HOST', 'http://127.0.0.1:1')
    onTestFinished(() => void vi.unstubAllEnvs())
    const seen: (string | null)[] = []
    const tap: typeof fetch = async (url, init) => {
      seen.push(url as string, new Headers(init?.headers).get('authorization'))
      return new Response(stream, { headers: { 'content-type': 'application/x-ndjson' } })
    }
    const hosted = { baseURL: 'https://ollama.com', contextLength: 1000, fetch: tap }
    await collect(ollama(hosted))
    await collect(ollama({ ...hosted, headers: { Authorization: 'Bearer mine' } }))
    await collect(ollama({ contextLength: 1000, fetch: tap }))
    expect(seen).toEqual([
      'https://ollama.com:443/api/chat',
      null,
      'https://ollama.com:443/api/chat',
      'Bearer mine',
      'http://127.0.0.1:11434/api/chat',
      null,
    ])
  })

  it('takes an address in the forms that people write', async () => {
    const server = await serve({ body: stream })
    const { host } = new URL(server.url)
    for (const baseURL of [host, `${server.url}/api/`, `${server.url}/v1`, `${server.url}/proxy`])
      expect((await collect(ollama({ baseURL, contextLength: 9 }))).error).toBeUndefined()
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/chat',
      '/api/chat',
      '/api/chat',
      '/proxy/api/chat',
    ])
  })

  it('is refused at the factory when an option makes no sense', () => {
    expect(() => ollama({ baseURL: 'unix:///x' })).toThrow(ConfigError)
    expect(() => ollama({ baseURL: '' })).toThrow(ConfigError)
    expect(() => ollama({ contextLength: 0.5 })).toThrow(ConfigError)
    expect(() => ollama({ contextLength: 0 })).toThrow(ConfigError)
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
    const options = { baseURL: server.url, contextLength: 8192 }
    const adapter = ollama({ ...options, fetch: tap('options') })
    await collect(adapter)
    const { signal } = new AbortController()
    for await (const _ of adapter.stream(request(), { signal, fetch: tap('call') }));
    expect(seen).toEqual(['options', 'object', 'call', 'object'])
  })

  it('never is a file that is named like an image', async () => {
    const folder = await mkdtemp(`${tmpdir()}/ollama-`)
    onTestFinished(() => rm(folder, { recursive: true }))
    const secret = `${folder}/secret`
    await writeFile(secret, 'do not send')
    const { server, adapter } = await answered({ body: stream })
    const image = { type: 'image', mediaType: 'image/png', data: secret } as const
    await collect(adapter, request({ messages: [{ role: 'user', content: [image] }] }))
    expect(JSON.parse(server.requests[0]?.body ?? '').messages[0].images).toEqual([secret])
  })
})

describe('what a model can', () => {
  const show = json({
    capabilities: ['completion', 'tools'],
    model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
  })

  it('is asked once, before its first call', async () => {
    const server = await serve(show, { body: stream }, { body: stream }, show, { body: stream })
    const adapter = ollama({ baseURL: server.url })
    expect(adapter.capabilities?.('qwen3:4b')).toEqual({})
    const first = await collect(adapter, request({ effort: 'high' }))
    expect(first.events[0]).toMatchObject({ type: 'warning', code: 'effort_unsupported' })
    await collect(adapter)
    await collect(adapter, request({ model: 'other' }))
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/show',
      '/api/chat',
      '/api/chat',
      '/api/show',
      '/api/chat',
    ])
    expect(server.requests[0]?.body).toBe('{"model":"qwen3:4b"}')
    const bodies = server.requests.map(({ body }) => JSON.parse(body))
    expect(bodies[1]).toMatchObject({ options: { num_ctx: 40_960 } })
    expect(bodies[1]).not.toHaveProperty('think')
    expect(adapter.capabilities?.('qwen3:4b')).toEqual({
      contextWindow: 40_960,
      images: false,
      tools: true,
      effort: false,
    })
    expect(ollama({ contextLength: 5 }).capabilities?.('x')).toEqual({ contextWindow: 5 })
  })

  it.each([
    ['a server that has no such answer', errorAnswer(404, '404 page not found')],
    ['a model without a length', json({ capabilities: ['tools'] })],
    ['nonsense', { body: '<html>' }],
    ['a failure', errorAnswer(500, 'oops')],
  ])('may stay unknown, with a warning: %s', async (_name, answer) => {
    const server = await serve(answer, { body: stream })
    const { events, error } = await collect(ollama({ baseURL: server.url }))
    expect(error).toBeUndefined()
    expect(events[0]).toMatchObject({ type: 'warning', code: 'context_unknown' })
    expect(JSON.parse(server.requests[1]?.body ?? '')).not.toHaveProperty('options')
  })

  it('is asked again when there was no answer', async () => {
    const server = await serve(errorAnswer(404, 'x'), { body: stream }, show, { body: stream })
    const adapter = ollama({ baseURL: server.url })
    await collect(adapter)
    expect((await collect(adapter)).events[0]).toMatchObject({ type: 'thinking' })
    expect(server.requests).toHaveLength(4)
  })

  it('is not asked twice when the server turns the question down', async () => {
    const server = await serve(errorAnswer(401, 'unauthorized'))
    const { error } = await collect(ollama({ baseURL: server.url }))
    expect(error).toMatchObject({ kind: 'auth' })
    expect(server.requests).toHaveLength(1)
  })

  it('warns when the prompt fills the context', async () => {
    const server = await serve({ body: stream })
    const call = (contextLength: number) => collect(ollama({ baseURL: server.url, contextLength }))
    expect((await call(370)).events.at(-2)).toEqual({
      type: 'warning',
      code: 'context_nearly_full',
      message: expect.stringContaining('340 of the 370 tokens'),
    })
    expect((await call(400)).events.some(({ type }) => type === 'warning')).toBe(false)
  })
})

describe('errors', () => {
  it.each([
    [errorAnswer(400, '"gemma3" does not support tools'), 'invalid_request', false],
    [errorAnswer(400, 'the input length exceeds the context length'), 'overflow', false],
    [errorAnswer(401, 'unauthorized'), 'auth', false],
    [errorAnswer(404, "model 'qwen3' not found"), 'not_found', false],
    [errorAnswer(429, 'you have reached your hourly usage limit'), 'rate_limit', true],
    [errorAnswer(500, 'llama runner process has terminated'), 'server', true],
    [
      errorAnswer(500, 'model requires more system memory (38.1 GiB) than is available (9.4 GiB)'),
      'invalid_request',
      false,
    ],
    [errorAnswer(502, 'bad gateway'), 'server', true],
    [errorAnswer(503, 'server busy, please try again.'), 'overloaded', true],
  ])('knows the status: %o', async (answer, kind, retryable) => {
    const { server, adapter } = await answered(answer)
    const { error, events } = await collect(adapter)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ kind, retryable, status: answer.status, partial: '' })
    expect(events).toEqual([])
    // Repeating is not the adapter's business.
    expect(server.requests).toHaveLength(1)
  })

  it('says what helps against too little memory', async () => {
    const { adapter } = await answered(errorAnswer(500, 'model requires more system memory (9)'))
    expect((await collect(adapter)).error).toMatchObject({
      message:
        'Ollama answered 500: model requires more system memory (9) A smaller contextLength needs less.',
    })
  })

  it('says how long to wait', async () => {
    const { headers, ...rest } = errorAnswer(429, 'later')
    const { adapter } = await answered({ ...rest, headers: { ...headers, 'retry-after': '3' } })
    expect((await collect(adapter)).error).toMatchObject({ retryAfterMs: 3000 })
  })

  it('shows plain text as it is, and nothing on the console', async () => {
    const said = vi.spyOn(console, 'log')
    onTestFinished(() => said.mockRestore())
    const { adapter } = await answered({
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Bad Gateway</h1>',
    })
    expect((await collect(adapter)).error).toMatchObject({
      kind: 'server',
      message: 'Ollama answered 502: <h1>Bad Gateway</h1>',
    })
    expect(said).not.toHaveBeenCalled()
  })

  const begin = stream.split('\n').slice(0, 4).join('\n') + '\n'

  it.each([
    ['with its end', '\n'],
    ['without', ''],
  ])('passes on what came before an error in the same chunk: %s', async (_name, end) => {
    const { adapter } = await answered({ body: `${begin}{"error":"model runner stopped"}${end}` })
    const result = await collect(adapter)
    expect(shownText(result.events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
    expect(result.finish).toBeUndefined()
    expect(result.error).toMatchObject({
      kind: 'server',
      retryable: true,
      message: 'Ollama answered with an error: model runner stopped',
      partial: 'Ich prüfe das Wetter 🌦️.',
    })
  })

  it.each([['end'], ['reset']] as const)(
    'never takes a cut stream for an answer: %s',
    async (after) => {
      for (let at = 0; at < stream.length - 2; at += 43) {
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
    ['{"message":\n', 'application/x-ndjson'],
    ['null\n', 'application/x-ndjson'],
    ['{"message":{"tool_calls":[{}]}}\n', 'application/x-ndjson'],
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

  it('passes on what stands before nonsense in the same chunk', async () => {
    const { adapter } = await answered({ body: `${begin}{"message":\n` })
    const { events, error } = await collect(adapter)
    expect(shownText(events, 'text')).toBe('Ich prüfe das Wetter 🌦️.')
    expect(error).toMatchObject({ kind: 'protocol', partial: 'Ich prüfe das Wetter 🌦️.' })
  })

  it('takes an error that comes with 200 for what it is', async () => {
    const { adapter } = await answered(json({ error: 'unexpected EOF' }))
    expect((await collect(adapter)).error).toMatchObject({ kind: 'server', retryable: true })
  })

  it('says why nobody answered', async () => {
    const { error } = await collect(ollama({ baseURL: 'http://127.0.0.1:1' }))
    expect(error).toMatchObject({ kind: 'network', retryable: true })
    expect((error as Error).message).toMatch(/^The connection to Ollama failed: .+/)
  })
})

describe('leaving', () => {
  const begin = stream.split('\n').slice(0, 2).join('\n') + '\n'

  it('closes the connection of this call alone when it is cancelled in the middle', async () => {
    const { server, adapter } = await answered({ body: begin, after: 'hang' }, { body: stream })
    const aborter = new AbortController()
    const source = adapter.stream(request(), { signal: aborter.signal })[Symbol.asyncIterator]()
    expect((await source.next()).done).toBe(false)
    const next = source.next()
    const other = adapter.stream(request(), { signal: new AbortController().signal })
    const reader = other[Symbol.asyncIterator]()
    expect((await reader.next()).done).toBe(false)
    aborter.abort(new Error('enough'))
    await expect(next).rejects.toMatchObject({ kind: 'cancelled', retryable: false })
    await server.requests[0]?.closed()
    expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0)
    expect((await reader.next()).done).toBe(true)
  })

  it.each([
    ['the answer', { contextLength: 8192 }],
    ['what the model can', {}],
  ])('closes the connection when nothing had come yet of %s', async (_name, options) => {
    let arrived = (): void => {}
    const isThere = new Promise<void>((resolve) => (arrived = resolve))
    const server = await serve({ body: [], after: 'hang' })
    const adapter = ollama({
      ...options,
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
    const { adapter } = await answered({ body: stream }, errorAnswer(500, 'x'))
    await collect(adapter, request({ tools: [toolSpec('now')] }), signal)
    await collect(adapter, request(), signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('beside the stream', () => {
  const context = { signal: new AbortController().signal }

  it('lists models', async () => {
    const { server, adapter } = await answered(json({ models: [{ name: 'a:1b' }, {}] }))
    expect(await adapter.listModels?.(context)).toEqual([{ id: 'a:1b' }])
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/api/tags', body: '' })
  })

  it('fails as a stream does', async () => {
    const { adapter } = await answered(errorAnswer(401, 'unauthorized'), json({}))
    await expect(adapter.listModels?.(context)).rejects.toMatchObject({ kind: 'auth' })
    await expect(adapter.listModels?.(context)).rejects.toMatchObject({ kind: 'protocol' })
    await expect(adapter.listModels?.({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    })
  })
})
