import { getEventListeners } from 'node:events'
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { Agent } from '@harnext/core'
import { ConfigError, ProviderError } from '@harnext/core/provider'
import { MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { fromAiSdk } from '../src/index.ts'
import { answer, collect, finished, mock, request, sent, usage, user } from './collect.ts'

const text = (id: string, ...deltas: string[]): LanguageModelV4StreamPart[] => [
  { type: 'text-start', id },
  ...deltas.map((delta) => ({ type: 'text-delta', id, delta }) as const),
  { type: 'text-end', id },
]

describe('an answer of a model of the AI SDK', () => {
  it('becomes deltas, frozen parts and one finish', async () => {
    const adapter = fromAiSdk(
      mock([
        { type: 'stream-start', warnings: [] },
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
        { type: 'reasoning-end', id: 'r', providerMetadata: { acme: { signature: 's' } } },
        ...text('t', 'Hel', 'lo'),
        { type: 'tool-input-start', id: 'c', toolName: 'add' },
        { type: 'tool-input-delta', id: 'c', delta: '{"a":' },
        { type: 'tool-input-delta', id: 'c', delta: '2}' },
        { type: 'tool-input-end', id: 'c' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'add', input: '{"a":2}' },
        { type: 'source', sourceType: 'url', id: 's', url: 'https://a.example', title: 'A' },
        finished,
        // What comes after it is nobody's.
        ...text('late', 'x'),
      ]),
    )
    expect([adapter.id, adapter.api]).toEqual(['acme', 'ai-sdk:acme.chat'])
    const { events, parts, error } = await collect(adapter)
    const data = { acme: { signature: 's' } }
    const opaque = { by: 'ai-sdk:acme.chat', model: 'mock-model-id', data }
    expect(error).toBeUndefined()
    expect(events).toEqual([
      { type: 'thinking', text: 'Hm.', index: 0 },
      { type: 'part', part: { type: 'thinking', text: 'Hm.', opaque } },
      { type: 'text', text: 'Hel', index: 1 },
      { type: 'text', text: 'lo', index: 1 },
      { type: 'part', part: { type: 'text', text: 'Hello' } },
      { type: 'tool_input', id: 'c', tool: 'add', delta: '{"a":' },
      { type: 'tool_input', id: 'c', tool: 'add', delta: '2}' },
      { type: 'part', part: { type: 'tool_call', id: 'c', tool: 'add', args: { a: 2 } } },
      { type: 'part', part: { type: 'source', url: 'https://a.example', title: 'A' } },
      {
        type: 'finish',
        stopReason: 'tool_calls',
        rawStopReason: 'done',
        usage: {
          inputTokens: 10,
          outputTokens: 9,
          cacheReadTokens: 15,
          cacheWriteTokens: 5,
          reasoningTokens: 3,
          costUsd: null,
        },
      },
    ])
    expect(parts.every(Object.isFrozen)).toBe(true)
  })

  it('tells apart a call that was cut from one that makes no sense, and keeps the order', async () => {
    const chunks = (unified: 'length' | 'tool-calls'): LanguageModelV4StreamPart[] => [
      { type: 'tool-call', toolCallId: 'c', toolName: 'add', input: '{"a":' },
      ...text('t', 'after'),
      { type: 'tool-input-start', id: 'd', toolName: 'add' },
      { type: 'tool-input-delta', id: 'd', delta: '{"b"' },
      { type: 'finish', usage, finishReason: { unified, raw: unified } },
    ]
    const cut = await collect(fromAiSdk(mock(chunks('length'))))
    expect(cut.parts.map(({ type }) => type)).toEqual(['tool_call', 'text', 'tool_call'])
    expect(cut.parts[0]).toMatchObject({
      args: '{"a":',
      invalid: expect.stringContaining('not JSON'),
    })
    expect(cut.parts[2]).toMatchObject({ args: '{"b"', invalid: expect.stringContaining('cut') })
    expect(cut.finish?.stopReason).toBe('length')
    const odd = await collect(fromAiSdk(mock(chunks('tool-calls'))))
    expect(odd.parts[2]).toMatchObject({ invalid: expect.stringContaining('not JSON') })
    expect(odd.finish?.stopReason).toBe('tool_calls')
  })

  it.each([
    ['stop', undefined, 'stop'],
    ['tool-calls', undefined, 'stop'],
    ['content-filter', undefined, 'refused'],
    ['other', 'weird', 'other'],
    ['stop', 'pause_turn', 'pause'],
  ] as const)('ends with %s (%s) as %s', async (unified, raw, stopReason) => {
    const chunks: LanguageModelV4StreamPart[] = [
      ...text('t', 'x'),
      { type: 'finish', usage, finishReason: { unified, raw } },
    ]
    expect((await collect(fromAiSdk(mock(chunks)))).finish?.stopReason).toBe(stopReason)
  })

  const silent = (unified: 'interrupted' | 'other'): LanguageModelV4StreamPart[] => [
    { type: 'finish', usage, finishReason: { unified, raw: undefined } },
  ]
  it.each([
    ['no finish', []],
    ['an interrupted finish', silent('interrupted')],
    ['a finish that says nothing', silent('other')],
  ])('is cut when there is %s', async (_name, end) => {
    const { error, finish } = await collect(fromAiSdk(mock([...text('t', 'Half'), ...end])))
    expect(finish).toBeUndefined()
    expect(error).toMatchObject({ kind: 'stream_truncated', retryable: true, partial: 'Half' })
  })

  it('has no usage where the provider did not say', async () => {
    const none = {
      inputTokens: {
        total: undefined,
        noCache: undefined,
        cacheRead: undefined,
        cacheWrite: undefined,
      },
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    }
    const adapter = fromAiSdk(mock([...text('t', 'x'), { ...finished, usage: none }]))
    expect((await collect(adapter)).finish?.usage).toBeNull()
    const some = {
      ...none,
      inputTokens: { ...none.inputTokens, total: 9, cacheRead: 4 },
    }
    const told = await collect(fromAiSdk(mock([{ ...finished, usage: some }])))
    expect(told.finish?.usage).toMatchObject({ inputTokens: 5, cacheReadTokens: 4 })
  })
})

describe('opaque data', () => {
  const own = [
    { type: 'reasoning-start', id: 'r', providerMetadata: { acme: { redacted: 'abc' } } },
    { type: 'reasoning-end', id: 'r' },
    ...text('t', 'Found'),
    {
      type: 'tool-call',
      toolCallId: 's',
      toolName: 'web_search',
      input: '{"q":1}',
      providerExecuted: true,
      providerMetadata: { acme: { item: 'i' } },
    },
    {
      type: 'tool-result',
      toolCallId: 's',
      toolName: 'web_search',
      result: [0],
      preliminary: true,
    },
    { type: 'tool-result', toolCallId: 's', toolName: 'web_search', result: [1] },
    { type: 'file', mediaType: 'image/png', data: { type: 'data', data: Uint8Array.of(1, 2, 3) } },
    {
      type: 'file',
      mediaType: 'image/png',
      data: { type: 'url', url: new URL('https://a.example/x.png') },
    },
    { type: 'custom', kind: 'acme.thing', providerMetadata: { acme: { deep: [{ a: 1 }] } } },
    finished,
  ] satisfies LanguageModelV4StreamPart[]

  it('goes back as it came, through a log', async () => {
    const { parts } = await collect(fromAiSdk(mock(own)))
    const logged = JSON.parse(JSON.stringify(parts)) as typeof parts
    const model = mock([finished])
    const adapter = fromAiSdk(model)
    await collect(adapter, request({ messages: [user('Hi'), answer(logged), user('Go on')] }))
    expect(sent(model).prompt[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'reasoning', text: '', providerOptions: { acme: { redacted: 'abc' } } },
        { type: 'text', text: 'Found' },
        {
          type: 'tool-call',
          toolCallId: 's',
          toolName: 'web_search',
          input: { q: 1 },
          providerExecuted: true,
          providerOptions: { acme: { item: 'i' } },
        },
        {
          type: 'tool-result',
          toolCallId: 's',
          toolName: 'web_search',
          output: { type: 'json', value: [1] },
        },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AQID' } },
        {
          type: 'file',
          mediaType: 'image/png',
          data: { type: 'url', url: new URL('https://a.example/x.png') },
        },
        { type: 'custom', kind: 'acme.thing', providerOptions: { acme: { deep: [{ a: 1 }] } } },
      ],
    })
  })

  it('does not go to another provider', async () => {
    const model = mock([finished])
    const foreign = answer(
      [
        { type: 'thinking', text: 'secret', opaque: { by: 'acme', model: 'm', data: { s: 1 } } },
        { type: 'thinking', text: 'also' },
        { type: 'text', text: 'Hi', opaque: { by: 'acme', model: 'm', data: { s: 1 } } },
        { type: 'provider', opaque: { by: 'acme', model: 'm', data: { type: 'custom' } } },
      ],
      'acme',
    )
    await collect(fromAiSdk(model), request({ messages: [user('Hi'), foreign, user('Go on')] }))
    expect(sent(model).prompt[1]).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'Hi' }],
    })
  })
})

describe('a request', () => {
  it('has the options of the AI SDK', async () => {
    const model = mock([finished])
    const schema = { type: 'object', properties: { a: { type: 'number' } } }
    const given = request({
      system: 'Be brief.',
      maxOutputTokens: 100,
      effort: 'off',
      tools: [{ name: 'add', description: 'Adds', parameters: schema }],
      toolChoice: { tool: 'add' },
      output: { schema, name: 'sum' },
      params: {
        temperature: 0.5,
        providerOptions: { acme: { mode: 'x' } },
        tools: [{ type: 'provider', id: 'acme.search', name: 'search', args: {} }],
        frequency: 1,
      },
    })
    const before = JSON.stringify(given)
    const { events } = await collect(fromAiSdk(model), given)
    const { prompt, abortSignal, ...options } = sent(model)
    expect(prompt).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ])
    expect(abortSignal).toBeInstanceOf(AbortSignal)
    expect(options).toEqual({
      maxOutputTokens: 100,
      reasoning: 'none',
      tools: [
        { type: 'function', name: 'add', description: 'Adds', inputSchema: schema },
        { type: 'provider', id: 'acme.search', name: 'search', args: {} },
      ],
      toolChoice: { type: 'tool', toolName: 'add' },
      responseFormat: { type: 'json', schema, name: 'sum' },
      temperature: 0.5,
      providerOptions: { acme: { mode: 'x' } },
    })
    expect(events[0]).toMatchObject({ type: 'warning', code: 'param_unsupported' })
    expect(JSON.stringify(given)).toBe(before)
  })

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
  ] as const)('has the tool choice %s', async (toolChoice, expected) => {
    const model = mock([finished])
    const tools = [{ name: 'a', description: '', parameters: { type: 'object' } }]
    await collect(fromAiSdk(model), request({ toolChoice, tools }))
    expect(sent(model).toolChoice).toEqual(expected)
  })

  it('warns of what is not supported, behind the first sign of the answer', async () => {
    const model = mock([
      {
        type: 'stream-start',
        warnings: [
          { type: 'unsupported', feature: 'seed', details: 'no' },
          { type: 'compatibility', feature: 'x' },
          { type: 'deprecated', setting: 'y', message: 'use z' },
          { type: 'other', message: 'hm' },
        ],
      },
      ...text('t', 'x'),
      { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' },
      finished,
    ])
    const given = request({ model: 'another', toolChoice: 'required' })
    const { signal } = new AbortController()
    const { events } = await collect(fromAiSdk(model), given, { signal, fetch })
    const codes = events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
    expect(codes).toEqual([
      'model_fixed',
      'fetch_unsupported',
      'tool_choice_unsupported',
      'unsupported',
      'compatibility',
      'deprecated',
      'other',
      'approval_unsupported',
    ])
  })

  it('holds images and files, and says where the provider does not take them', async () => {
    const model = mock([finished], { 'image/*': [/^https:\/\/a\.example\//] })
    const content = [
      { type: 'image', mediaType: 'image/png', data: 'AQID' },
      { type: 'image', url: 'https://a.example/x.png' },
      { type: 'image', url: 'https://b.example/x.png' },
      { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'AQID' },
    ] as const
    const { events } = await collect(
      fromAiSdk(model),
      request({
        messages: [
          { role: 'user', content },
          answer([{ type: 'tool_call', id: 'c', tool: 'look', args: {} }]),
          { role: 'tool', id: 'c', tool: 'look', status: 'ok', content: content.slice(0, 1) },
        ],
      }),
    )
    const data = { type: 'data', data: 'AQID' }
    expect(sent(model).prompt[0]?.content).toEqual([
      { type: 'file', mediaType: 'image/png', data },
      {
        type: 'file',
        mediaType: 'image/*',
        data: { type: 'url', url: new URL('https://a.example/x.png') },
      },
      { type: 'text', text: '[image (https://b.example/x.png) omitted]' },
      { type: 'file', mediaType: 'application/pdf', filename: 'a.pdf', data },
    ])
    expect(sent(model).prompt[2]?.content).toMatchObject([
      { output: { type: 'content', value: [{ type: 'file', mediaType: 'image/png', data }] } },
    ])
    expect(events[0]).toMatchObject({ type: 'warning', code: 'unsupported_part' })
  })

  it('has one result for each call, in call order, behind its call', async () => {
    const model = mock([finished])
    const call = (id: string) => ({ type: 'tool_call', id, tool: 'add', args: {} }) as const
    const result = (id: string, status: 'ok' | 'error' | 'denied') =>
      ({
        role: 'tool',
        id,
        tool: 'add',
        status,
        content: [{ type: 'text', text: `${id}!` }],
      }) as const
    await collect(
      fromAiSdk(model),
      request({
        messages: [
          user('a'),
          answer([call('1'), call('2'), call('3'), call('4')]),
          result('3', 'denied'),
          user('b'),
          result('1', 'ok'),
          result('2', 'error'),
          result('none', 'ok'),
          answer([{ type: 'thinking', text: 'cut' }]),
          user('c'),
        ],
      }),
    )
    const { prompt } = sent(model)
    expect(prompt.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user', 'user'])
    const outputs = prompt[2]?.content as { toolCallId: string; output: unknown }[]
    expect(outputs.map(({ toolCallId, output }) => [toolCallId, output])).toEqual([
      ['1', { type: 'text', value: '1!' }],
      ['2', { type: 'error-text', value: '2!' }],
      ['3', { type: 'execution-denied', reason: '3!' }],
      ['4', { type: 'error-text', value: expect.stringContaining('no result') }],
    ])
  })
})

it('takes results for those of their own turn, also where ids are used again', async () => {
  const model = mock([finished])
  const turn = answer([{ type: 'tool_call', id: '1', tool: 'add', args: {} }])
  const content = [{ type: 'text', text: 'second' }] as const
  const result = { role: 'tool', id: '1', tool: 'add', status: 'ok', content } as const
  await collect(fromAiSdk(model), request({ messages: [user('a'), turn, user('b'), turn, result] }))
  const outputs = sent(model).prompt.flatMap((message) =>
    message.role === 'tool' ? message.content : [],
  )
  expect(outputs).toMatchObject([
    { output: { type: 'error-text' } },
    { output: { type: 'text', value: 'second' } },
  ])
})

it('sends ids that every provider takes, once each, and its own as they are', async () => {
  const model = mock([finished])
  const call = (id: string) => ({ type: 'tool_call', id, tool: 'add', args: {} }) as const
  const messages = [
    user('a'),
    answer([call('own.1'), call('x')]),
    answer([call('their.1'), call('x'), call(''), call('y'.repeat(70))], 'other'),
  ]
  await collect(fromAiSdk(model), request({ messages }))
  const { prompt } = sent(model)
  const idsOf = (role: 'assistant' | 'tool') =>
    prompt.flatMap((message) =>
      message.role === role
        ? message.content.flatMap((part) => ('toolCallId' in part ? [part.toolCallId] : []))
        : [],
    )
  expect(idsOf('assistant')).toEqual(['own.1', 'x', 'their_1', 'x_2', 'call', 'y'.repeat(56)])
  expect(idsOf('tool')).toEqual(idsOf('assistant'))
})

it('leaves out blank texts, and mends halves of characters, but no bytes of files', async () => {
  const model = mock([finished])
  const data = { type: 'file', mediaType: 'a/b', data: 'AQID' } as const
  const content = [
    { type: 'text', text: ' ' },
    { type: 'text', text: 'half \ud83d' },
    data,
  ] as const
  const args = { deep: ['\udc00'] }
  const messages = [
    { role: 'user', content },
    user('\n'),
    answer([
      { type: 'text', text: '' },
      { type: 'tool_call', id: '1', tool: 'add', args },
    ]),
  ] as const
  await collect(fromAiSdk(model), request({ messages }))
  expect(sent(model).prompt.slice(0, 2)).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'half \ufffd' },
        { type: 'file', mediaType: 'a/b', data: { type: 'data', data: 'AQID' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'tool-call', toolCallId: '1', toolName: 'add', input: { deep: ['\ufffd'] } },
      ],
    },
  ])
  expect(args.deep).toEqual(['\udc00'])
})

describe('cancelling', () => {
  it('ends a model that does not listen, and its request', async () => {
    let given: AbortSignal | undefined
    const model = new MockLanguageModelV4({
      doStream: ({ abortSignal }) => {
        given = abortSignal
        return Promise.withResolvers<never>().promise
      },
    })
    const aborter = new AbortController()
    const reading = collect(fromAiSdk(model), request(), { signal: aborter.signal })
    await expect.poll(() => given).toBeDefined()
    aborter.abort()
    expect((await reading).error).toMatchObject({ kind: 'cancelled' })
    expect(given?.aborted).toBe(true)
    expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0)
  })

  it('ends a stream in its middle, with what was said', async () => {
    const aborter = new AbortController()
    let cancelled = false
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      start(controller) {
        for (const part of text('t', 'Half').slice(0, 2)) controller.enqueue(part)
      },
      cancel() {
        cancelled = true
      },
    })
    const model = new MockLanguageModelV4({ doStream: { stream } })
    const answering = fromAiSdk(model).stream(request(), { signal: aborter.signal })
    const iterator = answering[Symbol.asyncIterator]()
    await iterator.next()
    const next = iterator.next()
    aborter.abort()
    await expect(next).rejects.toMatchObject({ kind: 'cancelled', partial: 'Half' })
    expect(cancelled).toBe(true)
  })
})

it('refuses what is no model of this version', () => {
  expect(() => fromAiSdk('openai/gpt-5' as never)).toThrow(ConfigError)
  expect(() => fromAiSdk({ specificationVersion: 'v3' } as never)).toThrow(/v4.*v3/)
})

it('says what the model takes, where somebody knows', () => {
  const adapter = fromAiSdk(mock([]), { id: 'x', capabilities: { maxOutputTokens: 4096 } })
  expect([adapter.id, adapter.capabilities?.('any')]).toEqual(['x', { maxOutputTokens: 4096 }])
})

it('leaves nothing on the signal of the run', async () => {
  const { signal } = new AbortController()
  const { error } = await collect(fromAiSdk(mock([finished])), request(), { signal })
  expect([error, getEventListeners(signal, 'abort').length]).toEqual([undefined, 0])
})

it('runs in an agent', async () => {
  const model = mock([...text('t', 'Hi.'), finished])
  const agent = new Agent({ name: 'helper', adapter: fromAiSdk(model), model: model.modelId })
  const result = await agent.run([], 'Hello').result
  expect(result).toMatchObject({ text: 'Hi.', stopReason: 'complete' })
  expect(result.usage.totalTokens).toBe(39)
  expect(result.error).not.toBeInstanceOf(ProviderError)
})
