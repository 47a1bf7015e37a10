import {
  AuthenticationError,
  ConfigError,
  type Effort,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import {
  deepseek,
  groq,
  llamacpp,
  mistral,
  openaiCompatible,
  openrouter,
  vllm,
  xai,
  type OpenAIOptions,
} from '../src/index.ts'
import { collect, request, toMessage, user } from './collect.ts'
import { done, serve, sse } from './loopback.ts'
import type { Loose } from './shared.ts'

const answer = sse([{ choices: [{ delta: { content: 'x' }, finish_reason: 'stop' }] }], done)

/** Where a request goes and what is in it; nothing is sent. */
async function sentBy(
  preset: (options: OpenAIOptions) => ProviderAdapter,
  given: Partial<ModelRequest> = {},
): Promise<{ readonly url: string; readonly body: Loose; readonly events: readonly object[] }> {
  let url = ''
  let body = ''
  const send: typeof fetch = (address, init) => {
    url = address as string
    body = new TextDecoder().decode(init?.body as Uint8Array)
    return Promise.resolve(
      new Response(answer, { headers: { 'content-type': 'text/event-stream' } }),
    )
  }
  const { error, events } = await collect(preset({ apiKey: 'key', fetch: send }), request(given))
  expect(error).toBeUndefined()
  return { url, body: JSON.parse(body), events }
}

const presets = [
  ['openrouter', openrouter, 'https://openrouter.ai/api/v1', true],
  ['groq', groq, 'https://api.groq.com/openai/v1', true],
  ['deepseek', deepseek, 'https://api.deepseek.com', true],
  ['xai', xai, 'https://api.x.ai/v1', true],
  ['mistral', mistral, 'https://api.mistral.ai/v1', true],
  ['llamacpp', llamacpp, 'http://127.0.0.1:8080/v1', false],
  ['vllm', vllm, 'http://127.0.0.1:8000/v1', false],
] as const

describe.each(presets)('%s', (id, preset, address, needsKey) => {
  it('has a name, an address and opaque data of its own', async () => {
    expect(preset({})).toMatchObject({ id, api: `${id}.chat` })
    expect((await sentBy(preset)).url).toBe(`${address}/chat/completions`)
  })

  it('needs a key or not', async () => {
    const { url, requests } = await serve({ body: answer })
    const { error } = await collect(preset({ baseURL: url }))
    if (needsKey) {
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(requests).toHaveLength(0)
    } else {
      expect(error).toBeUndefined()
      expect(requests[0]?.headers).not.toHaveProperty('authorization')
    }
  })

  it('takes another address', async () => {
    const { url, requests } = await serve({ body: answer })
    expect((await collect(preset({ apiKey: 'key', baseURL: `${url}/v9/` }))).error).toBeUndefined()
    expect(requests[0]?.path).toBe('/v9/chat/completions')
  })
})

describe('how much to think', () => {
  const enabled = (reasoning_effort: string) => ({
    chat_template_kwargs: { enable_thinking: true, reasoning_effort },
  })
  const off = { chat_template_kwargs: { enable_thinking: false } }
  const high = { thinking: { type: 'enabled' }, reasoning_effort: 'high' }
  it.each([
    [openrouter, 'off', { reasoning: { effort: 'none' } }],
    [openrouter, 'minimal', { reasoning: { effort: 'minimal' } }],
    [openrouter, 'max', { reasoning: { effort: 'xhigh' } }],
    [groq, 'high', { reasoning_effort: 'high' }],
    [deepseek, 'off', { thinking: { type: 'disabled' } }],
    [deepseek, 'medium', high],
    [deepseek, 'max', { ...high, reasoning_effort: 'max' }],
    [xai, 'off', { reasoning_effort: 'none' }],
    [xai, 'max', { reasoning_effort: 'high' }],
    [mistral, 'off', { reasoning_effort: 'none' }],
    [mistral, 'low', { reasoning_effort: 'high' }],
    [llamacpp, 'off', off],
    [llamacpp, 'medium', enabled('medium')],
    [vllm, 'off', off],
    [vllm, 'max', enabled('high')],
  ] as const)('%o %s', async (preset, effort: Effort, expected) => {
    const { body, events } = await sentBy(preset, { effort })
    expect(body).toMatchObject(expected)
    expect(events.filter((event) => 'code' in event)).toEqual([])
    expect((await sentBy(preset)).body).not.toMatchObject(expected)
  })

  it('Groq’s models cannot stop', async () => {
    const { body, events } = await sentBy(groq, { effort: 'off' })
    expect(body).toMatchObject({ reasoning_effort: 'low' })
    expect(events[0]).toMatchObject({ type: 'warning', code: 'effort_unsupported' })
  })
})

describe('what is special', () => {
  const other = {
    role: 'assistant',
    content: [{ type: 'text', text: 'x' }],
    provider: 'p',
    api: 'other',
    model: 'm',
    stopReason: 'stop',
  } as const
  const image = { type: 'image', mediaType: 'image/png', data: 'QQ==' } as const
  const picture = { messages: [{ role: 'user', content: [image] } as const] }
  const schema = { output: { schema: { type: 'object' } } }
  const forced = {
    tools: [{ name: 'a', description: '', parameters: { type: 'object' } }],
    toolChoice: { tool: 'a' },
  }

  it('OpenRouter keeps the prefix of Anthropic’s models when it is asked', async () => {
    const cached = { cache_control: { type: 'ephemeral' } }
    expect((await sentBy(openrouter, { model: 'anthropic/claude-haiku-4.5' })).body).toMatchObject(
      cached,
    )
    expect((await sentBy(openrouter, { model: 'openai/gpt-5' })).body).not.toMatchObject(cached)
  })

  it('DeepSeek sees no pictures and knows no schemas', async () => {
    expect(deepseek().capabilities?.('any')).toEqual({ images: false, structuredOutput: false })
    expect(openrouter().capabilities?.('any')).toEqual({})
    const { body, events } = await sentBy(deepseek, { ...picture, ...schema })
    expect(body['response_format']).toEqual({ type: 'json_object' })
    expect(JSON.stringify(body['messages'])).not.toContain('image_url')
    expect(events[0]).toMatchObject({ type: 'warning', code: 'unsupported_part' })
  })

  it('Mistral takes ids of nine letters, and no field that it does not know', async () => {
    const ids = ['toolu_1', 'abcDEF123', 'toolu_1', 'call_1']
    const call = (id: string) => ({ type: 'tool_call', id, tool: 'a', args: {} }) as const
    const message = { ...other, content: ids.map(call) }
    const results = ids.map(
      (id) => ({ role: 'tool', id, tool: 'a', status: 'ok', content: [] }) as const,
    )
    const { body } = await sentBy(mistral, { messages: [user('q'), message, ...results] })
    expect(body).not.toHaveProperty('stream_options')
    const [, answered, ...sent] = body['messages'] as Loose[]
    const sentIds = (answered?.['tool_calls'] as Loose[] | undefined)?.map(({ id }) => id) ?? []
    expect(sent.map((item) => item['tool_call_id'])).toEqual(sentIds)
    expect(new Set(sentIds).size).toBe(4)
    expect(sentIds[1]).toBe('abcDEF123')
    for (const id of sentIds) expect(id).toMatch(/^[A-Za-z0-9]{9}$/)
  })

  it('llama.cpp is told to call some tool', async () => {
    expect((await sentBy(llamacpp, forced)).body['tool_choice']).toBe('required')
    expect((await sentBy(vllm, forced)).body['tool_choice']).toMatchObject({ type: 'function' })
  })

  it.each([
    [deepseek, 'reasoning_content', true],
    [xai, 'reasoning_content', true],
    [vllm, 'reasoning', true],
    [llamacpp, 'reasoning_content', true],
    [groq, 'reasoning', false],
  ] as const)('%o wants the thinking back: %s %s', async (preset, field, isWanted) => {
    const thought = sse([{ choices: [{ delta: { [field]: 'hm', content: 'x' } }] }], done)
    const { url, requests } = await serve({ body: thought })
    const adapter = preset({ apiKey: 'key', baseURL: url })
    const message = toMessage(await collect(adapter), adapter, 'm')
    await collect(adapter, request({ messages: [user('q'), message, user('go')] }))
    const [, sent] = JSON.parse(requests[1]?.body ?? '').messages
    expect(sent).toEqual({ role: 'assistant', content: 'x', ...(isWanted && { [field]: 'hm' }) })
  })

  it('DeepSeek gets an empty thought with what another vendor answered', async () => {
    const { body } = await sentBy(deepseek, { messages: [user('q'), other, user('go')] })
    expect((body['messages'] as Loose[])[1]).toEqual({
      role: 'assistant',
      content: 'x',
      reasoning_content: '',
    })
  })
})

describe('any other server', () => {
  it('is reached by its id and address, under its name', async () => {
    const server = await serve({ status: 500, body: '{}' })
    const adapter = openaiCompatible({ id: 'mine', baseURL: server.url })
    expect(adapter).toMatchObject({ id: 'mine', api: 'mine.chat' })
    expect((await collect(adapter)).error).toMatchObject({
      message: expect.stringMatching(/^mine answered 500/),
    })
    const named = openaiCompatible({ id: 'mine', name: 'My server', baseURL: server.url })
    expect((await collect(named)).error).toMatchObject({
      message: expect.stringMatching(/^My server answered 500/),
    })
  })

  it('differs by its flags', async () => {
    const { body } = await sentBy(
      (options) =>
        openaiCompatible({
          ...options,
          id: 'x',
          baseURL: 'http://127.0.0.1:1',
          flags: { maxTokensField: 'max_completion_tokens', streamUsage: false },
        }),
      { maxOutputTokens: 5 },
    )
    expect(body).toMatchObject({ max_completion_tokens: 5 })
    expect(body).not.toHaveProperty('stream_options')
  })

  it('needs an id and an address', () => {
    expect(() => openaiCompatible({ id: ' ', baseURL: 'http://127.0.0.1:1' })).toThrow(ConfigError)
    expect(() => openaiCompatible({ id: 'x', baseURL: 'nowhere' })).toThrow(ConfigError)
  })

  it('gets ids for its calls where it gives none, others for each answer', async () => {
    const call = { function: { name: 'add', arguments: { x: 1 } } }
    const body = sse(
      [{ choices: [{ delta: { tool_calls: [call, call] }, finish_reason: 'stop' }] }],
      done,
    )
    const server = await serve({ body })
    const adapter = openaiCompatible({ id: 'x', baseURL: server.url })
    const answers = [await collect(adapter), await collect(adapter)]
    const ids = answers.flatMap(({ parts }) =>
      parts.map((part) => (part.type === 'tool_call' ? part.id : '')),
    )
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^call_[\da-f]{24}$/)
  })
})
