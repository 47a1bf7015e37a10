import type { Json, ModelRequest, ToolSpec } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { requestWriter } from '../src/to-anthropic-request.ts'
import { request, user } from './collect.ts'
import { bodyText } from './text-writer.ts'

const tool = (name: string): ToolSpec => ({
  name,
  description: `Does ${name}`,
  parameters: { type: 'object', properties: {} },
})
const written = (given: Partial<ModelRequest> = {}): Record<string, Json> =>
  JSON.parse(bodyText(requestWriter().write(request(given))))
const warningsOf = (given: Partial<ModelRequest>): string[] =>
  requestWriter()
    .write(request(given))
    .warnings.map(({ code }) => code)
const cached = { cache_control: { type: 'ephemeral' } }

describe('the body', () => {
  it('says what is asked for, with breakpoints on the last tool, the system prompt and the last user block', () => {
    expect(written({ system: 'Be brief.', tools: [tool('a'), tool('b')] })).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 32_000,
      stream: true,
      system: [{ type: 'text', text: 'Be brief.', ...cached }],
      tools: [
        { name: 'a', description: 'Does a', input_schema: tool('a').parameters },
        { name: 'b', description: 'Does b', input_schema: tool('b').parameters, ...cached },
      ],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello', ...cached }] }],
    })
  })

  it('leaves out what there is not', () => {
    expect(Object.keys(written({ system: ' ', tools: [] })).toSorted()).toEqual([
      'max_tokens',
      'messages',
      'model',
      'stream',
    ])
  })

  it('does not change the request, and is the same each time', () => {
    const given = Object.freeze(
      request({ tools: [tool('a')], params: { metadata: { user_id: 'u' } } }),
    )
    const before = JSON.stringify(given)
    const writer = requestWriter()
    expect(bodyText(writer.write(given))).toBe(bodyText(writer.write(given)))
    expect(JSON.stringify(given)).toBe(before)
  })

  it('asks for as many tokens as wanted, else for the smaller of the model’s limit and 32,000', () => {
    expect(written({ maxOutputTokens: 64_000 })['max_tokens']).toBe(64_000)
    expect(written({ model: 'claude-haiku-4-5' })['max_tokens']).toBe(32_000)
    expect(written({ model: 'never-seen' })['max_tokens']).toBe(32_000)
  })

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [{ tool: 'a' }, { type: 'tool', name: 'a' }],
  ] as const)('maps the tool choice %o', (toolChoice, expected) => {
    expect(written({ tools: [tool('a')], toolChoice })['tool_choice']).toEqual(expected)
  })

  it('warns when a choice has nothing to choose from', () => {
    expect(written({ toolChoice: 'required' })).not.toHaveProperty('tool_choice')
    expect(warningsOf({ toolChoice: 'required' })).toEqual(['tool_choice_unsupported'])
    expect(warningsOf({ toolChoice: 'auto' })).toEqual([])
  })

  it('asks for a schema, whose objects it closes', () => {
    const schema = {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', properties: {} } },
        default: { type: 'object', additionalProperties: true },
      },
      $defs: { x: { anyOf: [{ type: 'object' }, { const: { type: 'object' } }] } },
    }
    expect(written({ output: { schema } })['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: {
            list: {
              type: 'array',
              items: { type: 'object', properties: {}, additionalProperties: false },
            },
            default: { type: 'object', additionalProperties: true },
          },
          $defs: {
            x: {
              anyOf: [
                { type: 'object', additionalProperties: false },
                { const: { type: 'object' } },
              ],
            },
          },
        },
      },
    })
  })
})

describe('effort', () => {
  const effort = (
    model: string,
    level: ModelRequest['effort'],
    more: Partial<ModelRequest> = {},
  ) => {
    const { thinking, output_config: config } = written({
      model,
      effort: level,
      ...more,
    } as ModelRequest)
    return { thinking, config }
  }
  const adaptive = { type: 'adaptive', display: 'summarized' }

  it('is left to the model when it is not given', () => {
    for (const model of ['claude-sonnet-5-5', 'claude-haiku-4-5', 'never-seen'])
      expect(written({ model })).not.toHaveProperty('thinking')
  })

  it.each([
    ['minimal', 'low'],
    ['low', 'low'],
    ['medium', 'medium'],
    ['high', 'high'],
    ['max', 'max'],
  ] as const)('of a model that adapts: %s', (level, sent) => {
    for (const model of ['claude-sonnet-5-5', 'claude-opus-4-6', 'never-seen'])
      expect(effort(model, level)).toEqual({ thinking: adaptive, config: { effort: sent } })
  })

  it.each([
    ['minimal', 1024],
    ['low', 4096],
    ['medium', 10_240],
    ['high', 20_480],
    ['max', 30_976],
  ] as const)('of a model with a budget: %s', (level, budget) => {
    expect(effort('claude-sonnet-4-5-20250929', level)).toEqual({
      thinking: { type: 'enabled', budget_tokens: budget },
    })
  })

  it('off switches thinking off where that is possible, and says so where it is not', () => {
    expect(effort('claude-sonnet-5', 'off').thinking).toEqual({ type: 'disabled' })
    expect(effort('claude-haiku-4-5', 'off').thinking).toBeUndefined()
    expect(effort('claude-sonnet-5-5', 'off')).toEqual({
      thinking: adaptive,
      config: { effort: 'low' },
    })
    expect(warningsOf({ model: 'claude-sonnet-5-5', effort: 'off' })).toEqual([
      'effort_unsupported',
    ])
    expect(warningsOf({ model: 'claude-sonnet-5', effort: 'off' })).toEqual([])
  })

  it('keeps a budget below the limit, and warns where there is no room for one', () => {
    expect(effort('claude-haiku-4-5', 'high', { maxOutputTokens: 4096 }).thinking).toEqual({
      type: 'enabled',
      budget_tokens: 3072,
    })
    const small = { model: 'claude-haiku-4-5', effort: 'high', maxOutputTokens: 2000 } as const
    expect(written(small)).not.toHaveProperty('thinking')
    expect(warningsOf(small)).toEqual(['effort_unsupported'])
  })

  it('does not think with a budget when a tool is forced', () => {
    const forced = { tools: [tool('a')], toolChoice: 'required', effort: 'high' } as const
    expect(written({ model: 'claude-haiku-4-5', ...forced })).not.toHaveProperty('thinking')
    expect(warningsOf({ model: 'claude-haiku-4-5', ...forced })).toEqual(['effort_unsupported'])
    expect(written({ model: 'claude-opus-4-6', ...forced })).toHaveProperty('thinking')
  })
})

describe('params', () => {
  it('go into the body as they are and win', () => {
    const params = {
      temperature: 0.5,
      max_tokens: 7,
      thinking: { type: 'between_tools' },
      metadata: { user_id: 'u' },
    }
    expect(written({ params, effort: 'high' })).toMatchObject(params)
  })

  it('add tools behind the breakpoint, and fields to output_config', () => {
    const search = { type: 'web_search_20260318', name: 'web_search' }
    const body = written({
      tools: [tool('a')],
      effort: 'low',
      params: { tools: [search], output_config: { effort: 'xhigh' } },
      output: { schema: { type: 'string' } },
    })
    expect(body['tools']).toEqual([
      { name: 'a', description: 'Does a', input_schema: tool('a').parameters, ...cached },
      search,
    ])
    expect(body['output_config']).toEqual({
      effort: 'xhigh',
      format: { type: 'json_schema', schema: { type: 'string' } },
    })
    expect(written({ params: { tools: [search] } })['tools']).toEqual([search])
  })

  it('with a cache_control of their own leave no other breakpoint', () => {
    const body = requestWriter().write(
      request({
        system: 's',
        tools: [tool('a')],
        params: { cache_control: { type: 'ephemeral', ttl: '1h' } },
      }),
    )
    expect(bodyText(body).match(/cache_control/g)).toHaveLength(1)
  })

  it('cannot replace the messages', () => {
    expect(written({ params: { messages: [] } })['messages']).toHaveLength(1)
    expect(warningsOf({ params: { messages: [] } })).toEqual(['param_unsupported'])
  })
})

describe('counting', () => {
  it('leaves out what is about the answer', () => {
    const body = JSON.parse(
      bodyText(
        requestWriter().writeForCount(
          request({
            messages: [user('x')],
            system: 's',
            params: { temperature: 1, thinking: { type: 'disabled' } },
          }),
        ),
      ),
    )
    expect(Object.keys(body).toSorted()).toEqual(['messages', 'model', 'system', 'thinking'])
  })
})
