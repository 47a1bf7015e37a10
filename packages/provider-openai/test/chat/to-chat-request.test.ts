import type { Json, ModelRequest, ToolSpec } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import type { ChatFlags } from '../../src/chat/chat-flags.ts'
import { chatWriter } from '../../src/chat/to-chat-request.ts'
import { request } from '../collect.ts'
import { bodyText } from '../text-writer.ts'

const tool = (name: string): ToolSpec => ({
  name,
  description: `Does ${name}`,
  parameters: { type: 'object', properties: {} },
})
const wireTool = (name: string) => ({ type: 'function', function: tool(name) })
const write = (given: Partial<ModelRequest>, flags: ChatFlags) =>
  chatWriter('Vendor', 'vendor.chat', flags)(request(given))
const written = (given: Partial<ModelRequest> = {}, flags: ChatFlags = {}): Record<string, Json> =>
  JSON.parse(bodyText(write(given, flags)))
const warningsOf = (given: Partial<ModelRequest>, flags: ChatFlags = {}): string[] =>
  write(given, flags).warnings.map(({ code }) => code)

describe('the body', () => {
  it('says what is asked for, and ends with the messages', () => {
    const given = {
      system: 'Be brief.',
      tools: [tool('a'), tool('b')],
      maxOutputTokens: 100,
      cacheKey: 'k',
    }
    const body = written(given)
    expect(body).toEqual({
      model: 'gpt-5.4',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 100,
      tools: [wireTool('a'), wireTool('b')],
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    })
    expect(Object.keys(body).at(-1)).toBe('messages')
    const flags = {
      maxTokensField: 'max_completion_tokens',
      strict: true,
      cacheKey: true,
      streamUsage: false,
    } as const
    const differing = written(given, flags)
    expect(differing).toMatchObject({ max_completion_tokens: 100, prompt_cache_key: 'k' })
    expect(differing['tools']).toMatchObject([{ function: { strict: false } }, {}])
    expect(differing).not.toHaveProperty('stream_options')
    expect(differing).not.toHaveProperty('max_tokens')
  })

  it('leaves out what there is not', () => {
    expect(Object.keys(written({ system: ' ', tools: [], messages: [] }))).toEqual([
      'model',
      'stream',
      'stream_options',
      'messages',
    ])
    expect(written({ messages: [] })['messages']).toEqual([])
  })

  it('keeps the messages a prefix when the history grows', () => {
    const writer = chatWriter('Vendor', 'vendor.chat', {})
    const messages = [...request().messages]
    const first = bodyText(writer(request({ messages, system: 's' })))
    messages.push(...request().messages)
    const second = bodyText(writer(request({ messages, system: 's' })))
    expect(second.startsWith(first.slice(0, -2))).toBe(true)
  })

  it.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'required'],
    [{ tool: 'a' }, { type: 'function', function: { name: 'a' } }],
  ] as const)('maps the tool choice %o', (toolChoice, expected) => {
    expect(written({ tools: [tool('a')], toolChoice })['tool_choice']).toEqual(expected)
  })

  it('warns where a choice has nothing to choose from, or cannot be made', () => {
    expect(written({ toolChoice: 'required' })).not.toHaveProperty('tool_choice')
    expect(warningsOf({ toolChoice: 'required' })).toEqual(['tool_choice_unsupported'])
    const named = { tools: [tool('a')], toolChoice: { tool: 'a' } }
    expect(written(named, { namedToolChoice: false })['tool_choice']).toBe('required')
    expect(warningsOf(named, { namedToolChoice: false })).toEqual(['tool_choice_unsupported'])
    expect(warningsOf(named)).toEqual([])
  })

  it('asks for a schema, or for JSON with the schema in words', () => {
    const output = { schema: { type: 'object' }, name: 'x' }
    expect(written({ output })['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'x', schema: { type: 'object' }, strict: false },
    })
    const body = written({ output, system: 's' }, { structuredOutput: 'json_object' })
    expect(body['response_format']).toEqual({ type: 'json_object' })
    expect(body['messages']).toMatchObject([
      { content: 's\n\nAnswer with JSON that fits this JSON Schema:\n{"type":"object"}' },
      {},
    ])
  })

  it('asks for a cache where a model needs to be asked', () => {
    const flags = { cacheControl: /^anthropic\// }
    expect(written({ model: 'anthropic/claude' }, flags)).toMatchObject({
      cache_control: { type: 'ephemeral' },
    })
    expect(written({ model: 'openai/gpt' }, flags)).not.toHaveProperty('cache_control')
  })
})

describe('effort', () => {
  it('is one of three levels where nothing else is known', () => {
    const sent = (effort: ModelRequest['effort']) =>
      written({ effort } as ModelRequest)['reasoning_effort']
    expect(
      ['off', 'minimal', 'low', 'medium', 'high', 'max'].map((one) => sent(one as never)),
    ).toEqual(['low', 'low', 'low', 'medium', 'high', 'high'])
    expect(warningsOf({ effort: 'off' })).toEqual(['effort_unsupported'])
    expect(written()).not.toHaveProperty('reasoning_effort')
  })

  it('stands in the fields of the server', () => {
    const effort = {
      levels: (model: string) => (model === 'plain' ? [] : (['none', 'high'] as const)),
      toFields: (level: string) => ({ thinking: { level } }),
    }
    expect(written({ effort: 'off' }, { effort })['thinking']).toEqual({ level: 'none' })
    expect(written({ effort: 'low' }, { effort })['thinking']).toEqual({ level: 'high' })
    expect(written({ effort: 'low', model: 'plain' }, { effort })).not.toHaveProperty('thinking')
    expect(warningsOf({ effort: 'low', model: 'plain' }, { effort })).toEqual([
      'effort_unsupported',
    ])
  })
})

describe('params', () => {
  it('go into the body as they are and win', () => {
    const params = { temperature: 0.5, max_tokens: 7, seed: 1 }
    expect(written({ params, maxOutputTokens: 9 })).toMatchObject(params)
  })

  it('add tools and fields of stream_options', () => {
    const search = { type: 'openrouter:web_search' }
    const body = written({
      tools: [tool('a')],
      params: { tools: [search], stream_options: { include_obfuscation: false } },
    })
    expect(body['tools']).toEqual([wireTool('a'), search])
    expect(body['stream_options']).toEqual({ include_usage: true, include_obfuscation: false })
    const flags = { streamUsage: false }
    expect(written({ params: { stream_options: { a: 1 } } }, flags)['stream_options']).toEqual({
      a: 1,
    })
  })

  it('cannot replace the messages', () => {
    expect(written({ params: { messages: [] } })['messages']).toHaveLength(1)
    expect(warningsOf({ params: { messages: [] } })).toEqual(['param_unsupported'])
  })
})
